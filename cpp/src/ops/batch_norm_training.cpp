// Batch normalisation with the statistics of the batch. Inference needs no op: it is composed, and fused into one pass.
#include "base/error.h"
#include "ops/batch_norm.h"
#include "ops/build.h"

namespace convcore {

namespace {

using namespace build;

struct BatchNorm {
  std::int64_t axis = -1;
  double epsilon = 1e-3;
  std::string activation = "linear";  // limits only
  void fields(auto&& f) { f("axis", axis), f("epsilon", epsilon), f("activation", activation); }
};

constexpr const char* where_ = "batch_norm_training";

Activation limits_of(const Attrs& attrs) { return norm_limits(where_, attrs.as<BatchNorm>().activation); }

int axis_of(const Attrs& attrs, const Shape& x) { return normalize_axis(attrs.as<BatchNorm>().axis, x.rank(), where_); }

// The per-channel inputs [first, last) must have as many elements as the axis.
Type check_channels(const Attrs& attrs, const Types& in, std::size_t first, std::size_t last) {
  const Type& x = in[0];
  if (!is_float(x.dtype)) fail(where_, "float32 or float64", name(x.dtype), "Cast first.");
  const Type channels{x.dtype, {x.shape[axis_of(attrs, x.shape)]}};
  for (std::size_t i = first; i < last; ++i) {
    const bool fits = in[i].dtype == x.dtype && in[i].shape.rank() == 1 &&
                      (in[i].shape[0] == channels.shape[0] || in[i].shape[0] == unknown || channels.shape[0] == unknown);
    if (!fits) fail(where_, cat("one value per channel, ", channels.str()), in[i].str());
  }
  return channels;
}

Types infer(const Attrs& attrs, const Types& in) {
  const Type channels = check_channels(attrs, in, 1, 3);
  limits_of(attrs);
  if (in.size() > 3 && in[3] != in[0]) fail(where_, cat("a residual like x, ", in[0].str()), in[3].str());
  return {in[0], channels, channels};
}

Types backward_infer(const Attrs& attrs, const Types& in) {
  const Type channels = check_channels(attrs, in, 1, 4);
  if (in[4].dtype != in[0].dtype || in[4].shape.rank() != in[0].shape.rank())
    fail(where_, cat("a gradient like ", in[0].str()), in[4].str());
  if (in.size() > 5 && in[5] != in[1]) fail(where_, cat("beta like gamma, ", in[1].str()), in[5].str());
  limits_of(attrs);
  return {in[0], channels, channels};
}

// A per-channel value as a tensor that broadcasts against x.
Value along_axis(Graph& g, Value v, int axis, int rank) {
  for (int i = axis + 1; i < rank; ++i) v = g.emit1("expand_dims", {v}, AttrMap{{"axis", std::int64_t{-1}}});
  return v;
}

// What flows through the statistics themselves, where a loss uses them.
Value through_statistics(Graph& g, const Node& n, Value dmean, Value dvariance) {
  const Value x = n.in[0];
  const Shape& shape = g.type(x).shape;
  const int axis = axis_of(n.attrs, shape), rank = shape.rank();
  Ints others;
  for (int i = 0; i < rank; ++i)
    if (i != axis) others.push_back(i);
  Value count = g.emit1("size", {x}, AttrMap{{"axes", others}});
  if (g.type(x).dtype == DType::f64) count = g.emit1("cast", {count}, AttrMap{{"dtype", std::string("float64")}});
  Value sum;
  if (dmean) sum = g.emit1("broadcast_like", {along_axis(g, divide(g, dmean, count), axis, rank), x});
  if (dvariance) {
    const Value slope = along_axis(g, divide(g, multiply(g, dvariance, scalar(g, 2, x)), count), axis, rank);
    const Value part = multiply(g, slope, subtract(g, x, along_axis(g, n.out[1], axis, rank)));
    sum = sum ? add(g, sum, part) : part;
  }
  return sum;
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  if (n.in.size() > 3 || n.attrs.as<BatchNorm>().activation != "linear")
    fail(where_, "neither residual nor activation where gradients are taken", "a fused one",
         "Differentiate before the passes run.");
  Values in(3);
  if (dy[0]) in = g.emit_typed("batch_norm_training_backward", {n.in[0], n.in[1], n.out[1], n.out[2], dy[0]}, n.attrs);
  if (const Value extra = through_statistics(g, n, dy[1], dy[2])) in[0] = in[0] ? add(g, in[0], extra) : extra;
  return in;
}

BatchNormArgs bind(const NodeView& node) {
  const Shape& x = node.in[0].shape;
  const int axis = axis_of(node.node->attrs, x);
  BatchNormArgs args;
  args.a = x.elements(0, axis), args.c = x[axis], args.k = x.elements(axis + 1, x.rank());
  args.epsilon = node.attrs<BatchNorm>().epsilon;
  args.chunk = norm_chunk(args.a, args.c);
  args.chunks = args.image_chunks = (args.a + args.chunk - 1) / args.chunk;
  args.image_rows = args.count = args.a;
  return args;
}

Refusal simd_refuses(const NodeView& node) {
  if (node.in[0].dtype != DType::f32) return refuse("float32 only");
  const BatchNormArgs args = bind(node);
  const bool fused = node.attrs<BatchNorm>().activation != "linear" || node.in.size() == 4;
  if (args.k > 1 && fused) return refuse("a fused activation or residual over the last axis only");
  return args.a * args.k > 0 ? accept : refuse("at least one element per channel only");
}

Prepared prepare(const NodeView& node) {
  const BatchNormArgs args = bind(node);
  Prepared prepared;
  prepared.workspace_bytes = static_cast<std::size_t>(2 * args.chunks * args.c) * sizeof(float);
  return prepared;
}

BatchNormArgs bind_forward(const Call& call) {
  BatchNormArgs args = bind(call.view);
  args.x = call.in[0], args.gamma = call.in[1], args.beta = call.in[2];
  args.y = call.out[0], args.mean = call.out[1], args.variance = call.out[2];
  if (call.in.size() > 3) args.residual = call.in[3];
  const Activation limits = limits_of(call.view.node->attrs);
  args.low = limits.low, args.high = limits.high;
  args.partial = static_cast<float*>(call.workspace);
  return args;
}

BatchNormArgs bind_backward(const Call& call) {
  BatchNormArgs args = bind(call.view);
  args.x = call.in[0], args.gamma = call.in[1], args.dy = call.in[4];
  args.mean = const_cast<void*>(call.in[2]), args.variance = const_cast<void*>(call.in[3]);
  args.dx = call.out[0], args.dgamma = call.out[1], args.dbeta = call.out[2];
  if (call.in.size() > 5) {
    args.beta = call.in[5];
    limit_gradient(args, limits_of(call.view.node->attrs));
  }
  args.partial = static_cast<float*>(call.workspace);
  return args;
}

void run_channels(const BatchNormArgs& args, NormKernel kernel, double nanoseconds) {
  parallel_for(args.c, nanoseconds * static_cast<double>(args.a * args.k), [&](Range channels) { kernel(args, channels); });
}

void run_chunks(const BatchNormArgs& args, NormKernel chunk, NormKernel join, NormKernel apply) {
  run_norm_chunks(args, chunk);
  join(args, {0, 1});
  run_norm_chunks(args, apply);
}

void simd(const Call& call) {
  const BatchNormArgs args = bind_forward(call);
  const KernelTable& k = kernels();
  if (args.k > 1) return run_channels(args, k.batch_norm_planes, 0.4);
  run_chunks(args, k.batch_norm_chunk, k.batch_norm_join, k.batch_norm_apply);
}
void backward_simd(const Call& call) {
  const BatchNormArgs args = bind_backward(call);
  const KernelTable& k = kernels();
  if (args.k > 1) return run_channels(args, k.batch_norm_backward_planes, 0.4);
  run_chunks(args, k.batch_norm_backward_chunk, k.batch_norm_backward_join, k.batch_norm_backward_apply);
}

void by_reference(const Call& call) {
  const bool f32 = call.view.in[0].dtype == DType::f32;
  run_channels(bind_forward(call), f32 ? reference::batch_norm_training<float> : reference::batch_norm_training<double>, 4);
}
void backward_by_reference(const Call& call) {
  const bool f32 = call.view.in[0].dtype == DType::f32;
  run_channels(bind_backward(call),
               f32 ? reference::batch_norm_training_backward<float> : reference::batch_norm_training_backward<double>, 4);
}

}  // namespace

CC_DEFINE_OP(batch_norm_training,
             Define<BatchNorm>("gamma*(x - mean)/sqrt(variance + epsilon) + beta with the batch's mean and biased variance; "
                               "activation(result + residual), limits only")
                 .inputs({"x", "gamma", "beta", "residual?"})
                 .channels(0b1001, 0b1)
                 .in_place(0b1001)
                 .infer(infer)
                 .grad(grad)
                 .impl(Device::cpu, "simd", simd, simd_refuses, prepare)
                 .impl(Device::cpu, "reference", by_reference))

CC_DEFINE_OP(batch_norm_training_backward,
             Define<BatchNorm>("gradient of batch_norm_training; beta is read where the activation limits")
                 .inputs({"x", "gamma", "mean", "variance", "dy", "beta?"})
                 .in_place(0b10001)
                 .channels(0b10001, 0b1)
                 .infer(backward_infer)
                 .impl(Device::cpu, "simd", backward_simd, simd_refuses, prepare)
                 .impl(Device::cpu, "reference", backward_by_reference))

}  // namespace convcore
