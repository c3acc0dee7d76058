// Positions of extrema.
#include "base/error.h"
#include "ops/reduce.h"

namespace convcore {

namespace {

struct Position {
  std::int64_t axis = -1;
  bool keepdims = false;
  void fields(auto&& f) { f("axis", axis), f("keepdims", keepdims); }
};

Types infer(const Attrs& attrs, const Types& in) {
  const Position& a = attrs.as<Position>();
  const Shape& x = in[0].shape;
  const std::vector<bool> reduced = reduced_axes("argmax", {a.axis}, x.rank());
  if (x[normalize_axis(a.axis, x.rank(), "argmax")] == 0) fail("argmax", "at least one element along the axis", x.str());
  return {{DType::i32, reduced_shape(x, reduced, a.keepdims)}};
}

template <ReduceOp op>
void run(const Call& call) {
  reduce_reference(call, op, reduced_axes("argmax", {call.attrs<Position>().axis}, call.view.in[0].shape.rank()));
}

Values no_gradient(Graph&, const Node&, const Values&) { return {Value{}}; }

}  // namespace

CC_DEFINE_OP(argmax, Define<Position>("position of the first largest element along an axis, as int32; the first NaN wins")
                         .inputs({"x"})
                         .infer(infer)
                         .grad(no_gradient)
                         .impl(Device::cpu, "reference", run<ReduceOp::argmax>))

CC_DEFINE_OP(argmin, Define<Position>("position of the first smallest element along an axis, as int32; the first NaN wins")
                         .inputs({"x"})
                         .infer(infer)
                         .grad(no_gradient)
                         .impl(Device::cpu, "reference", run<ReduceOp::argmin>))

}  // namespace convcore
