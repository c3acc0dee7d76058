// What all reductions share: attributes, shape rule, and implementations. A float32 reduction runs as a few stages, each
// [outer, reduced, inner] -> [outer, inner], innermost group of reduced axes first; long stages are cut into fixed chunks.
#pragma once

#include "kernels/reduce.h"
#include "ops/op.h"

namespace convcore {

struct Reduction {
  Ints axes;  // none: all
  bool keepdims = false;
  void fields(auto&& f) { f("axes", axes), f("keepdims", keepdims); }
};

// Per axis of x: is it reduced? Throws Error naming `where` for an axis out of range or named twice.
std::vector<bool> reduced_axes(const char* where, const Ints& axes, int rank);
Shape reduced_shape(const Shape& x, const std::vector<bool>& reduced, bool keepdims);

struct ReduceStage {
  std::int64_t a = 1, r = 1, k = 1, chunk = 1, chunks = 1;
};
struct ReducePlan {
  std::vector<ReduceStage> stages;
  std::int64_t temporary = 0;  // floats: the largest result of a stage but the last
  std::int64_t count = 1;      // elements that are reduced to one
};
ReducePlan plan_reduction(const Shape& x, const std::vector<bool>& reduced);
Prepared prepare_reduction(ReducePlan plan);
// Runs the prepared plan on in[0].
void reduce_simd(const Call& call, ReduceOp op);
void reduce_reference(const Call& call, ReduceOp op, const std::vector<bool>& reduced);
Refusal reduce_simd_refuses(const NodeView& node);

// y, with its reduced axes back as axes of size 1.
Value with_kept_axes(Graph& graph, Value y, Value x, const Reduction& attrs);

}  // namespace convcore
