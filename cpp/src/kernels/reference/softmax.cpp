// Softmax, one column at a time.
#include "kernels/softmax.h"

#include <algorithm>
#include <cmath>

#include "kernels/reference/scalar.h"

namespace convcore::reference {

namespace {

template <class T>
void softmax_column(const T* x, T* y, std::int64_t r, std::int64_t stride, bool log) {
  T largest = x[0];
  for (std::int64_t i = 1; i < r; ++i) largest = scalar::maximum(largest, x[i * stride]);
  T sum{0};
  for (std::int64_t i = 0; i < r; ++i) sum += std::exp(x[i * stride] - largest);
  for (std::int64_t i = 0; i < r; ++i) {
    const T below = x[i * stride] - largest;
    y[i * stride] = log ? below - std::log(sum) : std::exp(below) / sum;
  }
}

}  // namespace

template <class T>
void softmax(const SoftmaxArgs& a, Range range) {
  if (a.r == 0) return;
  const std::int64_t blocks = a.k == 1 ? 1 : (a.k + softmax_columns - 1) / softmax_columns;
  for (std::int64_t item = range.begin; item < range.end; ++item) {
    const std::int64_t first = item % blocks * softmax_columns;
    const std::int64_t start = item / blocks * a.r * a.k;
    for (std::int64_t k = first; k < std::min(a.k, first + softmax_columns); ++k)
      softmax_column(static_cast<const T*>(a.x) + start + k, static_cast<T*>(a.y) + start + k, a.r, a.k, a.log);
  }
}

template void softmax<float>(const SoftmaxArgs&, Range);
template void softmax<double>(const SoftmaxArgs&, Range);

}  // namespace convcore::reference
