// What all elementwise ops share: the broadcasting rule, and the implementations, which run a program of one instruction.
#pragma once

#include "kernels/elementwise.h"
#include "ops/op.h"

namespace convcore {

// NumPy's rule, with unknown dimensions; throws Error naming `where`.
Shape broadcast_shapes(const char* where, const Types& types);

Types infer_scalar_function(Opcode op, const Types& in);
template <Opcode op>
Types infer_elementwise(const Attrs&, const Types& in) {
  return infer_scalar_function(op, in);
}

// For programs whose text or instruction is known: shared with fused_elementwise.
struct Program;
Prepared prepare_program(const Program& program, const NodeView& node);
Prepared prepare_elementwise(const NodeView& node);
void elementwise_simd(const Call& call);
void elementwise_reference(const Call& call);
Refusal elementwise_simd_refuses(const NodeView& node);

// The rule of functions that are constant almost everywhere.
Values no_gradient(Graph& graph, const Node& node, const Values& dy);

#define CC_ELEMENTWISE_IMPLEMENTATIONS                                                       \
  impl(Device::cpu, "simd", elementwise_simd, elementwise_simd_refuses, prepare_elementwise) \
      .impl(Device::cpu, "reference", elementwise_reference, nullptr, prepare_elementwise)

#define CC_UNARY_OP(NAME, DOC, GRAD)                             \
  CC_DEFINE_OP(NAME, Define<>(DOC)                               \
                         .inputs({"x"})                          \
                         .infer(infer_elementwise<Opcode::NAME>) \
                         .grad(GRAD)                             \
                         .elementwise()                          \
                         .CC_ELEMENTWISE_IMPLEMENTATIONS)
#define CC_BINARY_OP(NAME, DOC, GRAD)                            \
  CC_DEFINE_OP(NAME, Define<>(DOC)                               \
                         .inputs({"a", "b"})                     \
                         .infer(infer_elementwise<Opcode::NAME>) \
                         .grad(GRAD)                             \
                         .elementwise()                          \
                         .CC_ELEMENTWISE_IMPLEMENTATIONS)

}  // namespace convcore
