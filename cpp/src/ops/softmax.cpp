// Softmax and log_softmax: stable, along any one axis.
#include "kernels/softmax.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/build.h"
#include "ops/op.h"

namespace convcore {

namespace {

using namespace build;

struct Softmax {
  std::int64_t axis = -1;
  void fields(auto&& f) { f("axis", axis); }
};

Types infer(const Attrs& attrs, const Types& in) {
  normalize_axis(attrs.as<Softmax>().axis, in[0].shape.rank(), "softmax");
  if (!is_float(in[0].dtype)) fail("softmax", "float32 or float64", name(in[0].dtype), "Cast first.");
  return {in[0]};
}

Value sum_along(Graph& g, Value x, const Node& n) {
  return g.emit1("sum", {x}, AttrMap{{"axes", Ints{n.attrs.as<Softmax>().axis}}, {"keepdims", true}});
}

Values softmax_grad(Graph& g, const Node& n, const Values& dy) {
  const Value y = n.out[0];
  return {multiply(g, y, subtract(g, dy[0], sum_along(g, multiply(g, dy[0], y), n)))};
}
Values log_softmax_grad(Graph& g, const Node& n, const Values& dy) {
  return {subtract(g, dy[0], multiply(g, g.emit1("exp", {n.out[0]}), sum_along(g, dy[0], n)))};
}

SoftmaxArgs bind(const Call& call, bool log) {
  const Shape& x = call.view.in[0].shape;
  const int axis = normalize_axis(call.attrs<Softmax>().axis, x.rank(), "softmax");
  return {call.in[0], call.out[0], x.elements(0, axis), x[axis], x.elements(axis + 1, x.rank()), log};
}

void run(const SoftmaxArgs& args, void (*kernel)(const SoftmaxArgs&, Range)) {
  const std::int64_t blocks = args.k == 1 ? 1 : (args.k + softmax_columns - 1) / softmax_columns;
  const double columns = static_cast<double>(std::min(args.k, softmax_columns));
  parallel_for(args.a * blocks, 20 + static_cast<double>(args.r) * columns, [&](Range range) { kernel(args, range); });
}

Refusal simd_refuses(const NodeView& node) { return node.in[0].dtype == DType::f32 ? accept : refuse("float32 only"); }

template <bool log>
void simd(const Call& call) {
  run(bind(call, log), kernels().softmax);
}
template <bool log>
void by_reference(const Call& call) {
  run(bind(call, log), call.view.in[0].dtype == DType::f32 ? reference::softmax<float> : reference::softmax<double>);
}

}  // namespace

CC_DEFINE_OP(softmax, Define<Softmax>("exp(x) divided by its sum along an axis")
                          .inputs({"x"})
                          .channels(0b1, 0b1)
                          .infer(infer)
                          .grad(softmax_grad)
                          .in_place()
                          .images(0b1)
                          .impl(Device::cpu, "simd", simd<false>, simd_refuses)
                          .impl(Device::cpu, "reference", by_reference<false>))

CC_DEFINE_OP(log_softmax, Define<Softmax>("logarithm of softmax along an axis")
                              .inputs({"x"})
                              .channels(0b1, 0b1)
                              .infer(infer)
                              .grad(log_softmax_grad)
                              .in_place()
                              .images(0b1)
                              .impl(Device::cpu, "simd", simd<true>, simd_refuses)
                              .impl(Device::cpu, "reference", by_reference<true>))

}  // namespace convcore
