// squeeze: drops axes of size 1.
#include <array>

#include "base/error.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Squeeze {
  Ints axes;
  void fields(auto&& f) { f("axes", axes); }
};

Types infer(const Attrs& attrs, const Types& in) {
  const Shape& x = in[0].shape;
  const Ints& axes = attrs.as<Squeeze>().axes;
  std::array<bool, max_rank> dropped{};
  for (std::int64_t given : axes) {
    const int axis = normalize_axis(given, x.rank(), "squeeze");
    if (x[axis] != 1 && x[axis] != unknown) fail("squeeze", cat("size 1 at axis ", axis), x.str());
    dropped[static_cast<std::size_t>(axis)] = true;
  }
  if (axes.empty() && !x.known()) fail("squeeze", "axes, since a dimension is unknown", x.str(), "Name the axes to drop.");
  std::vector<std::int64_t> dims;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (axes.empty() ? x[axis] != 1 : !dropped[static_cast<std::size_t>(axis)]) dims.push_back(x[axis]);
  return {{in[0].dtype, Shape(std::move(dims))}};
}

Values grad(Graph& g, const Node& n, const Values& dy) { return {g.emit1("reshape_like", {dy[0], n.in[0]})}; }

}  // namespace

CC_DEFINE_OP(squeeze, Define<Squeeze>("x without the named axes of size 1; without any of them if none is named")
                          .inputs({"x"})
                          .infer(infer)
                          .grad(grad)
                          .view()
                          .impl(Device::cpu, "copy", copy_bytes))

}  // namespace convcore
