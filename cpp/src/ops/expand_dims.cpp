// expand_dims: a new axis of size 1.
#include "base/error.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct ExpandDims {
  std::int64_t axis = -1;
  void fields(auto&& f) { f("axis", axis); }
};

Types infer(const Attrs& attrs, const Types& in) {
  std::vector<std::int64_t> dims = in[0].shape.dims();
  const int axis = normalize_axis(attrs.as<ExpandDims>().axis, in[0].shape.rank() + 1, "expand_dims");
  dims.insert(dims.begin() + axis, 1);
  return {{in[0].dtype, Shape(std::move(dims))}};
}

Values grad(Graph& g, const Node& n, const Values& dy) { return {g.emit1("reshape_like", {dy[0], n.in[0]})}; }

}  // namespace

CC_DEFINE_OP(expand_dims, Define<ExpandDims>("x with a new axis of size 1 at position axis")
                              .inputs({"x"})
                              .infer(infer)
                              .grad(grad)
                              .view()
                              .impl(Device::cpu, "copy", copy_bytes))

}  // namespace convcore
