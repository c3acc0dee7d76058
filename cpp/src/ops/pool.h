// What the pooling ops share: attributes, shape rule, implementations.
#pragma once

#include "kernels/pool.h"
#include "ops/op.h"
#include "ops/window.h"

namespace convcore {

struct Pool {
  Ints pool_size, strides;  // strides: none means pool_size
  Padding padding = Padding::valid;
  // If given, window i of an axis of n elements with m windows holds the elements [floor(i n / m), ceil((i + 1) n / m)), and
  // the attributes above are not used.
  Ints output_size;
  DataFormat data_format = DataFormat::channels_last;
  Ints paddings;  // windows may reach so far over the ends, low, high for each spatial axis; what lies there takes no part
  void fields(auto&& f) {
    f("pool_size", pool_size), f("strides", strides), f("padding", padding), f("output_size", output_size);
    f("data_format", data_format), f("paddings", paddings);
  }
};

Type pool_output(const char* where, const Pool& attrs, const Type& x);
void pool_simd(const Call& call, PoolKind kind);
void pool_reference(const Call& call, PoolKind kind);
// The inputs of a backward op: x, y, dy; average pooling has dy and, for its shape only, x.
void pool_backward_simd(const Call& call, PoolKind kind);
void pool_backward_reference(const Call& call, PoolKind kind);
RowWindow pool_rows(const NodeView& node);
Refusal pool_simd_refuses(const NodeView& node);

template <PoolKind kind>
struct PoolOp {
  static constexpr const char* name = kind == PoolKind::max       ? "max_pool"
                                      : kind == PoolKind::average ? "average_pool"
                                                                  : "l2_pool";
  static constexpr int x = kind == PoolKind::average ? 1 : 0;  // position of x among the inputs of the backward op

  static Types infer(const Attrs& attrs, const Types& in) { return {pool_output(name, attrs.as<Pool>(), in[0])}; }
  static Types backward_infer(const Attrs& attrs, const Types& in) {
    const Type y = pool_output(name, attrs.as<Pool>(), in[x]);
    const Type& dy = in[kind == PoolKind::average ? 0 : 2];
    if (dy.dtype != y.dtype || dy.shape.rank() != y.shape.rank()) fail(name, cat("a gradient like ", y.str()), dy.str());
    return {in[x]};
  }
  static void simd(const Call& call) { pool_simd(call, kind); }
  static void by_reference(const Call& call) { pool_reference(call, kind); }
  static void backward_simd(const Call& call) { pool_backward_simd(call, kind); }
  static void backward_by_reference(const Call& call) { pool_backward_reference(call, kind); }
};

}  // namespace convcore
