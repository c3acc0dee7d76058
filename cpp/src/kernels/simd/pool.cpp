// Pooling of channels_last tensors: vectors along the channels.
#include "kernels/pool.h"

#include "kernels/simd/math.h"

namespace convcore::CC_ISA {

namespace {

struct Max {
  static constexpr float start = -f_inf;
  CC_INLINE Vec join(Vec sum, Vec x) { return vmax(sum, x); }
  CC_INLINE Vec finish(Vec sum, float) { return sum; }
};
struct Average {
  static constexpr float start = 0;
  CC_INLINE Vec join(Vec sum, Vec x) { return sum + x; }
  CC_INLINE Vec finish(Vec sum, float count) { return sum / count; }
};
struct L2 {
  static constexpr float start = 0;
  CC_INLINE Vec join(Vec sum, Vec x) { return sum + x * x; }
  CC_INLINE Vec finish(Vec sum, float) { return vsqrt(sum); }
};

// The part of a window that lies inside the input.
struct Window {
  std::int64_t begin[3], end[3];
  float count() const { return static_cast<float>((end[0] - begin[0]) * (end[1] - begin[1]) * (end[2] - begin[2])); }
};

CC_INLINE void clip_axis(const PoolArgs& a, int axis, std::int64_t o, Window& w) {
  const PoolSpan span = pool_span(a, axis, o);
  w.begin[axis] = span.begin, w.end[axis] = span.end;
}

// Row (n, depth, height) of the output: which sample, and the window along the first two axes.
struct Row {
  std::int64_t n, d, h;
};
CC_INLINE Row row_of(const PoolArgs& a, std::int64_t item) {
  return {item / (a.out[0] * a.out[1]), item / a.out[1] % a.out[0], item % a.out[1]};
}

// `vectors` vectors of channels of one window, the last with `last` lanes.
template <class Op, int vectors>
CC_INLINE void pool_window(const PoolArgs& a, const float* x, float* y, const Window& w, int last) {
  Vec sums[vectors];
  for (int u = 0; u < vectors; ++u) sums[u] = set1(Op::start);
  for (std::int64_t d = w.begin[0]; d < w.end[0]; ++d)
    for (std::int64_t h = w.begin[1]; h < w.end[1]; ++h) {
      const float* p = x + ((d * a.in[1] + h) * a.in[2] + w.begin[2]) * a.c;
      for (std::int64_t i = w.begin[2]; i < w.end[2]; ++i, p += a.c) {
        for (int u = 0; u + 1 < vectors; ++u) sums[u] = Op::join(sums[u], load(p + u * vl));
        const float* end = p + (vectors - 1) * vl;
        sums[vectors - 1] = Op::join(sums[vectors - 1], last == vl ? load(end) : load_first(end, last));
      }
    }
  for (int u = 0; u + 1 < vectors; ++u) store(y + u * vl, Op::finish(sums[u], w.count()));
  store_first(y + (vectors - 1) * vl, Op::finish(sums[vectors - 1], w.count()), last);
}

template <class Op>
void pool_rows(const PoolArgs& a, Range rows) {
  for (std::int64_t item = rows.begin; item < rows.end; ++item) {
    const Row row = row_of(a, item);
    Window w;
    clip_axis(a, 0, row.d, w);
    clip_axis(a, 1, row.h, w);
    const float* x = static_cast<const float*>(a.x) + row.n * a.in[0] * a.in[1] * a.in[2] * a.c;
    float* y = static_cast<float*>(a.y) + item * a.out[2] * a.c;
    for (std::int64_t o = 0; o < a.out[2]; ++o, y += a.c) {
      clip_axis(a, 2, o, w);
      for (std::int64_t c = 0; c < a.c; c += 4 * vl) {
        const int taken = a.c - c < 4 * vl ? static_cast<int>(a.c - c) : 4 * vl;
        const int vectors = (taken + vl - 1) / vl, last = taken - (vectors - 1) * vl;
        switch (vectors) {
          case 1: pool_window<Op, 1>(a, x + c, y + c, w, last); break;
          case 2: pool_window<Op, 2>(a, x + c, y + c, w, last); break;
          case 3: pool_window<Op, 3>(a, x + c, y + c, w, last); break;
          default: pool_window<Op, 4>(a, x + c, y + c, w, last);
        }
      }
    }
  }
}

// Four inputs to one output; the window always lies inside the input.
template <class Op>
void pool_2x2(const PoolArgs& a, Range rows) {
  for (std::int64_t item = rows.begin; item < rows.end; ++item) {
    const Row row = row_of(a, item);
    const float* upper =
        static_cast<const float*>(a.x) + (((row.n * a.in[0] + row.d) * a.in[1] + 2 * row.h) * a.in[2]) * a.c;
    const float* lower = upper + a.in[2] * a.c;
    float* y = static_cast<float*>(a.y) + item * a.out[2] * a.c;
    for (std::int64_t o = 0; o < a.out[2]; ++o, upper += 2 * a.c, lower += 2 * a.c, y += a.c) {
      const auto four = [&](auto get) __attribute__((always_inline)) {
        const Vec first = Op::join(Op::join(set1(Op::start), get(upper)), get(upper + a.c));
        return Op::finish(Op::join(Op::join(first, get(lower)), get(lower + a.c)), 4);
      };
      std::int64_t c = 0;
      for (; c + vl <= a.c; c += vl)
        store(y + c, four([&](const float* p) __attribute__((always_inline)) { return load(p + c); }));
      if (const int rest = static_cast<int>(a.c - c); rest > 0)
        store_first(y + c, four([&](const float* p) __attribute__((always_inline)) { return load_first(p + c, rest); }),
                    rest);
    }
  }
}

template <class Op>
void pool_forward(const PoolArgs& a, Range rows) {
  if (is_pool_2x2(a)) return pool_2x2<Op>(a, rows);
  pool_rows<Op>(a, rows);
}

}  // namespace

void pool(const PoolArgs& a, Range rows) {
  switch (a.kind) {
    case PoolKind::max: return pool_forward<Max>(a, rows);
    case PoolKind::average: return pool_forward<Average>(a, rows);
    case PoolKind::l2: return pool_forward<L2>(a, rows);
  }
}

}  // namespace convcore::CC_ISA
