// Conversion between element types.
#include "kernels/cast.h"

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct Cast {
  std::string dtype = "float32";
  void fields(auto&& f) { f("dtype", dtype); }
};

Types infer(const Attrs& attrs, const Types& in) { return {{parse_dtype(attrs.as<Cast>().dtype), in[0].shape}}; }

// As a step of a fused program: 1 makes truth values, 0 leaves float32, and bools read as float32, as they are.
Doubles immediates(const Attrs& attrs) { return {parse_dtype(attrs.as<Cast>().dtype) == DType::boolean ? 1.0 : 0.0}; }

Values grad(Graph& g, const Node& n, const Values& dy) {
  const DType from = g.type(n.in[0]).dtype;
  if (!is_float(from) || !is_float(g.type(n.out[0]).dtype)) return {Value{}};
  return {g.emit1("cast", {dy[0]}, Cast{std::string(name(from))})};
}

CastArgs bind(const Call& call) {
  const Type &from = call.view.in[0], &to = call.view.out[0];
  return {call.in[0], call.out[0], from.dtype, to.dtype, to.shape.elements()};
}

void run(const CastArgs& args, void (*kernel)(const CastArgs&, Range)) {
  const std::int64_t blocks = (args.size + cast_block - 1) / cast_block;
  parallel_for(blocks, 0.3 * cast_block, [&](Range range) { kernel(args, range); });
}

Refusal simd_refuses(const NodeView& node) {
  const DType from = node.in[0].dtype, to = node.out[0].dtype;
  const bool widens = (from == DType::u8 || from == DType::boolean || is_half(from)) && to == DType::f32;
  const bool narrows = from == DType::f32 && is_half(to);
  return widens || narrows ? accept : refuse("uint8, bool and 16-bit floats to float32, and float32 to 16-bit floats, only");
}

void simd(const Call& call) {
  const CastArgs args = bind(call);
  run(args, is_half(args.from) || is_half(args.to) ? kernels().cast_half : kernels().cast_bytes);
}
void by_reference(const Call& call) { run(bind(call), reference::cast); }

}  // namespace

CC_DEFINE_OP(cast, Define<Cast>("x as another dtype: floats truncate and saturate, NaN becomes 0, to bool: x != 0")
                       .inputs({"x"})
                       .infer(infer)
                       .grad(grad)
                       .elementwise(immediates)
                       .identity_on_same_type()
                       .impl(Device::cpu, "simd", simd, simd_refuses)
                       .impl(Device::cpu, "reference", by_reference))

}  // namespace convcore
