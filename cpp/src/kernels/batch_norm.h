// Batch normalisation of [a, c, k] with statistics of the batch, over all but c.
#pragma once

#include <cstdint>
#include <limits>

#include "base/parallel.h"

namespace convcore {

struct BatchNormArgs {
  const void *x = nullptr, *gamma = nullptr, *beta = nullptr, *dy = nullptr;
  void *y = nullptr, *dx = nullptr, *dgamma = nullptr, *dbeta = nullptr;
  void *mean = nullptr, *variance = nullptr;  // written forward, read backward
  std::int64_t a = 1, c = 1, k = 1;
  double epsilon = 1e-3;
  const void* residual = nullptr;  // forward: like y, added before the limits; or null; may be y itself
  // The result's limits. Backward with beta: dy counts where the result is above `low` and not above `high`.
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  // simd, k == 1: rows are cut into chunks that depend on the shape only; `partial` holds [chunks][2][c].
  std::int64_t chunk = 1, chunks = 1;
  float* partial = nullptr;
};

namespace reference {
// One item of the range: one channel.
template <class T>
void batch_norm_training(const BatchNormArgs& args, Range channels);
template <class T>
void batch_norm_training_backward(const BatchNormArgs& args, Range channels);
}  // namespace reference

}  // namespace convcore
