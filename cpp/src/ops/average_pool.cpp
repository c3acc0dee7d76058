// Average pooling. Padding is not counted.
#include "base/error.h"
#include "ops/pool.h"

namespace convcore {

namespace {

using Op = PoolOp<PoolKind::average>;

Values grad(Graph& g, const Node& n, const Values& dy) {
  return g.emit_typed("average_pool_backward", {dy[0], n.in[0]}, n.attrs);
}

// Linear in dy, so its own gradient is the forward op; the data of x is never read.
Values backward_grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit_typed("average_pool", {dy[0]}, n.attrs)[0], Value{}};
}

}  // namespace

CC_DEFINE_OP(average_pool, Define<Pool>("mean of each window, padding excluded")
                               .inputs({"x"})
                               .channels(0b1, 0b1)
                               .images(0b1)
                               .rows(pool_rows)
                               .infer(Op::infer)
                               .grad(grad)
                               .impl(Device::cpu, "simd", Op::simd, pool_simd_refuses)
                               .impl(Device::cpu, "reference", Op::by_reference))

CC_DEFINE_OP(average_pool_backward, Define<Pool>("gradient of average_pool")
                                        .inputs({"dy", "x"})
                                        .channels(0b11, 0b1)
                                        .infer(Op::backward_infer)
                                        .grad(backward_grad)
                                        .shape_only(2)
                                        .impl(Device::cpu, "simd", Op::backward_simd, pool_simd_refuses)
                                        .impl(Device::cpu, "reference", Op::backward_by_reference))

}  // namespace convcore
