// Shape rule and implementations of every elementwise op.
#include "ops/elementwise.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/program.h"

namespace convcore {

namespace {

std::string shapes_of(const Types& types) {
  std::string text;
  for (const Type& type : types) text += cat(text.empty() ? "" : " and ", type.shape.str());
  return text;
}

std::string dtypes_of(const Types& types) {
  std::string text;
  for (const Type& type : types) text += cat(text.empty() ? "" : " and ", name(type.dtype));
  return text;
}

void check_dtypes(const ScalarFunction& function, const Types& in, std::size_t first) {
  for (std::size_t i = first; i < in.size(); ++i) {
    const DType dtype = in[i].dtype;
    if (function.domain == ScalarFunction::floating && !is_float(dtype))
      fail(function.name, "float32 or float64 inputs", dtypes_of(in), "Cast first.");
    if (function.domain == ScalarFunction::numeric && dtype == DType::boolean)
      fail(function.name, "numeric inputs", dtypes_of(in), "Cast first.");
    if (dtype != in[first].dtype) fail(function.name, "inputs of one dtype", dtypes_of(in), "Cast first.");
  }
}

// The type a program computes with: that of its inputs (if all are bool, its outputs) that are not bool.
DType compute_dtype(const NodeView& node) {
  for (const std::span<const Type> types : {node.in, node.out})
    for (const Type& type : types)
      if (type.dtype != DType::boolean) return type.dtype;
  return DType::boolean;
}

void run(const Call& call, void (*kernel)(const ElementwiseArgs&, Range), double slowness) {
  const auto& program = call.prepared<CompiledProgram>();
  const ElementwiseArgs args{&program.layout, call.in.data(), call.out.data()};
  const std::int64_t blocks = (program.layout.size + program.layout.block - 1) / program.layout.block;
  parallel_for(blocks, slowness * program.nanoseconds_per_block, [&](Range range) { kernel(args, range); });
}

}  // namespace

Shape broadcast_shapes(const char* where, const Types& types) {
  int rank = 0;
  for (const Type& type : types) rank = std::max(rank, type.shape.rank());
  Shape shape(std::vector<std::int64_t>(static_cast<std::size_t>(rank), 1));
  for (const Type& type : types)
    for (int axis = 0; axis < type.shape.rank(); ++axis) {
      std::int64_t& size = shape[axis + rank - type.shape.rank()];
      const std::int64_t other = type.shape[axis];
      if (size == other || other == 1 || (other == unknown && size != 1)) continue;
      if (size != 1 && size != unknown)
        fail(where, "shapes that broadcast (equal, or 1, counted from the last axis)", shapes_of(types));
      size = other;
    }
  return shape;
}

Types infer_scalar_function(Opcode op, const Types& in) {
  const ScalarFunction& function = scalar_function(op);
  const bool conditional = op == Opcode::where;
  if (conditional && in[0].dtype != DType::boolean)
    fail(function.name, "a bool condition", name(in[0].dtype), "Compare, or cast to bool.");
  check_dtypes(function, in, conditional ? 1 : 0);
  const DType dtype = function.result == ScalarFunction::boolean ? DType::boolean : in.back().dtype;
  return {{dtype, broadcast_shapes(function.name, in)}};
}

Prepared prepare_program(const Program& program, const NodeView& node) {
  const Types in(node.in.begin(), node.in.end()), out(node.out.begin(), node.out.end());
  return {compile_program(program, in, out)};
}

Prepared prepare_elementwise(const NodeView& node) {
  const OpDef& op = *node.node->op;
  const Doubles immediates = op.immediates != nullptr ? op.immediates(node.node->attrs) : Doubles{};
  return prepare_program(single_instruction(opcode(op.name), static_cast<int>(node.in.size()), immediates), node);
}

void elementwise_simd(const Call& call) { run(call, kernels().elementwise, 1); }

void elementwise_reference(const Call& call) {
  visit(compute_dtype(call.view), [&]<class T>(T) {
    using Computed = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;
    run(call, reference::elementwise<Computed>, 100);
  });
}

Refusal elementwise_simd_refuses(const NodeView& node) {
  for (const std::span<const Type> types : {node.in, node.out})
    for (const Type& type : types)
      if (type.dtype != DType::f32 && type.dtype != DType::boolean) return refuse("float32 and bool only");
  return accept;
}

Values no_gradient(Graph&, const Node& node, const Values&) { return Values(node.in.size()); }

}  // namespace convcore
