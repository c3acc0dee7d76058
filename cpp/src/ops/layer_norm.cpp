// layer_norm: normalisation over the last axes of each sample, in one pass over memory, and its gradient in another.
#include "kernels/layer_norm.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct LayerNorm {
  std::int64_t axes = 1;  // how many, counted from the last
  double epsilon = 1e-3;
  bool center = true;
  void fields(auto&& f) { f("axes", axes), f("epsilon", epsilon), f("center", center); }
};

constexpr const char* where_ = "layer_norm";

// The elements of one row; unknown if one of its axes is.
std::int64_t row_size(const LayerNorm& attrs, const Shape& x) {
  if (attrs.axes < 1 || attrs.axes > x.rank()) fail(where_, cat("axes from 1 to ", x.rank()), std::to_string(attrs.axes));
  std::int64_t n = 1;
  for (int axis = x.rank() - static_cast<int>(attrs.axes); axis < x.rank(); ++axis) {
    if (x[axis] == unknown) return unknown;
    n = checked_mul(n, x[axis]);
  }
  return n;
}

Type check(const Attrs& attrs, const Types& in, std::size_t last) {
  if (!is_float(in[0].dtype)) fail(where_, "float32 or float64", name(in[0].dtype), "Cast first.");
  const Type row{in[0].dtype, {row_size(attrs.as<LayerNorm>(), in[0].shape)}};
  for (std::size_t i = 1; i < last; ++i) {
    const Shape& size = in[i].shape;
    const bool fits = in[i].dtype == row.dtype && size.rank() == 1 &&
                      (size[0] == row.shape[0] || size[0] == unknown || row.shape[0] == unknown);
    if (!fits) fail(where_, cat("one value per element of a row, ", row.str()), in[i].str());
  }
  return row;
}

Types infer(const Attrs& attrs, const Types& in) {
  check(attrs, in, 3);
  return {in[0]};
}

Types backward_infer(const Attrs& attrs, const Types& in) {
  const Type row = check(attrs, in, 2);
  if (in[2].dtype != in[0].dtype || in[2].shape.rank() != in[0].shape.rank())
    fail(where_, cat("a gradient like ", in[0].str()), in[2].str());
  return {in[0], row, row};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  return g.emit_typed("layer_norm_backward", {n.in[0], n.in[1], dy[0]}, n.attrs);
}

LayerNormArgs bind(const NodeView& node) {
  const LayerNorm& attrs = node.attrs<LayerNorm>();
  const Shape& x = node.in[0].shape;
  LayerNormArgs args;
  args.n = row_size(attrs, x), args.rows = x.elements(0, x.rank() - static_cast<int>(attrs.axes));
  args.epsilon = attrs.epsilon, args.center = attrs.center;
  // enough chunks for many threads, few enough that their parts are small beside x
  args.chunk = std::max<std::int64_t>(8, (args.rows + 63) / 64);
  return args;
}

std::int64_t chunks(const LayerNormArgs& args) { return (args.rows + args.chunk - 1) / args.chunk; }

Refusal simd_refuses(const NodeView& node) {
  if (node.in[0].dtype != DType::f32) return refuse("float32 only");
  return node.in[0].shape.elements() > 0 ? accept : refuse("at least one element only");
}

Prepared prepare_backward(const NodeView& node) {
  const LayerNormArgs args = bind(node);
  Prepared prepared;
  prepared.workspace_bytes = static_cast<std::size_t>(chunks(args) * 2 * args.n) * sizeof(float);
  return prepared;
}

LayerNormArgs bind_forward(const Call& call) {
  LayerNormArgs args = bind(call.view);
  args.x = call.in[0], args.gamma = call.in[1], args.beta = call.in[2], args.y = call.out[0];
  return args;
}

LayerNormArgs bind_backward(const Call& call) {
  LayerNormArgs args = bind(call.view);
  args.x = call.in[0], args.gamma = call.in[1], args.dy = call.in[2];
  args.dx = call.out[0], args.dgamma = call.out[1], args.dbeta = call.out[2];
  args.parts = static_cast<float*>(call.workspace);
  return args;
}

void run(const LayerNormArgs& args, double element, void (*kernel)(const LayerNormArgs&, Range)) {
  parallel_for(args.rows, 10 + element * static_cast<double>(args.n), [&](Range rows) { kernel(args, rows); });
}

void simd(const Call& call) { run(bind_forward(call), 0.3, kernels().layer_norm); }

void backward_simd(const Call& call) {
  const LayerNormArgs args = bind_backward(call);
  const double rows = 0.6 * static_cast<double>(args.chunk * args.n);
  parallel_for(chunks(args), rows, [&](Range range) { kernels().layer_norm_backward(args, range); });
  for (int i = 0; i < 2; ++i) {
    const SumPartsArgs sums{args.parts + i * args.n, call.y(1 + i), chunks(args), 2 * args.n};
    parallel_for(args.n, 0.1 * static_cast<double>(chunks(args)), [&](Range range) { kernels().sum_parts(sums, range); });
  }
}

void by_reference(const Call& call) {
  const bool f32 = call.view.in[0].dtype == DType::f32;
  run(bind_forward(call), 5, f32 ? reference::layer_norm<float> : reference::layer_norm<double>);
}

void backward_by_reference(const Call& call) {
  const bool f32 = call.view.in[0].dtype == DType::f32;
  const LayerNormArgs args = bind_backward(call);
  (f32 ? reference::layer_norm_backward<float> : reference::layer_norm_backward<double>)(args, {0, 1});
}

}  // namespace

CC_DEFINE_OP(layer_norm, Define<LayerNorm>("(x - mean)/sqrt(variance + epsilon)*gamma + beta over the last axes of x; "
                                           "without center, mean is 0")
                             .inputs({"x", "gamma", "beta"})
                             .infer(infer)
                             .grad(grad)
                             .impl(Device::cpu, "simd", simd, simd_refuses)
                             .impl(Device::cpu, "reference", by_reference))

CC_DEFINE_OP(layer_norm_backward, Define<LayerNorm>("gradient of layer_norm")
                                      .inputs({"x", "gamma", "dy"})
                                      .infer(backward_infer)
                                      .impl(Device::cpu, "simd", backward_simd, simd_refuses, prepare_backward)
                                      .impl(Device::cpu, "reference", backward_by_reference))

}  // namespace convcore
