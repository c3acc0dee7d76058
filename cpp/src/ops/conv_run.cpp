// How the three passes of convolution and dense reach their kernels.
#include "base/error.h"
#include "kernels/reference/conv.h"
#include "ops/conv.h"

namespace convcore {

void check_epilogue(const char* op, const std::string& activation, const Types& in, const Type& y, std::int64_t channels) {
  if (in.size() > 2 && in[2] != Type{y.dtype, Shape{channels}})
    fail(op, cat("a bias of shape (", channels, ",) and the input's dtype"), in[2].str());
  if (in.size() > 3 && in[3] != y) fail(op, cat("a residual like the result, ", y.str()), in[3].str());
  read_activation(op, activation);
}

void refuse_activation_gradient(const char* op, const std::string& activation) {
  if (activation == "linear") return;
  fail(op, "activation=\"linear\" where gradients are taken", "a fused activation", "Differentiate before the passes run.");
}

Refusal simd_refuses_dtype(const NodeView& view) {
  return view.out[0].dtype == DType::f32 ? accept : refuse("float32 only");
}

Prepared prepare_correlation(const ConvShape& shape, ConvPlan::Pass pass, const Settings& settings,
                             const Activation& activation) {
  const std::int64_t channels = (pass == ConvPlan::Pass::forward ? shape.f : shape.c) / shape.groups;
  const auto plan = std::make_shared<const ConvPlan>(shape, pass, activation, kernels_for(channels), settings.threads);
  return {plan, plan->workspace_bytes(), 1, plan->packed_bytes()};
}

Prepared prepare_filter_gradient(const ConvShape& shape, FilterResult result, const Settings& settings) {
  const auto plan = std::make_shared<const ConvFilterPlan>(shape, result, kernels(), settings.threads);
  return {plan, plan->workspace_bytes(), -1, 0};
}

void pack_correlation(const Call& c, void* packed) { c.prepared<ConvPlan>().pack(c.x(1), static_cast<float*>(packed)); }

void run_forward(const Call& c) {
  const float* bias = c.in.size() > 2 ? c.x(2) : nullptr;
  const float* residual = c.in.size() > 3 ? c.x(3) : nullptr;
  c.prepared<ConvPlan>().run(c.x(0), static_cast<const float*>(c.packed), bias, residual, c.y(), c.workspace, c.whole_bytes);
}

void run_input_gradient(const Call& c) {
  c.prepared<ConvPlan>().run(c.x(0), static_cast<const float*>(c.packed), nullptr, nullptr, c.y(), c.workspace,
                             c.whole_bytes);
}

void run_filter_gradient(const Call& c) {
  float* const db = c.out.size() > 1 ? c.y(1) : nullptr;
  c.prepared<ConvFilterPlan>().run(c.x(0), c.x(1), c.y(0), db, c.workspace);
}

namespace {

// Calls f with arguments of the result's element type.
template <class F>
void with_args(const Call& c, const ConvShape& shape, bool channels_first, F f) {
  const auto go = [&]<class T>(T) {
    reference::ConvArgs<T> args;
    args.shape = shape, args.channels_first = channels_first;
    f(args);
  };
  return c.view.out[0].dtype == DType::f64 ? go(double{}) : go(float{});
}

// Multiply-adds of one of `parts` equal parts; the reference kernels do about one in a nanosecond.
double nanoseconds(const ConvShape& s, std::int64_t parts) {
  double macs = static_cast<double>(s.n) * static_cast<double>(s.f) * static_cast<double>(s.c / s.groups);
  for (int a = 0; a < 3; ++a) macs *= static_cast<double>(s.out[a]) * static_cast<double>(s.k[a]);
  return macs / static_cast<double>(parts > 0 ? parts : 1);
}

}  // namespace

void reference_forward(const Call& c, const ConvShape& shape, bool channels_first, const Activation& activation) {
  with_args(c, shape, channels_first, [&]<class T>(reference::ConvArgs<T>& args) {
    args.x = c.x<T>(0), args.w = c.x<T>(1), args.bias = c.in.size() > 2 ? c.x<T>(2) : nullptr, args.y = c.y<T>();
    args.residual = c.in.size() > 3 ? c.x<T>(3) : nullptr, args.activation = activation;
    parallel_for(shape.n, nanoseconds(shape, shape.n), [&](Range images) { reference::conv(args, images); });
  });
}

void reference_input_gradient(const Call& c, const ConvShape& shape, bool channels_first) {
  with_args(c, shape, channels_first, [&]<class T>(reference::ConvArgs<T>& args) {
    args.dy = c.x<T>(0), args.w = c.x<T>(1), args.dx = c.y<T>();
    parallel_for(shape.n, nanoseconds(shape, shape.n), [&](Range images) { reference::conv_backward_input(args, images); });
  });
}

void reference_transpose(const Call& c, const ConvShape& shape, bool channels_first, const Activation& activation) {
  with_args(c, shape, channels_first, [&]<class T>(reference::ConvArgs<T>& args) {
    args.dy = c.x<T>(0), args.w = c.x<T>(1), args.bias = c.in.size() > 2 ? c.x<T>(2) : nullptr, args.dx = c.y<T>();
    args.residual = c.in.size() > 3 ? c.x<T>(3) : nullptr, args.activation = activation;
    parallel_for(shape.n, nanoseconds(shape, shape.n), [&](Range images) { reference::conv_backward_input(args, images); });
  });
}

void reference_filter_gradient(const Call& c, const ConvShape& shape, bool channels_first) {
  with_args(c, shape, channels_first, [&]<class T>(reference::ConvArgs<T>& args) {
    args.x = c.x<T>(0), args.dy = c.x<T>(1), args.dw = c.y<T>(0);
    if (c.out.size() > 1) args.db = c.y<T>(1);
    parallel_for(shape.f, nanoseconds(shape, shape.f),
                 [&](Range filters) { reference::conv_backward_filter(args, filters); });
  });
}

void reference_filter_gradient_by_image(const Call& c, const ConvShape& shape, bool channels_first) {
  with_args(c, shape, channels_first, [&]<class T>(reference::ConvArgs<T>& args) {
    args.shape.n = 1;
    const std::int64_t x_size = c.view.in[0].shape.elements(1, c.view.in[0].shape.rank());
    const std::int64_t dy_size = c.view.in[1].shape.elements(1, c.view.in[1].shape.rank());
    parallel_for(shape.n, nanoseconds(shape, shape.n), [&](Range images) {
      reference::ConvArgs<T> mine = args;
      for (std::int64_t i = images.begin; i < images.end; ++i) {
        mine.x = c.x<T>(0) + i * x_size, mine.dy = c.x<T>(1) + i * dy_size;
        mine.dw = c.y<T>(0) + i * c.view.in[2].shape.elements();
        reference::conv_backward_filter(mine, {0, shape.f});
      }
    });
  });
}

}  // namespace convcore
