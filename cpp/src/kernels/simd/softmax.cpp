// Softmax along rows (vectors along the row) and along other axes (vectors across the columns).
#include "kernels/softmax.h"

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

#define CC_JOIN [](Vec a, Vec b) __attribute__((always_inline))

void softmax_row(const float* x, float* y, std::int64_t r, bool log) {
  const std::int64_t whole = r / vl * vl;
  const int rest = static_cast<int>(r - whole);
  Vec top = set1(-f_inf);
  for (std::int64_t i = 0; i < whole; i += vl) top = vmax(top, load(x + i));
  if (rest > 0) top = vmax(top, load_first_or(x + whole, rest, -f_inf));
  const Vec largest = set1(fold_lanes(top, CC_JOIN { return vmax(a, b); }));
  Vec total = {};
  for (std::int64_t i = 0; i < whole; i += vl) {
    const Vec below = load(x + i) - largest, e = vexp(below);
    total += e;
    store(y + i, log ? below : e);
  }
  if (rest > 0) {
    const Vec below = load_first(x + whole, rest) - largest, e = vexp(below);
    total += select(first_lanes(rest), e, Vec{});
    store_first(y + whole, log ? below : e, rest);
  }
  const Vec sum = set1(fold_lanes(total, CC_JOIN { return a + b; }));
  const Vec log_sum = log ? vlog(sum) : Vec{};
  const auto finish = [&](Vec v) __attribute__((always_inline)) { return log ? v - log_sum : v / sum; };
  for (std::int64_t i = 0; i < whole; i += vl) store(y + i, finish(load(y + i)));
  if (rest > 0) store_first(y + whole, finish(load_first(y + whole, rest)), rest);
}

template <bool whole>
void softmax_columns_of(const float* x, float* y, std::int64_t r, std::int64_t k, int lanes, bool log) {
  Vec largest = set1(-f_inf), sum = {};
  for (std::int64_t i = 0; i < r; ++i) largest = vmax(largest, get<whole>(x + i * k, lanes));
  for (std::int64_t i = 0; i < r; ++i) sum += vexp(get<whole>(x + i * k, lanes) - largest);
  const Vec log_sum = log ? vlog(sum) : Vec{};
  for (std::int64_t i = 0; i < r; ++i) {
    const Vec below = get<whole>(x + i * k, lanes) - largest;
    put<whole>(y + i * k, log ? below - log_sum : vexp(below) / sum, lanes);
  }
}

}  // namespace

void softmax(const SoftmaxArgs& a, Range range) {
  const float* x = static_cast<const float*>(a.x);
  float* y = static_cast<float*>(a.y);
  if (a.k == 1) {
    for (std::int64_t row = range.begin; row < range.end; ++row) softmax_row(x + row * a.r, y + row * a.r, a.r, a.log);
    return;
  }
  const std::int64_t blocks = (a.k + softmax_columns - 1) / softmax_columns;
  for (std::int64_t item = range.begin; item < range.end; ++item) {
    const std::int64_t first = item % blocks * softmax_columns, start = item / blocks * a.r * a.k;
    const std::int64_t end = first + softmax_columns < a.k ? first + softmax_columns : a.k;
    std::int64_t k = first;
    for (; k + vl <= end; k += vl) softmax_columns_of<true>(x + start + k, y + start + k, a.r, a.k, vl, a.log);
    if (k < end) softmax_columns_of<false>(x + start + k, y + start + k, a.r, a.k, static_cast<int>(end - k), a.log);
  }
}

}  // namespace convcore::CC_ISA
