// Normalisation of rows, one row at a time.
#include "kernels/layer_norm.h"

#include <algorithm>
#include <cmath>

namespace convcore::reference {

namespace {

template <class T>
struct Row {
  const T* x;
  double mean = 0, inverse = 0;  // of the deviation
  double normal(std::int64_t i) const { return (static_cast<double>(x[i]) - mean) * inverse; }
};

template <class T>
Row<T> row_of(const LayerNormArgs& a, std::int64_t row) {
  Row<T> result{static_cast<const T*>(a.x) + row * a.n};
  const auto n = static_cast<double>(a.n);
  double squares = 0;
  for (std::int64_t i = 0; a.center && i < a.n; ++i) result.mean += static_cast<double>(result.x[i]) / n;
  for (std::int64_t i = 0; i < a.n; ++i) {
    const double deviation = static_cast<double>(result.x[i]) - result.mean;
    squares += deviation * deviation / n;
  }
  result.inverse = 1 / std::sqrt(squares + a.epsilon);
  return result;
}

}  // namespace

template <class T>
void layer_norm(const LayerNormArgs& a, Range rows) {
  const T *gamma = static_cast<const T*>(a.gamma), *beta = static_cast<const T*>(a.beta);
  for (std::int64_t r = rows.begin; r < rows.end; ++r) {
    const Row<T> row = row_of<T>(a, r);
    T* y = static_cast<T*>(a.y) + r * a.n;
    for (std::int64_t i = 0; i < a.n; ++i)
      y[i] = static_cast<T>(row.normal(i) * static_cast<double>(gamma[i]) + static_cast<double>(beta[i]));
  }
}

template <class T>
void layer_norm_backward(const LayerNormArgs& a, Range) {
  const T* gamma = static_cast<const T*>(a.gamma);
  T *dgamma = static_cast<T*>(a.dgamma), *dbeta = static_cast<T*>(a.dbeta);
  std::fill(dgamma, dgamma + a.n, T{0});
  std::fill(dbeta, dbeta + a.n, T{0});
  for (std::int64_t r = 0; r < a.rows; ++r) {
    const Row<T> row = row_of<T>(a, r);
    const T* dy = static_cast<const T*>(a.dy) + r * a.n;
    T* dx = static_cast<T*>(a.dx) + r * a.n;
    double slope = 0, along = 0;  // means of g and of g * normal, where g = dy * gamma
    for (std::int64_t i = 0; i < a.n; ++i) {
      const double g = static_cast<double>(dy[i]) * static_cast<double>(gamma[i]);
      slope += g / static_cast<double>(a.n), along += g * row.normal(i) / static_cast<double>(a.n);
      dgamma[i] += static_cast<T>(static_cast<double>(dy[i]) * row.normal(i)), dbeta[i] += dy[i];
    }
    if (!a.center) slope = 0;
    for (std::int64_t i = 0; i < a.n; ++i) {
      const double g = static_cast<double>(dy[i]) * static_cast<double>(gamma[i]);
      dx[i] = static_cast<T>(row.inverse * (g - slope - row.normal(i) * along));
    }
  }
}

template void layer_norm<float>(const LayerNormArgs&, Range);
template void layer_norm<double>(const LayerNormArgs&, Range);
template void layer_norm_backward<float>(const LayerNormArgs&, Range);
template void layer_norm_backward<double>(const LayerNormArgs&, Range);

}  // namespace convcore::reference
