// Reductions of float32: along contiguous rows with four vector accumulators, or down the columns of a block of rows.
#include "kernels/reduce.h"

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

struct Sum {
  static constexpr float identity = 0;
  CC_INLINE Vec from(Vec x) { return x; }
  CC_INLINE Vec join(Vec a, Vec b) { return a + b; }
};
struct SumOfSquares : Sum {
  CC_INLINE Vec from(Vec x) { return x * x; }
};
struct Max {
  static constexpr float identity = -f_inf;
  CC_INLINE Vec from(Vec x) { return x; }
  CC_INLINE Vec join(Vec a, Vec b) { return vmax(a, b); }
};
struct Min {
  static constexpr float identity = f_inf;
  CC_INLINE Vec from(Vec x) { return x; }
  CC_INLINE Vec join(Vec a, Vec b) { return vmin(a, b); }
};
struct Product {
  static constexpr float identity = 1;
  CC_INLINE Vec from(Vec x) { return x; }
  CC_INLINE Vec join(Vec a, Vec b) { return a * b; }
};

// The first n lanes of what p points to, identities behind.
template <class Op>
CC_INLINE Vec from_first(const float* p, int n) {
  return select(first_lanes(n), Op::from(load_first(p, n)), set1(Op::identity));
}

CC_INLINE Vec finish(const ReduceArgs& a, Vec v) {
  if (a.root) return vsqrt(v);
  return a.divisor == 1 ? v : v / a.divisor;
}

template <class Op>
float reduce_row(const float* x, std::int64_t n) {
  Vec sums[4] = {set1(Op::identity), set1(Op::identity), set1(Op::identity), set1(Op::identity)};
  std::int64_t i = 0;
  for (; i + 4 * vl <= n; i += 4 * vl)
    for (int u = 0; u < 4; ++u) sums[u] = Op::join(sums[u], Op::from(load(x + i + u * vl)));
  for (; i + vl <= n; i += vl) sums[0] = Op::join(sums[0], Op::from(load(x + i)));
  if (i < n) sums[1] = Op::join(sums[1], from_first<Op>(x + i, static_cast<int>(n - i)));
  const Vec sum = Op::join(Op::join(sums[0], sums[1]), Op::join(sums[2], sums[3]));
  return fold_lanes(sum, [](Vec a, Vec b) __attribute__((always_inline)) { return Op::join(a, b); });
}

// Down the columns rows are joined in pieces of this many, and then the pieces: the rounding errors of one long chain of
// additions would grow with the square root of its length.
constexpr std::int64_t piece_rows = 16;

// `vectors` vectors of columns, the last one with `last` lanes, down `rows` rows.
template <class Op, int vectors>
CC_INLINE void reduce_columns_of(const ReduceArgs& a, const float* x, float* y, std::int64_t rows, int last) {
  Vec totals[vectors];
  for (int u = 0; u < vectors; ++u) totals[u] = set1(Op::identity);
  while (rows > 0) {
    Vec sums[vectors];
    for (int u = 0; u < vectors; ++u) sums[u] = set1(Op::identity);
    const std::int64_t taken = rows < piece_rows ? rows : piece_rows;
    for (std::int64_t row = 0; row < taken; ++row, x += a.k) {
      for (int u = 0; u + 1 < vectors; ++u) sums[u] = Op::join(sums[u], Op::from(load(x + u * vl)));
      const float* end = x + (vectors - 1) * vl;
      sums[vectors - 1] = Op::join(sums[vectors - 1], Op::from(last == vl ? load(end) : load_first(end, last)));
    }
    for (int u = 0; u < vectors; ++u) totals[u] = Op::join(totals[u], sums[u]);
    rows -= taken;
  }
  for (int u = 0; u + 1 < vectors; ++u) store(y + u * vl, finish(a, totals[u]));
  store_first(y + (vectors - 1) * vl, finish(a, totals[vectors - 1]), last);
}

template <class Op>
void reduce_column_block(const ReduceArgs& a, const float* x, float* y, std::int64_t rows, std::int64_t columns) {
  while (columns > 0) {
    const int taken = columns < 4 * vl ? static_cast<int>(columns) : 4 * vl;
    const int vectors = (taken + vl - 1) / vl, last = taken - (vectors - 1) * vl;
    switch (vectors) {
      case 1: reduce_columns_of<Op, 1>(a, x, y, rows, last); break;
      case 2: reduce_columns_of<Op, 2>(a, x, y, rows, last); break;
      case 3: reduce_columns_of<Op, 3>(a, x, y, rows, last); break;
      default: reduce_columns_of<Op, 4>(a, x, y, rows, last);
    }
    x += taken, y += taken, columns -= taken;
  }
}

template <class Op>
void reduce_range(const ReduceArgs& a, Range range) {
  const std::int64_t blocks = a.k == 1 ? 1 : (a.k + reduce_columns - 1) / reduce_columns;
  for (std::int64_t item = range.begin; item < range.end; ++item) {
    const std::int64_t block = item % blocks, part = item / blocks;
    const std::int64_t first = part % a.chunks * a.chunk;
    const std::int64_t rows = a.r - first < a.chunk ? a.r - first : a.chunk;
    const float* x = a.x + (part / a.chunks * a.r + first) * a.k;
    if (a.k == 1) {
      const Vec v = finish(a, set1(reduce_row<Op>(x, rows)));
      a.y[part] = v[0];
    } else {
      const std::int64_t column = block * reduce_columns;
      const std::int64_t columns = a.k - column < reduce_columns ? a.k - column : reduce_columns;
      reduce_column_block<Op>(a, x + column, a.y + part * a.k + column, rows, columns);
    }
  }
}

}  // namespace

void reduce(const ReduceArgs& a, Range range) {
  switch (a.combine) {
    case ReduceArgs::Combine::sum: return reduce_range<Sum>(a, range);
    case ReduceArgs::Combine::sum_of_squares: return reduce_range<SumOfSquares>(a, range);
    case ReduceArgs::Combine::max: return reduce_range<Max>(a, range);
    case ReduceArgs::Combine::min: return reduce_range<Min>(a, range);
    case ReduceArgs::Combine::prod: return reduce_range<Product>(a, range);
  }
}

}  // namespace convcore::CC_ISA
