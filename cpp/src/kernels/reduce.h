// Reductions along some axes.
#pragma once

#include "base/dtype.h"
#include "base/parallel.h"
#include "base/shape.h"

namespace convcore {

enum class ReduceOp : std::uint8_t { sum, mean, max, min, prod, all, any, l2_norm, argmax, argmin };

// One stage of a float32 reduction: y[a][j][k] combines x[a][j*chunk .. min((j+1)*chunk, r)][k], and `finish` is applied to
// it. The chunks depend on the shape only, so sums do not depend on the number of threads. One item of the range: for k == 1
// one (a, j); otherwise one (a, j, block of reduce_columns columns).
constexpr std::int64_t reduce_columns = 64;
struct ReduceArgs {
  enum class Combine : std::uint8_t { sum, sum_of_squares, max, min, prod };
  const float* x = nullptr;
  float* y = nullptr;
  Combine combine = Combine::sum;
  bool root = false;  // finish: square root,
  float divisor = 1;  // or division (1: none)
  std::int64_t a = 1, r = 1, k = 1;
  std::int64_t chunk = 1, chunks = 1;
};

// Any axes of any element type. One item of the range: one element of y.
struct ReduceAnyArgs {
  const void* x = nullptr;
  void* y = nullptr;
  DType from = DType::f32, to = DType::f32;
  ReduceOp op = ReduceOp::sum;
  int kept_rank = 0, reduced_rank = 0;
  std::int64_t kept[max_rank] = {}, kept_strides[max_rank] = {};
  std::int64_t reduced[max_rank] = {}, reduced_strides[max_rank] = {};
  std::int64_t count = 1;  // elements that are reduced to one
};

namespace reference {
void reduce(const ReduceAnyArgs& args, Range outputs);
}  // namespace reference

}  // namespace convcore
