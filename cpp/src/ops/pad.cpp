// pad: a border of one value.
#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Pad {
  Ints paddings;
  double value = 0.0;
  void fields(auto&& f) { f("paddings", paddings), f("value", value); }
};

std::int64_t low(const Pad& a, int axis) { return a.paddings[static_cast<std::size_t>(2 * axis)]; }
std::int64_t high(const Pad& a, int axis) { return a.paddings[static_cast<std::size_t>(2 * axis + 1)]; }

Types infer(const Attrs& attrs, const Types& in) {
  const Pad& a = attrs.as<Pad>();
  Shape y = in[0].shape;
  if (a.paddings.size() != 2 * y.dims().size())
    fail("pad", cat("two paddings for each of ", y.rank(), " axes"), str(AttrValue(a.paddings)));
  for (int axis = 0; axis < y.rank(); ++axis) {
    if (low(a, axis) < 0 || high(a, axis) < 0) fail("pad", "paddings >= 0", str(AttrValue(a.paddings)));
    const std::int64_t border = checked_add(low(a, axis), high(a, axis));
    if (y[axis] != unknown) y[axis] = checked_add(y[axis], border);
  }
  make_element(a.value, in[0].dtype, "pad");
  return {{in[0].dtype, y}};
}

// Cuts the border off; the upper end counts from the back, so unknown dimensions do no harm.
Values grad(Graph& g, const Node& n, const Values& dy) {
  const Pad& a = n.attrs.as<Pad>();
  AttrMap cut{{"begin", Ints{}}, {"end", Ints{}}};
  for (int axis = 0; axis < g.type(n.in[0]).shape.rank(); ++axis) {
    std::get<Ints>(cut[0].value).push_back(low(a, axis));
    std::get<Ints>(cut[1].value).push_back(high(a, axis) == 0 ? INT64_MAX : -high(a, axis));
  }
  return {g.emit1("slice", {dy[0]}, cut)};
}

struct State {
  Element value;
  StridedCopy interior;
};

Prepared prepare(const NodeView& view) {
  const Pad& a = view.attrs<Pad>();
  CopySpec spec{view.in[0].shape.dims(), byte_strides(view.in[0]), byte_strides(view.out[0]),
                static_cast<std::int64_t>(size_of(view.in[0].dtype))};
  for (int axis = 0; axis < view.in[0].shape.rank(); ++axis)
    spec.y_offset += low(a, axis) * spec.y_strides[static_cast<std::size_t>(axis)];
  return {std::make_shared<State>(State{make_element(a.value, view.in[0].dtype, "pad"), StridedCopy(std::move(spec))})};
}

void run(const Call& c, StridedCopy::Kernel kernel) {
  const State& state = c.prepared<State>();
  fill(c.view.out[0], state.value.bytes, c.out[0], kernel);
  state.interior.run(c.in[0], c.out[0], kernel);
}

void run_simd(const Call& c) { run(c, kernels().copy_strided); }
void run_reference(const Call& c) { run(c, reference::copy_strided); }

}  // namespace

CC_DEFINE_OP(pad, Define<Pad>("x with a border of value; paddings is low, high for each axis in turn")
                      .inputs({"x"})
                      .infer(infer)
                      .grad(grad)
                      .identity_on_same_type()
                      .images(0b1)
                      .impl(Device::cpu, "simd", run_simd, nullptr, prepare)
                      .impl(Device::cpu, "reference", run_reference, nullptr, prepare))

}  // namespace convcore
