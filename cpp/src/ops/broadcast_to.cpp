// broadcast_to and broadcast_like: x repeated along axes of size 1 and along new leading axes.
#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct BroadcastTo {
  Ints shape;
  void fields(auto&& f) { f("shape", shape); }
};

// x spread to `target`; an unknown dimension of the target that stands over a dimension of x keeps it if `keep`.
Types spread(const char* where, const Type& x, Shape target, bool keep) {
  const int fresh = target.rank() - x.shape.rank();
  bool fits = fresh >= 0;
  for (int axis = 0; fits && axis < target.rank(); ++axis) {
    const std::int64_t dim = axis < fresh ? 1 : x.shape[axis - fresh];
    if (target[axis] == unknown && keep && axis >= fresh) target[axis] = dim;
    fits = dim == 1 || dim == unknown || target[axis] == unknown || target[axis] == dim;
    fits = fits && !(keep && axis < fresh && target[axis] == unknown);
  }
  if (!fits) fail(where, cat("a shape that ", x.shape.str(), " is broadcastable to"), target.str());
  return {{x.dtype, target}};
}

Types infer(const Attrs& attrs, const Types& in) {
  return spread("broadcast_to", in[0], Shape(attrs.as<BroadcastTo>().shape), true);
}

Types infer_like(const Attrs&, const Types& in) { return spread("broadcast_like", in[0], in[1].shape, false); }

Values grad(Graph& g, const Node& n, const Values& dy) { return {g.emit1("sum_to_shape", {dy[0], n.in[0]})}; }

Values grad_like(Graph& g, const Node& n, const Values& dy) { return {g.emit1("sum_to_shape", {dy[0], n.in[0]}), {}}; }

Prepared prepare(const NodeView& view) {
  const Type &x = view.in[0], &y = view.out[0];
  CopySpec spec{y.shape.dims(), std::vector<std::int64_t>(y.shape.dims().size()), byte_strides(y),
                static_cast<std::int64_t>(size_of(x.dtype))};
  const std::vector<std::int64_t> strides = byte_strides(x);
  const std::size_t fresh = spec.dims.size() - strides.size();
  for (std::size_t axis = 0; axis < strides.size(); ++axis)
    spec.x_strides[fresh + axis] = x.shape[static_cast<int>(axis)] == 1 ? 0 : strides[axis];
  return {std::make_shared<StridedCopy>(std::move(spec))};
}

void run_simd(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], kernels().copy_strided); }
void run_reference(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], reference::copy_strided); }

}  // namespace

CC_DEFINE_OP(broadcast_to, Define<BroadcastTo>("x broadcast to shape; -1 keeps a dimension of x")
                               .inputs({"x"})
                               .infer(infer)
                               .grad(grad)
                               .identity_on_same_type()
                               .broadcasts()
                               .impl(Device::cpu, "simd", run_simd, nullptr, prepare)
                               .impl(Device::cpu, "reference", run_reference, nullptr, prepare))

CC_DEFINE_OP(broadcast_like, Define<>("x broadcast to the shape of like")
                                 .inputs({"x", "like"})
                                 .infer(infer_like)
                                 .grad(grad_like)
                                 .shape_only(0b10)
                                 .identity_on_same_type()
                                 .broadcasts()
                                 .impl(Device::cpu, "simd", run_simd, nullptr, prepare)
                                 .impl(Device::cpu, "reference", run_reference, nullptr, prepare))

}  // namespace convcore
