// Transposed convolution: the input gradient of a convolution as a forward op, with an output size, a bias and an activation
// of its own. Its gradients are a convolution and that convolution's filter gradient.
#include <algorithm>

#include "base/error.h"
#include "ops/build.h"
#include "ops/conv.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct ConvTranspose : ConvWindow {
  Ints output_padding;  // empty: the output size follows from the strides alone
  std::string activation = "linear";
  void fields(auto&& f) { window_fields(f), f("output_padding", output_padding), f("activation", activation); }
};

const char* const op_name = "conv_transpose";

// One spatial axis. Element p of the input is scattered to p*stride + t*dilation for each tap t; the result is what stands
// from `crop` on, zeros where the scattered elements end sooner. `crop` does not depend on the size of the input.
struct Axis {
  std::int64_t k = 1, stride = 1, dilation = 1;
  std::int64_t extra = 0;  // the output has (n - 1) * stride + extra elements
  std::int64_t crop = 0;

  std::int64_t reach() const { return checked_add(checked_mul(k - 1, dilation), 1); }
  std::int64_t out(std::int64_t n) const { return n == unknown ? unknown : checked_add(checked_mul(n - 1, stride), extra); }
  // Whether the convolution that this is the gradient of, with its own padding rule, turns out(n) into n.
  bool has_plain_adjoint(Padding padding) const { return padding == Padding::valid || extra > 0; }
};

std::vector<Axis> axes_of(const ConvTranspose& a, const Type& x, const Type& kernel) {
  const int spatial = x.shape.rank() - 2;
  const Ints strides = window_sizes(op_name, "strides", a.strides, spatial, 1);
  const Ints dilation = window_sizes(op_name, "dilation_rate", a.dilation_rate, spatial, 1);
  const bool padded = !a.output_padding.empty();
  if (padded && a.output_padding.size() != strides.size())
    fail(op_name, cat("output_padding as ", spatial, " integers"), str(AttrValue(a.output_padding)));
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    Axis axis{kernel.shape[static_cast<int>(i)], strides[i], dilation[i]};
    const std::int64_t reach = axis.reach(), more = padded ? a.output_padding[i] : 0;
    if (more < 0 || (padded && more >= axis.stride))
      fail(op_name, cat("0 <= output_padding < strides=", str(AttrValue(strides))), str(AttrValue(a.output_padding)));
    if (a.padding == Padding::valid) {
      axis.extra = padded ? checked_add(reach, more) : std::max(reach, axis.stride);
    } else {
      axis.extra = padded ? reach % 2 + more : axis.stride;
      axis.crop = std::max<std::int64_t>(reach - axis.extra, 0) / 2;
    }
    axes.push_back(axis);
  }
  return axes;
}

int channel_axis(const ConvTranspose& a, int rank) { return a.data_format == DataFormat::channels_first ? 1 : rank - 1; }
int first_spatial(const ConvTranspose& a) { return a.data_format == DataFormat::channels_first ? 2 : 1; }

void check_types(const ConvTranspose& a, const Type& x, const Type& kernel) {
  const int rank = x.shape.rank();
  if (rank < 3 || rank > 5)
    fail(op_name, "an input of rank 3, 4 or 5 (batch, 1 to 3 spatial axes, channels)", x.str(),
         "Is the batch axis missing?");
  if (!is_float(x.dtype)) fail(op_name, "an input of dtype float32 or float64", x.str(), "Convert it with cast().");
  if (kernel.shape.rank() != rank || kernel.dtype != x.dtype || !kernel.shape.known() || kernel.shape.elements() == 0)
    fail(op_name, cat("a kernel (sizes.., filters, channels) of dtype ", name(x.dtype), " for the input ", x.str()),
         kernel.str());
  const std::int64_t channels = x.shape[channel_axis(a, rank)], wanted = kernel.shape[rank - 1];
  if (channels != unknown && channels != wanted)
    fail(op_name, cat("an input of ", wanted, " channels for the kernel ", kernel.shape.str()), cat(channels, " channels"),
         "Are the data format and the input shape as intended?");
  if (a.groups < 1 || wanted % a.groups != 0) fail(op_name, "groups that divide the channels", cat(a.groups));
  if (a.padding == Padding::causal) fail(op_name, "padding \"valid\" or \"same\"", "\"causal\"");
}

// conv_transpose(x, kernel, bias?, residual?)

Types infer(const Attrs& attrs, const Types& in) {
  const auto& a = attrs.as<ConvTranspose>();
  check_types(a, in[0], in[1]);
  const int rank = in[0].shape.rank();
  Type y = in[0];
  const std::int64_t filters = checked_mul(in[1].shape[rank - 2], a.groups);
  y.shape[channel_axis(a, rank)] = filters;
  int axis = first_spatial(a);
  for (const Axis& along : axes_of(a, in[0], in[1])) {
    if (y.shape[axis] == 0) fail(op_name, "at least one element along each spatial axis", in[0].str());
    y.shape[axis] = along.out(y.shape[axis]), ++axis;
  }
  check_epilogue(op_name, a.activation, in, y, filters);
  return {y};
}

// The convolution whose input gradient this is: its input is our output.
ConvShape adjoint_shape(const NodeView& v) {
  const auto& a = v.attrs<ConvTranspose>();
  const Type &x = v.in[0], &kernel = v.in[1];
  const int rank = x.shape.rank(), spatial = rank - 2;
  ConvShape s;
  s.n = x.shape[0], s.c = v.out[0].shape[channel_axis(a, rank)], s.f = kernel.shape[rank - 1], s.groups = a.groups;
  const std::vector<Axis> axes = axes_of(a, x, kernel);
  for (int i = 0; i < spatial; ++i) {
    const Axis& axis = axes[static_cast<std::size_t>(i)];
    const int to = 3 - spatial + i;
    s.in[to] = v.out[0].shape[first_spatial(a) + i], s.out[to] = x.shape[first_spatial(a) + i];
    s.k[to] = axis.k, s.stride[to] = axis.stride, s.dilation[to] = axis.dilation, s.pad[to] = axis.crop;
  }
  return s;
}

// The gradient of the result as the input of the convolution that this is the gradient of. Where padding="same" would give
// that convolution another output size (output_padding=0 and an even kernel), the zeros are written out.
struct Adjoint {
  Value y;
  ConvWindow window;
};

Adjoint adjoint(Graph& g, const ConvTranspose& a, const Type& x, const Type& kernel, Value dy) {
  const std::vector<Axis> axes = axes_of(a, x, kernel);
  if (std::all_of(axes.begin(), axes.end(), [&](const Axis& axis) { return axis.has_plain_adjoint(a.padding); }))
    return {dy, a};
  Ints paddings(2 * static_cast<std::size_t>(x.shape.rank()));
  auto at = static_cast<std::size_t>(2 * first_spatial(a));
  for (const Axis& axis : axes) {
    paddings[at++] = axis.crop;
    paddings[at++] = std::max<std::int64_t>(axis.reach() - axis.extra - axis.crop, 0);
  }
  ConvWindow window = a;
  window.padding = Padding::valid;
  return {g.emit1("pad", {dy}, AttrMap{{"paddings", paddings}}), window};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  const auto& a = n.attrs.as<ConvTranspose>();
  refuse_activation_gradient(op_name, a.activation);
  const int rank = g.type(n.in[0]).shape.rank();
  const Adjoint of = adjoint(g, a, g.type(n.in[0]), g.type(n.in[1]), dy[0]);
  Values grads = {g.emit1("conv", {of.y, n.in[1]}, Attrs::of(of.window).to_map()),
                  g.emit1("conv_backward_filter", {of.y, n.in[0], n.in[1]}, of.window)};
  if (n.in.size() > 2) {
    Ints axes;
    for (int axis = 0; axis < rank; ++axis)
      if (axis != channel_axis(a, rank)) axes.push_back(axis);
    grads.push_back(g.emit1("sum", {dy[0]}, AttrMap{{"axes", axes}}));
  }
  if (n.in.size() > 3) grads.push_back(dy[0]);
  return grads;
}

Prepared prepare(const NodeView& v) {
  return prepare_correlation(adjoint_shape(v), ConvPlan::Pass::transpose, v.settings,
                             read_activation(op_name, v.attrs<ConvTranspose>().activation));
}

void run_reference(const Call& c) {
  const auto& a = c.attrs<ConvTranspose>();
  reference_transpose(c, adjoint_shape(c.view), a.data_format == DataFormat::channels_first,
                      read_activation(op_name, a.activation));
}

}  // namespace

CC_DEFINE_OP(conv_transpose,
             Define<ConvTranspose>("transposed convolution of rank 1 to 3; activation(result + bias + residual)")
                 .inputs({"x", "kernel", "bias?", "residual?"})
                 .infer(infer)
                 .grad(grad)
                 .operations(input_gradient_operations)
                 .epilogue(2, max_activation_steps)
                 .filter_axis(2)
                 .images(0b1001)
                 .channels(0b1001, 0b1)
                 .impl(Device::cpu, "simd", run_forward, simd_refuses_conv<ConvTranspose>, prepare, pack_correlation)
                 .impl(Device::cpu, "reference", run_reference))

}  // namespace convcore
