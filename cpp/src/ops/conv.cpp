// Convolution of rank 1 to 3 and its two gradients, as ops.
#include "ops/conv.h"

#include <algorithm>

#include "base/error.h"
#include "ops/build.h"
#include "ops/conv_depthwise.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct Conv : ConvWindow {
  std::string activation = "linear";
  void fields(auto&& f) { ConvWindow::fields(f), f("activation", activation); }
};

bool channels_first(const ConvWindow& window) { return window.data_format == DataFormat::channels_first; }

// conv(x, kernel, bias?, residual?) = activation(correlation + bias + residual)

Types infer(const Attrs& attrs, const Types& in) {
  const Type y = conv_output("conv", attrs.as<Conv>(), in[0], in[1]);
  check_epilogue("conv", attrs.as<Conv>().activation, in, y, in[1].shape[in[1].shape.rank() - 1]);
  return {y};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  const auto& attrs = n.attrs.as<Conv>();
  refuse_activation_gradient("conv", attrs.activation);
  const ConvWindow& window = attrs;
  const Value dx = g.emit1("conv_backward_input", {dy[0], n.in[1], n.in[0]}, window);
  const char* rest = n.in.size() > 2 ? "conv_backward_filter_bias" : "conv_backward_filter";
  Values grads = g.emit_typed(rest, {n.in[0], dy[0], n.in[1]}, Attrs::of(window));
  grads.insert(grads.begin(), dx);
  if (n.in.size() > 3) grads.push_back(dy[0]);
  return grads;
}

// Sums keep their order where the elements of a row stay together. So rank 1 does not go by rows, whose only axis is the
// row; nor does a window that sees all of every other axis: of as many rows as it has it would be a dense layer.
RowWindow rows(const NodeView& v) {
  if (channels_first(v.attrs<Conv>()) || v.in[0].shape.rank() == 3) return {};
  const ConvShape s = conv_shape(v.attrs<Conv>(), v.in[0], v.in[1]);
  RowWindow window;
  bool sees_rows_whole = true;
  for (int a = 5 - v.in[0].shape.rank(); a < 3; ++a) {
    const std::int64_t size = (s.k[a] - 1) * s.dilation[a] + 1;
    if (window.size == 0) {
      window.size = size, window.stride = s.stride[a], window.low = s.pad[a];
    } else {
      sees_rows_whole &= s.k[a] == s.in[a];
    }
    window.paddings.push_back(s.pad[a]);
    window.paddings.push_back(std::max<std::int64_t>(0, (s.out[a] - 1) * s.stride[a] + size - s.pad[a] - s.in[a]));
  }
  return sees_rows_whole ? RowWindow{} : window;
}

ConvShape forward_shape(const NodeView& v) { return conv_shape(v.attrs<Conv>(), v.in[0], v.in[1]); }

Prepared prepare(const NodeView& v) {
  return prepare_correlation(forward_shape(v), ConvPlan::Pass::forward, v.settings,
                             read_activation("conv", v.attrs<Conv>().activation));
}

Refusal winograd_refuses_forward(const NodeView& v) {
  const Refusal refusal = simd_refuses_conv<Conv>(v);
  return refusal ? refusal : winograd_refuses(forward_shape(v), WinogradPlan::Pass::forward, v.settings);
}

Prepared prepare_winograd_forward(const NodeView& v) {
  Prepared prepared = prepare_winograd(forward_shape(v), WinogradPlan::Pass::forward, v.settings,
                                       read_activation("conv", v.attrs<Conv>().activation));
  if (v.in[0].shape.rank() != 4) prepared.row_unit = 0;  // the first spatial axis is not the height of a tile
  return prepared;
}

Prepared prepare_winograd_rows(const NodeView& part, const Prepared& whole) {
  return prepare_winograd_part(forward_shape(part), part.settings, whole);
}

Refusal depthwise_refuses_forward(const NodeView& v) {
  const Refusal refusal = simd_refuses_conv<Conv>(v);
  return refusal ? refusal : depthwise_refuses(forward_shape(v));
}

Prepared prepare_depthwise_forward(const NodeView& v) {
  return prepare_depthwise(forward_shape(v), ConvPlan::Pass::forward, v.settings,
                           read_activation("conv", v.attrs<Conv>().activation));
}

void reference_run(const Call& c) {
  const auto& attrs = c.attrs<Conv>();
  reference_forward(c, forward_shape(c.view), channels_first(attrs), read_activation("conv", attrs.activation));
}

// The gradients take a third input only for its shape: the shape of the result.

Types infer_gradient(const char* op, const ConvWindow& window, const Type& x, const Type& kernel, const Type& dy,
                     const Type& result) {
  const Type y = conv_output(op, window, x, kernel);
  bool fits = dy.dtype == y.dtype && dy.shape.rank() == y.shape.rank();
  for (int axis = 0; fits && axis < y.shape.rank(); ++axis)
    fits = dy.shape[axis] == y.shape[axis] || dy.shape[axis] == unknown || y.shape[axis] == unknown;
  if (!fits) fail(op, cat("a gradient of the convolution's result, ", y.str()), dy.str());
  return {result};
}

// conv_backward_input(dy, kernel, x)

Types infer_input(const Attrs& attrs, const Types& in) {
  return infer_gradient("conv_backward_input", attrs.as<ConvWindow>(), in[2], in[1], in[0], in[2]);
}

Values grad_input(Graph& g, const Node& n, const Values& d) {
  const auto& window = n.attrs.as<ConvWindow>();
  return {g.emit1("conv", {d[0], n.in[1]}, Conv{window}), g.emit1("conv_backward_filter", {d[0], n.in[0], n.in[1]}, window),
          Value{}};
}

ConvShape input_gradient_shape(const NodeView& v) { return conv_shape(v.attrs<ConvWindow>(), v.in[2], v.in[1]); }

Prepared prepare_input(const NodeView& v) {
  return prepare_correlation(input_gradient_shape(v), ConvPlan::Pass::input_gradient, v.settings);
}

Refusal winograd_refuses_input(const NodeView& v) {
  const Refusal refusal = simd_refuses_conv<ConvWindow>(v);
  return refusal ? refusal : winograd_refuses(input_gradient_shape(v), WinogradPlan::Pass::input_gradient, v.settings);
}

Prepared prepare_winograd_input(const NodeView& v) {
  return prepare_winograd(input_gradient_shape(v), WinogradPlan::Pass::input_gradient, v.settings);
}

Refusal depthwise_refuses_input(const NodeView& v) {
  const Refusal refusal = simd_refuses_conv<ConvWindow>(v);
  return refusal ? refusal : depthwise_refuses(input_gradient_shape(v));
}

Prepared prepare_depthwise_input(const NodeView& v) {
  return prepare_depthwise(input_gradient_shape(v), ConvPlan::Pass::input_gradient, v.settings);
}

void reference_input(const Call& c) {
  reference_input_gradient(c, input_gradient_shape(c.view), channels_first(c.attrs<ConvWindow>()));
}

// conv_backward_filter(x, dy, kernel)

Types infer_filter(const Attrs& attrs, const Types& in) {
  return infer_gradient("conv_backward_filter", attrs.as<ConvWindow>(), in[0], in[2], in[1], in[2]);
}

Values grad_filter(Graph& g, const Node& n, const Values& d) {
  const auto& window = n.attrs.as<ConvWindow>();
  return {g.emit1("conv_backward_input", {n.in[1], d[0], n.in[0]}, window), g.emit1("conv", {n.in[0], d[0]}, Conv{window}),
          Value{}};
}

ConvShape filter_gradient_shape(const NodeView& v) { return conv_shape(v.attrs<ConvWindow>(), v.in[0], v.in[2]); }

FilterResult filter_result(const NodeView& v) {
  if (v.out.size() > 1) return FilterResult::kernel_and_bias;
  return v.out[0].shape.rank() > v.in[2].shape.rank() ? FilterResult::kernel_by_image : FilterResult::kernel;
}

Prepared prepare_filter(const NodeView& v) {
  return prepare_filter_gradient(filter_gradient_shape(v), filter_result(v), v.settings);
}

Refusal depthwise_refuses_filter(const NodeView& v) {
  const Refusal refusal = simd_refuses_conv<ConvWindow>(v);
  return refusal ? refusal : depthwise_refuses(filter_gradient_shape(v));
}

Prepared prepare_depthwise_filter(const NodeView& v) {
  return prepare_depthwise_filter(filter_gradient_shape(v), filter_result(v), v.settings);
}

Refusal winograd_refuses_filter_gradient(const NodeView& v) {
  const Refusal refusal = simd_refuses_conv<ConvWindow>(v);
  return refusal ? refusal : winograd_refuses_filter(filter_gradient_shape(v), v.settings);
}

Prepared prepare_winograd_filter_gradient(const NodeView& v) {
  return prepare_winograd_filter(filter_gradient_shape(v), v.out.size() > 1, v.settings);
}

void reference_filter(const Call& c) {
  reference_filter_gradient(c, filter_gradient_shape(c.view), channels_first(c.attrs<ConvWindow>()));
}

// conv_backward_filter_bias(x, dy, kernel): the same and the bias gradient, whose sums cost nothing while dy is at hand

Types infer_filter_bias(const Attrs& attrs, const Types& in) {
  const auto& window = attrs.as<ConvWindow>();
  Types out = infer_gradient("conv_backward_filter_bias", window, in[0], in[2], in[1], in[2]);
  out.push_back({in[2].dtype, Shape{in[2].shape[in[2].shape.rank() - 1]}});
  return out;
}

Values grad_filter_bias(Graph& g, const Node& n, const Values& d) {
  const auto& window = n.attrs.as<ConvWindow>();
  const Value dw = d[0] ? d[0] : build::multiply(g, n.in[2], build::scalar(g, 0, n.in[2]));
  const Value dx = g.emit1("conv_backward_input", {n.in[1], dw, n.in[0]}, window);
  Values in = {n.in[0], dw};
  if (d[1]) in.push_back(d[1]);
  return {dx, g.emit1("conv", in, Conv{window}), Value{}};
}

// conv_backward_filter_by_image(x, dy, kernel): what conv_backward_filter sums over the images, along an axis of its own.
// The pass split_filter_gradients makes it, so that it can run slice by slice beside what makes dy.

Types infer_filter_by_image(const Attrs& attrs, const Types& in) {
  const Type kernel = infer_gradient("conv_backward_filter_by_image", attrs.as<ConvWindow>(), in[0], in[2], in[1], in[2])[0];
  Ints sizes = {in[0].shape[0]};
  for (int axis = 0; axis < kernel.shape.rank(); ++axis) sizes.push_back(kernel.shape[axis]);
  return {{kernel.dtype, Shape(sizes)}};
}

double filter_by_image_operations(const NodeView& v) { return multiply_adds(v.in[1], v.in[2]); }

void reference_filter_by_image(const Call& c) {
  reference_filter_gradient_by_image(c, filter_gradient_shape(c.view), channels_first(c.attrs<ConvWindow>()));
}

}  // namespace

CC_DEFINE_OP(conv, Define<Conv>("convolution of rank 1 to 3; activation(result + bias + residual)")
                       .inputs({"x", "kernel", "bias?", "residual?"})
                       .infer(infer)
                       .grad(grad)
                       .operations(forward_operations)
                       .epilogue(2, max_activation_steps)
                       .filter_axis(1)
                       .images(0b1001)
                       .rows(rows)
                       .channels(0b1001, 0b1)
                       .impl(Device::cpu, "depthwise", run_depthwise, depthwise_refuses_forward, prepare_depthwise_forward,
                             pack_depthwise)
                       .impl(Device::cpu, "winograd", run_winograd, winograd_refuses_forward, prepare_winograd_forward,
                             pack_winograd, prepare_winograd_rows)
                       .impl(Device::cpu, "simd", run_forward, simd_refuses_conv<Conv>, prepare, pack_correlation)
                       .impl(Device::cpu, "reference", reference_run))

CC_DEFINE_OP(conv_backward_input, Define<ConvWindow>("gradient of a convolution for its input; only the shape of x is read")
                                      .inputs({"dy", "kernel", "x"})
                                      .infer(infer_input)
                                      .grad(grad_input)
                                      .operations(input_gradient_operations)
                                      .shape_only(1u << 2)
                                      .images(0b101)
                                      .channels(0b101, 0b1)
                                      .impl(Device::cpu, "depthwise", run_depthwise_input_gradient, depthwise_refuses_input,
                                            prepare_depthwise_input, pack_depthwise)
                                      .impl(Device::cpu, "winograd", run_winograd_input_gradient, winograd_refuses_input,
                                            prepare_winograd_input, pack_winograd)
                                      .impl(Device::cpu, "simd", run_input_gradient, simd_refuses_conv<ConvWindow>,
                                            prepare_input, pack_correlation)
                                      .impl(Device::cpu, "reference", reference_input))

CC_DEFINE_OP(conv_backward_filter,
             Define<ConvWindow>("gradient of a convolution for its kernel; only the shape of kernel is read")
                 .inputs({"x", "dy", "kernel"})
                 .infer(infer_filter)
                 .grad(grad_filter)
                 .operations(filter_gradient_operations)
                 .shape_only(1u << 2)
                 .channels(0b11, 0)
                 .impl(Device::cpu, "depthwise", run_depthwise_filter_gradient, depthwise_refuses_filter,
                       prepare_depthwise_filter)
                 .impl(Device::cpu, "winograd", run_winograd_filter_gradient, winograd_refuses_filter_gradient,
                       prepare_winograd_filter_gradient)
                 .impl(Device::cpu, "simd", run_filter_gradient, simd_refuses_conv<ConvWindow>, prepare_filter)
                 .impl(Device::cpu, "reference", reference_filter))

CC_DEFINE_OP(conv_backward_filter_bias,
             Define<ConvWindow>("gradients of a convolution for its kernel and bias; only the shape of kernel is read")
                 .inputs({"x", "dy", "kernel"})
                 .infer(infer_filter_bias)
                 .grad(grad_filter_bias)
                 .operations(filter_gradient_operations)
                 .shape_only(1u << 2)
                 .channels(0b11, 0)
                 .impl(Device::cpu, "depthwise", run_depthwise_filter_gradient, depthwise_refuses_filter,
                       prepare_depthwise_filter)
                 .impl(Device::cpu, "winograd", run_winograd_filter_gradient, winograd_refuses_filter_gradient,
                       prepare_winograd_filter_gradient)
                 .impl(Device::cpu, "simd", run_filter_gradient, simd_refuses_conv<ConvWindow>, prepare_filter)
                 .impl(Device::cpu, "reference", reference_filter))

CC_DEFINE_OP(conv_backward_filter_by_image,
             Define<ConvWindow>("gradient of a convolution for its kernel, image by image: (batch, *shape of the kernel)")
                 .inputs({"x", "dy", "kernel"})
                 .infer(infer_filter_by_image)
                 .operations(filter_by_image_operations)
                 .shape_only(1u << 2)
                 .images(0b11)
                 .impl(Device::cpu, "depthwise", run_depthwise_filter_gradient, depthwise_refuses_filter,
                       prepare_depthwise_filter)
                 .impl(Device::cpu, "simd", run_filter_gradient, simd_refuses_conv<ConvWindow>, prepare_filter)
                 .impl(Device::cpu, "reference", reference_filter_by_image))

}  // namespace convcore
