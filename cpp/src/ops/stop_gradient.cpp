// stop_gradient: x, through which no gradient flows.
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

Types infer(const Attrs&, const Types& in) { return {in[0]}; }

Values grad(Graph&, const Node&, const Values&) { return {{}}; }

}  // namespace

CC_DEFINE_OP(stop_gradient, Define<>("x, as a constant to gradients")
                                .inputs({"x"})
                                .infer(infer)
                                .grad(grad)
                                .view()
                                .impl(Device::cpu, "copy", copy_bytes))

}  // namespace convcore
