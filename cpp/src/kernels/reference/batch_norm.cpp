// Batch normalisation, one channel at a time, sums in float64.
#include "kernels/batch_norm.h"

#include <cmath>

namespace convcore::reference {

namespace {

// Calls visit(offset) for every element of channel c.
template <class F>
void each_element(const BatchNormArgs& a, std::int64_t c, F visit) {
  for (std::int64_t i = 0; i < a.a; ++i)
    for (std::int64_t j = 0; j < a.k; ++j) visit((i * a.c + c) * a.k + j);
}

}  // namespace

template <class T>
void batch_norm_training(const BatchNormArgs& a, Range channels) {
  const T *x = static_cast<const T*>(a.x), *gamma = static_cast<const T*>(a.gamma), *beta = static_cast<const T*>(a.beta);
  const T* residual = static_cast<const T*>(a.residual);
  const double count = static_cast<double>(a.a * a.k);
  for (std::int64_t c = channels.begin; c < channels.end; ++c) {
    double sum = 0, squares = 0;
    each_element(a, c, [&](std::int64_t i) { sum += x[i]; });
    const double mean = sum / count;
    each_element(a, c, [&](std::int64_t i) { squares += (x[i] - mean) * (x[i] - mean); });
    const double variance = squares / count, scale = gamma[c] / std::sqrt(variance + a.epsilon);
    static_cast<T*>(a.mean)[c] = static_cast<T>(mean), static_cast<T*>(a.variance)[c] = static_cast<T>(variance);
    each_element(a, c, [&](std::int64_t i) {
      double y = (x[i] - mean) * scale + beta[c];
      if (residual != nullptr) y += residual[i];
      y = y < a.low ? a.low : y > a.high ? a.high : y;  // NaN stays
      static_cast<T*>(a.y)[i] = static_cast<T>(y);
    });
  }
}

template <class T>
void batch_norm_training_backward(const BatchNormArgs& a, Range channels) {
  const T *x = static_cast<const T*>(a.x), *gamma = static_cast<const T*>(a.gamma), *dy = static_cast<const T*>(a.dy);
  const T* beta = static_cast<const T*>(a.beta);
  const double count = static_cast<double>(a.a * a.k);
  for (std::int64_t c = channels.begin; c < channels.end; ++c) {
    const double mean = static_cast<const T*>(a.mean)[c];
    const double inverse = 1 / std::sqrt(static_cast<const T*>(a.variance)[c] + a.epsilon);
    const auto normal = [&](std::int64_t i) { return (x[i] - mean) * inverse; };
    const auto gradient = [&](std::int64_t i) {  // of the value before the limits
      if (beta == nullptr) return static_cast<double>(dy[i]);
      const double y = static_cast<T>(normal(i) * gamma[c] + beta[c]);
      return y > a.low && y <= a.high ? static_cast<double>(dy[i]) : 0.0;
    };
    double dbeta = 0, dgamma = 0;
    each_element(a, c, [&](std::int64_t i) { dbeta += gradient(i), dgamma += gradient(i) * normal(i); });
    static_cast<T*>(a.dbeta)[c] = static_cast<T>(dbeta), static_cast<T*>(a.dgamma)[c] = static_cast<T>(dgamma);
    each_element(a, c, [&](std::int64_t i) {
      const double rest = gradient(i) - dbeta / count - normal(i) * dgamma / count;
      static_cast<T*>(a.dx)[i] = static_cast<T>(gamma[c] * inverse * rest);
    });
  }
}

template void batch_norm_training<float>(const BatchNormArgs&, Range);
template void batch_norm_training<double>(const BatchNormArgs&, Range);
template void batch_norm_training_backward<float>(const BatchNormArgs&, Range);
template void batch_norm_training_backward<double>(const BatchNormArgs&, Range);

}  // namespace convcore::reference
