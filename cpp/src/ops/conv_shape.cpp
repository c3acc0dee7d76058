// The shape rule of convolution.
#include "base/error.h"
#include "ops/conv.h"

namespace convcore {

namespace {

void check_types(const char* op, const Type& x, const Type& kernel) {
  const int rank = x.shape.rank();
  if (rank < 3 || rank > 5)
    fail(op, "an input of rank 3, 4 or 5 (batch, 1 to 3 spatial axes, channels)", x.str(), "Is the batch axis missing?");
  if (!is_float(x.dtype)) fail(op, "an input of dtype float32 or float64", x.str(), "Convert it with cast().");
  if (kernel.shape.rank() != rank || kernel.dtype != x.dtype)
    fail(op, cat("a kernel of rank ", rank, " and dtype ", name(x.dtype), " for the input ", x.str()), kernel.str());
  for (int axis = 0; axis < rank; ++axis)
    if (kernel.shape[axis] < 1) fail(op, "a kernel with known sizes >= 1", kernel.str());
}

void check_channels(const char* op, std::int64_t groups, std::int64_t channels, const Type& kernel) {
  const int rank = kernel.shape.rank();
  const std::int64_t per_group = kernel.shape[rank - 2], filters = kernel.shape[rank - 1];
  if (groups < 1) fail(op, "groups >= 1", cat(groups));
  if (filters % groups != 0) fail(op, cat("filters divisible by groups=", groups), cat(filters, " filters"));
  if (channels != unknown && channels != checked_mul(per_group, groups))
    fail(op,
         cat("an input of ", checked_mul(per_group, groups), " channels for the kernel ", kernel.shape.str(),
             groups == 1 ? "" : cat(" in ", groups, " groups")),
         cat(channels, " channels"), "Are the data format and the input shape as intended?");
}

}  // namespace

Type conv_output(const char* op, const ConvWindow& window, const Type& x, const Type& kernel) {
  check_types(op, x, kernel);
  const int spatial = x.shape.rank() - 2;
  const bool first = window.data_format == DataFormat::channels_first;
  const int channel_axis = first ? 1 : spatial + 1;
  check_channels(op, window.groups, x.shape[channel_axis], kernel);
  if (window.padding == Padding::causal && spatial != 1)
    fail(op, "padding \"valid\" or \"same\" for more than one spatial axis", "\"causal\"");
  const Ints strides = window_sizes(op, "strides", window.strides, spatial, 1);
  const Ints dilation = window_sizes(op, "dilation_rate", window.dilation_rate, spatial, 1);
  const Ints border = window_border(op, window.paddings, spatial);
  Type y = x;
  y.shape[channel_axis] = kernel.shape[spatial + 1];
  for (int a = 0; a < spatial; ++a) {
    const auto i = static_cast<std::size_t>(a);
    const int axis = a + (first ? 2 : 1);
    const std::int64_t in = bordered(x.shape[axis], border, i);
    y.shape[axis] = window_axis(op, in, kernel.shape[a], strides[i], dilation[i], window.padding).out;
  }
  return y;
}

ConvShape conv_shape(const ConvWindow& window, const Type& x, const Type& kernel) {
  const int spatial = x.shape.rank() - 2;
  const bool first = window.data_format == DataFormat::channels_first;
  const Ints strides = window_sizes("conv", "strides", window.strides, spatial, 1);
  const Ints dilation = window_sizes("conv", "dilation_rate", window.dilation_rate, spatial, 1);
  const Ints border = window_border("conv", window.paddings, spatial);
  ConvShape s;
  s.n = x.shape[0], s.c = x.shape[first ? 1 : spatial + 1], s.f = kernel.shape[spatial + 1], s.groups = window.groups;
  for (int a = 0; a < spatial; ++a) {
    const auto i = static_cast<std::size_t>(a);
    const int to = 3 - spatial + a;
    s.in[to] = x.shape[a + (first ? 2 : 1)], s.k[to] = kernel.shape[a];
    s.stride[to] = strides[i], s.dilation[to] = dilation[i];
    const WindowAxis axis =
        window_axis("conv", bordered(s.in[to], border, i), s.k[to], s.stride[to], s.dilation[to], window.padding);
    s.out[to] = axis.out, s.pad[to] = axis.pad + border[2 * i];
  }
  return s;
}

}  // namespace convcore
