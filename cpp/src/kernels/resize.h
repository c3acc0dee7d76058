// Resampling of the two image axes: every output is a weighted sum over a few neighbouring rows and columns.
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// The sums along one axis: output i is the sum of weight[i * taps + t] * input[first[i] + t] over t < taps.
struct ResizeAxis {
  std::int64_t in = 1, out = 1, taps = 1;
  const std::int32_t* first = nullptr;
  const float* weight = nullptr;
  const double* exact = nullptr;  // the same weights, for the reference
};

// Neighbouring output columns of few channels, which the simd kernel computes together: the input columns that they read
// fit into its scratch memory. `table` is where their lanes begin in the lane tables, which are padded to resize_lanes.
struct ResizeBlock {
  std::int32_t first_out = 0, columns = 0, first_in = 0, span = 0, table = 0;
};

constexpr std::int64_t resize_scratch = 4096;  // floats
constexpr std::int64_t resize_lanes = 16;

// simd, channels_last: one item of the range is one row of outputs (sample, row).
struct ResizeArgs {
  const void* x = nullptr;
  void* y = nullptr;
  bool channels_last = true;
  std::int64_t n = 1, c = 1;
  ResizeAxis rows, columns;
  // For few channels, else none: the blocks, and for each lane of a block where its first tap lies in the scratch memory
  // and, tap by tap, its weights.
  std::int64_t blocks = 0, lanes = 0;
  const ResizeBlock* block = nullptr;
  const std::int32_t* source = nullptr;
  const float* lane_weight = nullptr;
};

namespace reference {
// One item of the range: one channel of one sample.
template <class T>
void resize(const ResizeArgs& args, Range planes);
}  // namespace reference

}  // namespace convcore
