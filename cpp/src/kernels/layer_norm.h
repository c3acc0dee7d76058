// Normalisation of rows: layer normalisation, and with center = false normalisation by the root mean square.
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// y = (x - mean) / sqrt(mean of squared deviations + epsilon) * gamma + beta over each of `rows` rows of n elements; the
// mean is taken as 0 unless `center`. layer_norm: one item of the range is one row.
struct LayerNormArgs {
  const void *x = nullptr, *gamma = nullptr, *beta = nullptr, *dy = nullptr;
  void *y = nullptr, *dx = nullptr, *dgamma = nullptr, *dbeta = nullptr;
  std::int64_t rows = 0, n = 0;
  double epsilon = 1e-3;
  bool center = true;
  // layer_norm_backward, simd: one item is one chunk of rows, which writes its share of dgamma and of dbeta, n each, to
  // parts.
  std::int64_t chunk = 1;
  float* parts = nullptr;
};

constexpr std::int64_t layer_norm_block = 2048;  // elements that are summed in float32 before they go to a double

namespace reference {
template <class T>
void layer_norm(const LayerNormArgs& args, Range rows);
// One item is the whole gradient.
template <class T>
void layer_norm_backward(const LayerNormArgs& args, Range all);
}  // namespace reference

}  // namespace convcore
