// Root of the sum of squares of each window; padding contributes 0, and the gradient of an all-zero window is 0.
#include "base/error.h"
#include "ops/pool.h"

namespace convcore {

namespace {

using Op = PoolOp<PoolKind::l2>;

Values grad(Graph& g, const Node& n, const Values& dy) {
  return g.emit_typed("l2_pool_backward", {n.in[0], n.out[0], dy[0]}, n.attrs);
}

}  // namespace

CC_DEFINE_OP(l2_pool, Define<Pool>("square root of the sum of squares of each window")
                          .inputs({"x"})
                          .channels(0b1, 0b1)
                          .images(0b1)
                          .rows(pool_rows)
                          .infer(Op::infer)
                          .grad(grad)
                          .impl(Device::cpu, "simd", Op::simd, pool_simd_refuses)
                          .impl(Device::cpu, "reference", Op::by_reference))

CC_DEFINE_OP(l2_pool_backward, Define<Pool>("gradient of l2_pool")
                                   .inputs({"x", "y", "dy"})
                                   .channels(0b111, 0b1)
                                   .infer(Op::backward_infer)
                                   .impl(Device::cpu, "simd", Op::backward_simd, pool_simd_refuses)
                                   .impl(Device::cpu, "reference", Op::backward_by_reference))

}  // namespace convcore
