// Resampling, one output at a time: along the columns of the sums along the rows.
#include "kernels/resize.h"

namespace convcore::reference {

namespace {

template <class T>
T sum_rows(const ResizeArgs& a, const T* x, std::int64_t row, std::int64_t row_step) {
  T sum{0};
  for (std::int64_t t = 0; t < a.rows.taps; ++t) {
    const T part = static_cast<T>(a.rows.exact[row * a.rows.taps + t]) * x[(a.rows.first[row] + t) * row_step];
    sum = t == 0 ? part : sum + part;
  }
  return sum;
}

}  // namespace

template <class T>
void resize(const ResizeArgs& a, Range planes) {
  const std::int64_t step = a.channels_last ? a.c : 1;
  for (std::int64_t plane = planes.begin; plane < planes.end; ++plane) {
    const std::int64_t n = plane / a.c, c = plane % a.c;
    const auto base = [&](std::int64_t size) { return a.channels_last ? n * size * a.c + c : plane * size; };
    const T* x = static_cast<const T*>(a.x) + base(a.rows.in * a.columns.in);
    T* y = static_cast<T*>(a.y) + base(a.rows.out * a.columns.out);
    for (std::int64_t row = 0; row < a.rows.out; ++row)
      for (std::int64_t col = 0; col < a.columns.out; ++col) {
        T sum{0};
        for (std::int64_t t = 0; t < a.columns.taps; ++t) {
          const T* column = x + (a.columns.first[col] + t) * step;
          const T part =
              static_cast<T>(a.columns.exact[col * a.columns.taps + t]) * sum_rows(a, column, row, a.columns.in * step);
          sum = t == 0 ? part : sum + part;
        }
        y[(row * a.columns.out + col) * step] = sum;
      }
  }
}

template void resize<float>(const ResizeArgs&, Range);
template void resize<double>(const ResizeArgs&, Range);

}  // namespace convcore::reference
