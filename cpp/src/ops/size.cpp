// size: how many elements, as a number to divide by.
#include "ops/op.h"

namespace convcore {

namespace {

struct Size {
  Ints axes;
  void fields(auto&& f) { f("axes", axes); }
};

Types infer(const Attrs& attrs, const Types& in) {
  for (std::int64_t axis : attrs.as<Size>().axes) normalize_axis(axis, in[0].shape.rank(), "size");
  return {{DType::f32, {}}};
}

void run_reference(const Call& c) {
  const Shape& x = c.view.in[0].shape;
  const Ints& axes = c.attrs<Size>().axes;
  double count = axes.empty() ? static_cast<double>(x.elements()) : 1.0;
  for (std::int64_t axis : axes) count *= static_cast<double>(x[normalize_axis(axis, x.rank(), "size")]);
  *c.y() = static_cast<float>(count);
}

}  // namespace

CC_DEFINE_OP(size, Define<Size>("the product of the named dimensions of x (of all without axes), as a float32 scalar")
                       .inputs({"x"})
                       .infer(infer)
                       .shape_only(0b1)
                       .constant_from_shapes()
                       .impl(Device::cpu, "reference", run_reference))

}  // namespace convcore
