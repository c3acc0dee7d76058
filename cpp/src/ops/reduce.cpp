// Shape rule, stages and implementations of the reductions.
#include "ops/reduce.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "kernels/dispatch.h"

namespace convcore {

namespace {

// Rows up to this length are summed in one go; longer ones in chunks of it, and the chunks by a further stage.
constexpr std::int64_t row_chunk = 1024, column_chunk = 256;
constexpr std::int64_t narrow = 32;  // fewer columns than this: several rows are taken as one

void add_stages(ReducePlan& plan, std::int64_t a, std::int64_t r, std::int64_t k) {
  std::int64_t rows_as_one = 1;
  while (k > 1 && k * rows_as_one * 2 <= 2 * narrow && r % (rows_as_one * 2) == 0 && r / rows_as_one > 64) rows_as_one *= 2;
  if (rows_as_one > 1) {
    add_stages(plan, a, r / rows_as_one, k * rows_as_one);
    return add_stages(plan, a, rows_as_one, k);
  }
  const std::int64_t chunk = k == 1 ? row_chunk : column_chunk;
  if (r <= 2 * chunk) return plan.stages.push_back({a, r, k, std::max<std::int64_t>(r, 1), 1});
  const std::int64_t chunks = (r + chunk - 1) / chunk;
  plan.stages.push_back({a, r, k, chunk, chunks});
  add_stages(plan, a, chunks, k);
}

ReduceArgs::Combine combine_of(ReduceOp op, bool first) {
  switch (op) {
    case ReduceOp::max: return ReduceArgs::Combine::max;
    case ReduceOp::min: return ReduceArgs::Combine::min;
    case ReduceOp::prod: return ReduceArgs::Combine::prod;
    case ReduceOp::l2_norm: return first ? ReduceArgs::Combine::sum_of_squares : ReduceArgs::Combine::sum;
    default: return ReduceArgs::Combine::sum;
  }
}

void run_stage(const ReduceArgs& args) {
  const std::int64_t blocks = args.k == 1 ? 1 : (args.k + reduce_columns - 1) / reduce_columns;
  const double columns = static_cast<double>(std::min(args.k, reduce_columns));
  const double nanoseconds = 10 + 0.1 * static_cast<double>(args.chunk) * columns;
  parallel_for(args.a * args.chunks * blocks, nanoseconds, [&](Range range) { kernels().reduce(args, range); });
}

}  // namespace

std::vector<bool> reduced_axes(const char* where, const Ints& axes, int rank) {
  std::vector<bool> reduced(static_cast<std::size_t>(rank), axes.empty());
  for (const std::int64_t axis : axes) {
    const auto at = static_cast<std::size_t>(normalize_axis(axis, rank, where));
    if (reduced[at]) fail(where, "different axes", str(AttrValue(axes)));
    reduced[at] = true;
  }
  return reduced;
}

Shape reduced_shape(const Shape& x, const std::vector<bool>& reduced, bool keepdims) {
  std::vector<std::int64_t> dims;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool gone = reduced[static_cast<std::size_t>(axis)];
    if (!gone || keepdims) dims.push_back(gone ? 1 : x[axis]);
  }
  return Shape(dims);
}

ReducePlan plan_reduction(const Shape& x, const std::vector<bool>& reduced) {
  ReducePlan plan;
  std::int64_t inner = 1;
  for (int axis = x.rank() - 1; axis >= 0;) {
    if (!reduced[static_cast<std::size_t>(axis)]) {
      inner *= x[axis--];
      continue;
    }
    std::int64_t r = 1;
    while (axis >= 0 && reduced[static_cast<std::size_t>(axis)]) r *= x[axis--];
    plan.count *= r;
    add_stages(plan, x.elements(0, axis + 1), r, inner);
  }
  if (plan.stages.empty()) plan.stages.push_back({1, 1, inner, 1, 1});
  for (std::size_t i = 0; i + 1 < plan.stages.size(); ++i) {
    const ReduceStage& stage = plan.stages[i];
    plan.temporary = std::max(plan.temporary, stage.a * stage.chunks * stage.k);
  }
  return plan;
}

Prepared prepare_reduction(ReducePlan plan) {
  Prepared prepared;
  prepared.workspace_bytes = 2 * static_cast<std::size_t>((plan.temporary + 15) / 16 * 16) * sizeof(float);
  prepared.state = std::make_shared<const ReducePlan>(std::move(plan));
  return prepared;
}

void reduce_simd(const Call& call, ReduceOp op) {
  const auto& plan = call.prepared<ReducePlan>();
  float* temporaries[2] = {static_cast<float*>(call.workspace), static_cast<float*>(call.workspace)};
  temporaries[1] += (plan.temporary + 15) / 16 * 16;
  const float* x = call.x(0);
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const bool last = i + 1 == plan.stages.size();
    const ReduceStage& stage = plan.stages[i];
    ReduceArgs args{x, last ? call.y() : temporaries[i % 2], combine_of(op, i == 0)};
    args.a = stage.a, args.r = stage.r, args.k = stage.k, args.chunk = stage.chunk, args.chunks = stage.chunks;
    args.root = last && op == ReduceOp::l2_norm;
    if (last && op == ReduceOp::mean) args.divisor = static_cast<float>(plan.count);
    run_stage(args);
    x = args.y;
  }
}

void reduce_reference(const Call& call, ReduceOp op, const std::vector<bool>& reduced) {
  const Type &from = call.view.in[0], &to = call.view.out[0];
  ReduceAnyArgs args{call.in[0], call.out[0], from.dtype, to.dtype, op};
  std::int64_t stride = from.shape.elements();
  for (int axis = 0; axis < from.shape.rank(); ++axis) {
    const std::int64_t size = from.shape[axis];
    stride = size == 0 ? 0 : stride / size;
    const bool gone = reduced[static_cast<std::size_t>(axis)];
    int& rank = gone ? args.reduced_rank : args.kept_rank;
    (gone ? args.reduced : args.kept)[rank] = size;
    (gone ? args.reduced_strides : args.kept_strides)[rank++] = stride;
    if (gone) args.count *= size;
  }
  parallel_for(to.shape.elements(), 20 + 4 * static_cast<double>(args.count),
               [&](Range range) { reference::reduce(args, range); });
}

Refusal reduce_simd_refuses(const NodeView& node) {
  return node.in[0].dtype == DType::f32 ? accept : refuse("float32 only");
}

Value with_kept_axes(Graph& graph, Value y, Value x, const Reduction& attrs) {
  if (attrs.keepdims) return y;
  const std::vector<bool> reduced = reduced_axes("reduction", attrs.axes, graph.type(x).shape.rank());
  for (std::size_t axis = 0; axis < reduced.size(); ++axis)
    if (reduced[axis]) y = graph.emit1("expand_dims", {y}, AttrMap{{"axis", static_cast<std::int64_t>(axis)}});
  return y;
}

}  // namespace convcore
