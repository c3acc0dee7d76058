// flatten: every axis but the first becomes one.
#include "base/error.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

Types infer(const Attrs&, const Types& in) {
  const Shape& x = in[0].shape;
  if (x.rank() == 0) fail("flatten", "a tensor with a batch axis", "a scalar");
  std::int64_t rest = 1;
  for (int axis = 1; axis < x.rank() && rest != unknown; ++axis)
    rest = x[axis] == unknown ? unknown : checked_mul(rest, x[axis]);
  return {{in[0].dtype, {x[0], rest}}};
}

Values grad(Graph& g, const Node& n, const Values& dy) { return {g.emit1("reshape_like", {dy[0], n.in[0]})}; }

}  // namespace

CC_DEFINE_OP(flatten, Define<>("(batch, ...) to (batch, product of the rest)")
                          .inputs({"x"})
                          .infer(infer)
                          .grad(grad)
                          .view()
                          .impl(Device::cpu, "copy", copy_bytes))

}  // namespace convcore
