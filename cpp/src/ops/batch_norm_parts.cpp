// batch_norm_training and its gradient in parts, which the pass split_norms makes of large ones: what runs image by image
// can run slice by slice together with the convolutions around it. Channels last, float32.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/batch_norm.h"

namespace convcore {

Activation norm_limits(const char* op, const std::string& activation) {
  const Activation made = read_activation(op, activation);
  if (made.step_count > 0) fail(op, "an activation that only limits: relu or clip", activation);
  return made;
}

void limit_gradient(BatchNormArgs& args, const Activation& limits) {
  args.low = limits.low, args.high = limits.high;
  if (std::isfinite(args.high)) args.high = std::nextafter(static_cast<float>(args.high), -HUGE_VALF);
}

std::int64_t norm_chunk(std::int64_t rows, std::int64_t channels) {
  const std::int64_t cached = 8192 / std::max<std::int64_t>(channels, 1);
  return std::min(std::clamp<std::int64_t>(cached, 16, 1024), std::max<std::int64_t>(rows, 1));
}

void run_norm_chunks(const BatchNormArgs& args, NormKernel kernel) {
  const double nanoseconds = 0.15 * static_cast<double>(args.chunk * args.c);
  parallel_for(args.chunks, nanoseconds, [&](Range range) { kernel(args, range); });
}

namespace {

struct NormPart {
  double epsilon = 1e-3;
  std::string activation = "linear";  // limits only
  std::int64_t count = 0;             // gradient: pixels of the whole batch
  void fields(auto&& f) { f("epsilon", epsilon), f("activation", activation), f("count", count); }
};

constexpr const char* where_ = "batch_norm";

Type channels_of(const Type& x) {
  if (x.dtype != DType::f32 || x.shape.rank() < 2) fail(where_, "float32 of rank 2 or more", x.str());
  return {DType::f32, {x.shape[x.shape.rank() - 1]}};
}

// Chunks are cut inside each image, so that one image's partial results are its own: [images, chunks, 2, channels].
BatchNormArgs bind(const Type& x) {
  BatchNormArgs args;
  const int rank = x.shape.rank();
  args.c = x.shape[rank - 1], args.image_rows = x.shape.elements(1, rank - 1), args.a = x.shape[0] * args.image_rows;
  args.chunk = norm_chunk(args.image_rows, args.c);
  args.image_chunks = (args.image_rows + args.chunk - 1) / args.chunk, args.chunks = x.shape[0] * args.image_chunks;
  return args;
}

void check_inputs(const Attrs& attrs, const Types& in, std::size_t alike, std::size_t end) {
  const Type channels = channels_of(in[0]);
  for (std::size_t i = 1; i < in.size(); ++i) {
    const Type& want = i < alike || i >= end ? in[0] : channels;
    if (in[i] != want) fail(where_, want.str(), in[i].str());
  }
  norm_limits(where_, attrs.as<NormPart>().activation);
}

Type partial_type(const Type& x) {
  channels_of(x);
  return {DType::f32, {x.shape[0], bind(x).image_chunks, 2, x.shape[x.shape.rank() - 1]}};
}

Types infer_statistics(const Attrs&, const Types& in) { return {partial_type(in[0])}; }
Types infer_join(const Attrs&, const Types& in) {
  if (in[0] != partial_type(in[1])) fail(where_, partial_type(in[1]).str(), in[0].str());
  return {channels_of(in[1]), channels_of(in[1])};
}
Types infer_apply(const Attrs& attrs, const Types& in) { return check_inputs(attrs, in, 1, 5), Types{in[0]}; }
Types infer_backward_statistics(const Attrs& attrs, const Types& in) {
  return check_inputs(attrs, in, 2, in.size()), Types{partial_type(in[0])};
}
Types infer_backward_apply(const Attrs& attrs, const Types& in) {
  return check_inputs(attrs, in, 2, in.size()), Types{in[0]};
}

BatchNormArgs bind_statistics(const Call& c) {
  BatchNormArgs args = bind(c.view.in[0]);
  args.x = c.in[0], args.partial = c.y();
  return args;
}

BatchNormArgs bind_join(const Call& c) {
  BatchNormArgs args = bind(c.view.in[1]);
  args.partial = const_cast<float*>(c.x(0)), args.mean = c.out[0], args.variance = c.out[1];
  return args;
}

BatchNormArgs bind_apply(const Call& c) {
  BatchNormArgs args = bind(c.view.in[0]);
  args.x = c.in[0], args.mean = const_cast<void*>(c.in[1]), args.variance = const_cast<void*>(c.in[2]);
  args.gamma = c.in[3], args.beta = c.in[4], args.y = c.out[0];
  if (c.in.size() > 5) args.residual = c.in[5];
  const auto& attrs = c.attrs<NormPart>();
  const Activation limits = norm_limits(where_, attrs.activation);
  args.epsilon = attrs.epsilon, args.low = limits.low, args.high = limits.high;
  return args;
}

// x, dy, mean, variance, gamma, ..., beta?
BatchNormArgs bind_backward(const Call& c, std::size_t beta) {
  BatchNormArgs args = bind(c.view.in[0]);
  args.x = c.in[0], args.dy = c.in[1], args.gamma = c.in[4];
  args.mean = const_cast<void*>(c.in[2]), args.variance = const_cast<void*>(c.in[3]);
  const auto& attrs = c.attrs<NormPart>();
  args.epsilon = attrs.epsilon, args.count = attrs.count;
  if (c.in.size() > beta) args.beta = c.in[beta], limit_gradient(args, norm_limits(where_, attrs.activation));
  return args;
}

BatchNormArgs bind_backward_statistics(const Call& c) {
  BatchNormArgs args = bind_backward(c, 5);
  args.partial = c.y();
  return args;
}

BatchNormArgs bind_backward_join(const Call& c) {
  BatchNormArgs args = bind(c.view.in[1]);
  args.partial = const_cast<float*>(c.x(0)), args.dgamma = c.out[0], args.dbeta = c.out[1];
  return args;
}

BatchNormArgs bind_backward_apply(const Call& c) {
  BatchNormArgs args = bind_backward(c, 7);
  args.dgamma = const_cast<void*>(c.in[5]), args.dbeta = const_cast<void*>(c.in[6]), args.dx = c.out[0];
  return args;
}

}  // namespace

#define CC_NORM_IMPLEMENTATIONS(KERNEL, BIND, RUN) \
  impl(Device::cpu, "simd", [](const Call& c) {    \
    RUN(BIND(c), kernels().KERNEL);                \
  }).impl(Device::cpu, "reference", [](const Call& c) { RUN(BIND(c), reference::KERNEL); })
#define CC_NORM_ONCE(ARGS, FUNCTION) FUNCTION(ARGS, Range{0, 1})

CC_DEFINE_OP(batch_norm_statistics, Define<NormPart>("mean and sum of squared differences from it, by chunks of an image")
                                        .inputs({"x"})
                                        .infer(infer_statistics)
                                        .images(0b1)
                                        .CC_NORM_IMPLEMENTATIONS(batch_norm_chunk, bind_statistics, run_norm_chunks))

CC_DEFINE_OP(batch_norm_join,
             Define<NormPart>("mean and biased variance of batch_norm_statistics; only the shape of x is read")
                 .inputs({"statistics", "x"})
                 .infer(infer_join)
                 .shape_only(0b10)
                 .CC_NORM_IMPLEMENTATIONS(batch_norm_join, bind_join, CC_NORM_ONCE))

CC_DEFINE_OP(batch_norm_apply,
             Define<NormPart>("activation(gamma*(x - mean)/sqrt(variance + epsilon) + beta + residual), limits only")
                 .inputs({"x", "mean", "variance", "gamma", "beta", "residual?"})
                 .infer(infer_apply)
                 .images(0b100001)
                 .in_place(0b100001)
                 .CC_NORM_IMPLEMENTATIONS(batch_norm_apply, bind_apply, run_norm_chunks))

CC_DEFINE_OP(batch_norm_backward_statistics,
             Define<NormPart>("sums of dy and of dy times the normalised x, by chunks of an image")
                 .inputs({"x", "dy", "mean", "variance", "gamma", "beta?"})
                 .infer(infer_backward_statistics)
                 .images(0b11)
                 .CC_NORM_IMPLEMENTATIONS(batch_norm_backward_chunk, bind_backward_statistics, run_norm_chunks))

CC_DEFINE_OP(batch_norm_backward_join,
             Define<NormPart>("gradients for gamma and beta of batch_norm_backward_statistics; only the shape of x is read")
                 .inputs({"statistics", "x"})
                 .infer(infer_join)
                 .shape_only(0b10)
                 .CC_NORM_IMPLEMENTATIONS(batch_norm_backward_join, bind_backward_join, CC_NORM_ONCE))

CC_DEFINE_OP(batch_norm_backward_apply,
             Define<NormPart>("gradient of batch_norm_training for x, from those for gamma and beta")
                 .inputs({"x", "dy", "mean", "variance", "gamma", "dgamma", "dbeta", "beta?"})
                 .infer(infer_backward_apply)
                 .images(0b11)
                 .in_place(0b11)
                 .CC_NORM_IMPLEMENTATIONS(batch_norm_backward_apply, bind_backward_apply, run_norm_chunks))

}  // namespace convcore
