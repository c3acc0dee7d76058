// The reverse of broadcasting: what gradient rules of broadcasting ops need.
#include "base/error.h"
#include "ops/reduce.h"

namespace convcore {

namespace {

// The axes of x along which `like` was repeated.
std::vector<bool> repeated_axes(const Shape& x, const Shape& like) {
  std::vector<bool> repeated(static_cast<std::size_t>(x.rank()), true);
  for (int axis = 0; axis < like.rank(); ++axis) {
    const int at = axis + x.rank() - like.rank();
    repeated[static_cast<std::size_t>(at)] = like[axis] == 1 && x[at] != 1;
  }
  return repeated;
}

Types infer(const Attrs&, const Types& in) {
  const Shape &x = in[0].shape, &like = in[1].shape;
  bool fits = like.rank() <= x.rank();
  for (int axis = 0; axis < like.rank() && fits; ++axis) {
    const std::int64_t from = x[axis + x.rank() - like.rank()];
    fits = like[axis] == from || like[axis] == 1 || like[axis] == unknown || from == unknown;
  }
  if (!fits) fail("sum_to_shape", cat("a shape that broadcasts to ", x.str()), like.str());
  return {{in[0].dtype, like}};
}

Values grad(Graph& g, const Node& n, const Values& dy) { return {g.emit1("broadcast_like", {dy[0], n.in[0]}), Value{}}; }

Prepared prepare(const NodeView& node) {
  return prepare_reduction(plan_reduction(node.in[0].shape, repeated_axes(node.in[0].shape, node.in[1].shape)));
}
void simd(const Call& call) { reduce_simd(call, ReduceOp::sum); }
void by_reference(const Call& call) {
  reduce_reference(call, ReduceOp::sum, repeated_axes(call.view.in[0].shape, call.view.in[1].shape));
}

}  // namespace

CC_DEFINE_OP(sum_to_shape, Define<>("x summed along the axes that `like` has not, or has with size 1")
                               .inputs({"x", "like"})
                               .infer(infer)
                               .grad(grad)
                               .shape_only(2)
                               .identity_on_same_type()
                               .impl(Device::cpu, "simd", simd, reduce_simd_refuses, prepare)
                               .impl(Device::cpu, "reference", by_reference))

}  // namespace convcore
