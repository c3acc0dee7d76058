// reshape and reshape_like: the same bytes under another shape.
#include "base/error.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Reshape {
  Ints shape;
  void fields(auto&& f) { f("shape", shape); }
};

// The product of the known dimensions; `open` tells whether there are others.
std::int64_t known_product(const Shape& shape, bool& open) {
  std::int64_t product = 1;
  for (std::int64_t dim : shape.dims()) {
    open = open || dim == unknown;
    if (dim != unknown) product = checked_mul(product, dim);
  }
  return product;
}

[[noreturn]] void does_not_fit(const Type& x, const Shape& target) {
  fail("reshape", cat("a shape with as many elements as ", x.shape.str()), target.str());
}

Types infer(const Attrs& attrs, const Types& in) {
  Shape target(attrs.as<Reshape>().shape);
  int free_axis = -1;
  for (int axis = 0; axis < target.rank(); ++axis) {
    if (target[axis] != unknown) continue;
    if (free_axis >= 0) fail("reshape", "at most one -1 in shape", str(AttrValue(target.dims())));
    free_axis = axis;
  }
  bool x_open = false, target_open = false;
  const std::int64_t count = known_product(in[0].shape, x_open), wanted = known_product(target, target_open);
  if (!x_open && free_axis < 0 && count != wanted) does_not_fit(in[0], target);
  if (!x_open && free_axis >= 0) {
    if (wanted == 0 || count % wanted != 0) does_not_fit(in[0], target);
    target[free_axis] = count / wanted;
  }
  return {{in[0].dtype, target}};
}

Types infer_like(const Attrs&, const Types& in) {
  const Shape &x = in[0].shape, &like = in[1].shape;
  if (x.known() && like.known() && x.elements() != like.elements())
    fail("reshape_like", cat("a shape with as many elements as ", x.str()), like.str());
  return {{in[0].dtype, like}};
}

Values grad(Graph& g, const Node& n, const Values& dy) { return {g.emit1("reshape_like", {dy[0], n.in[0]})}; }

Values grad_like(Graph& g, const Node& n, const Values& dy) { return {g.emit1("reshape_like", {dy[0], n.in[0]}), {}}; }

}  // namespace

CC_DEFINE_OP(reshape, Define<Reshape>("the elements of x under another shape; one dimension may be -1")
                          .inputs({"x"})
                          .infer(infer)
                          .grad(grad)
                          .view()
                          .impl(Device::cpu, "copy", copy_bytes))

CC_DEFINE_OP(reshape_like, Define<>("the elements of x under the shape of like")
                               .inputs({"x", "like"})
                               .infer(infer_like)
                               .grad(grad_like)
                               .view()
                               .shape_only(0b10)
                               .impl(Device::cpu, "copy", copy_bytes))

}  // namespace convcore
