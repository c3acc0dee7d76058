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
  std::int64_t count = 1;  // backward, k == 1: rows of the whole batch, of which `a` may be some
  // k == 1: rows are cut into chunks that depend on the shape only, `image_chunks` of at most `chunk` rows for each
  // `image_rows`; `partial` holds [chunks][2][c].
  std::int64_t chunk = 1, chunks = 1, image_rows = 1, image_chunks = 1;
  float* partial = nullptr;
};

struct ChunkRows {
  std::int64_t first, count;
};

// Never a symbol, which the linker would merge across ISAs.
static inline __attribute__((always_inline, unused)) ChunkRows rows_of(const BatchNormArgs& a, std::int64_t chunk) {
  const std::int64_t before = chunk % a.image_chunks * a.chunk, left = a.image_rows - before;
  return {chunk / a.image_chunks * a.image_rows + before, left < a.chunk ? left : a.chunk};
}

// The kernels of k == 1 work by chunks, but the joins, whose only item is all channels.
namespace reference {
void batch_norm_chunk(const BatchNormArgs& args, Range chunks);
void batch_norm_join(const BatchNormArgs& args, Range);
void batch_norm_apply(const BatchNormArgs& args, Range chunks);
void batch_norm_backward_chunk(const BatchNormArgs& args, Range chunks);
void batch_norm_backward_join(const BatchNormArgs& args, Range);
void batch_norm_backward_apply(const BatchNormArgs& args, Range chunks);

// One item of the range: one channel.
template <class T>
void batch_norm_training(const BatchNormArgs& args, Range channels);
template <class T>
void batch_norm_training_backward(const BatchNormArgs& args, Range channels);
}  // namespace reference

}  // namespace convcore
