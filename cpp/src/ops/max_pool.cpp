// Max pooling. Padding acts as minus infinity; NaN wins; the first maximum of a window in row-major order gets its gradient.
#include "base/error.h"
#include "ops/pool.h"

namespace convcore {

namespace {

using Op = PoolOp<PoolKind::max>;

Values grad(Graph& g, const Node& n, const Values& dy) {
  return g.emit_typed("max_pool_backward", {n.in[0], n.out[0], dy[0]}, n.attrs);
}

}  // namespace

CC_DEFINE_OP(max_pool, Define<Pool>("largest element of each window")
                           .inputs({"x"})
                           .channels(0b1, 0b1)
                           .images(0b1)
                           .rows(pool_rows)
                           .infer(Op::infer)
                           .grad(grad)
                           .impl(Device::cpu, "simd", Op::simd, pool_simd_refuses)
                           .impl(Device::cpu, "reference", Op::by_reference))

CC_DEFINE_OP(max_pool_backward, Define<Pool>("gradient of max_pool")
                                    .inputs({"x", "y", "dy"})
                                    .channels(0b111, 0b1)
                                    .infer(Op::backward_infer)
                                    .impl(Device::cpu, "simd", Op::backward_simd, pool_simd_refuses)
                                    .impl(Device::cpu, "reference", Op::backward_by_reference))

}  // namespace convcore
