// A whole chain of elementwise ops as one node: made by the fusion pass, run as one loop over cache-sized blocks.
#include "base/error.h"
#include "ops/elementwise.h"
#include "ops/program.h"

namespace convcore {

namespace {

struct FusedElementwise {
  std::string program;
  void fields(auto&& f) { f("program", program); }
};

Types infer(const Attrs& attrs, const Types& in) {
  const Program program = parse_program(attrs.as<FusedElementwise>().program, static_cast<int>(in.size()));
  DType dtype = DType::boolean;
  for (const Type& type : in) {
    if (type.dtype == DType::boolean) continue;
    if (!is_float(type.dtype) || (dtype != DType::boolean && dtype != type.dtype))
      fail("fused_elementwise", "bool inputs and others of one float dtype", type.str());
    dtype = type.dtype;
  }
  if (dtype == DType::boolean) dtype = DType::f32;
  return Types(program.outputs.size(), {dtype, broadcast_shapes("fused_elementwise", in)});
}

Prepared prepare(const NodeView& node) {
  const std::string& text = node.attrs<FusedElementwise>().program;
  return prepare_program(parse_program(text, static_cast<int>(node.in.size())), node);
}

}  // namespace

CC_DEFINE_OP(fused_elementwise, Define<FusedElementwise>("a program of elementwise ops, in one pass over memory")
                                    .inputs({"xs..."})
                                    .infer(infer)
                                    .in_place()
                                    .images(~0u)
                                    .impl(Device::cpu, "simd", elementwise_simd, elementwise_simd_refuses, prepare)
                                    .impl(Device::cpu, "reference", elementwise_reference, nullptr, prepare))

}  // namespace convcore
