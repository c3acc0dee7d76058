// Shape rule and implementations of pooling.
#include "ops/pool.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/dispatch.h"

namespace convcore {

namespace {

// Spatial axes of x: how many, and the position of the first.
struct Spatial {
  int rank, first;
};
Spatial spatial(const Pool& attrs, const Shape& x) {
  return {x.rank() - 2, attrs.data_format == DataFormat::channels_last ? 1 : 2};
}

// Windows that share an axis of args.in evenly; where they are of one size they are ordinary ones.
void bind_even_axis(PoolArgs& args, int axis, std::int64_t out) {
  const std::int64_t in = args.in[axis];
  args.out[axis] = out, args.k[axis] = args.stride[axis] = in / out;
  if (in % out == 0) return;
  args.even[axis] = true, args.k[axis] = in / out + 2;
}

PoolArgs bind(const Pool& attrs, PoolKind kind, const Shape& x) {
  PoolArgs args;
  args.kind = kind;
  args.channels_last = attrs.data_format == DataFormat::channels_last;
  args.n = x[0], args.c = x[args.channels_last ? x.rank() - 1 : 1];
  const Spatial axes = spatial(attrs, x);
  if (!attrs.output_size.empty()) {
    for (int i = 0; i < axes.rank; ++i) {
      args.in[i + 3 - axes.rank] = x[axes.first + i];
      bind_even_axis(args, i + 3 - axes.rank, attrs.output_size[static_cast<std::size_t>(i)]);
    }
    return args;
  }
  const Ints size = window_sizes("pool", "pool_size", attrs.pool_size, axes.rank, 2);
  const Ints strides = attrs.strides.empty() ? size : attrs.strides;
  const Ints border = window_border("pool", attrs.paddings, axes.rank);
  for (int i = 0; i < axes.rank; ++i) {
    const auto from = static_cast<std::size_t>(i);
    const int to = i + 3 - axes.rank;
    args.in[to] = x[axes.first + i], args.k[to] = size[from], args.stride[to] = strides[from];
    const WindowAxis axis =
        window_axis("pool", bordered(args.in[to], border, from), args.k[to], args.stride[to], 1, attrs.padding);
    args.out[to] = axis.out, args.pad[to] = axis.pad + border[2 * from];
  }
  return args;
}

PoolArgs bind_backward(const Call& call, PoolKind kind) {
  const bool average = kind == PoolKind::average;
  PoolArgs args = bind(call.attrs<Pool>(), kind, call.view.in[average ? 1 : 0].shape);
  args.dy = call.in[average ? 0 : 2], args.dx = call.out[0];
  if (!average) args.x = call.in[0], args.y_in = call.in[1];
  return args;
}

double window_volume(const PoolArgs& a) { return static_cast<double>(a.k[0] * a.k[1] * a.k[2]); }

void run_planes(const PoolArgs& args, void (*kernel)(const PoolArgs&, Range)) {
  const double outputs = static_cast<double>(args.out[0] * args.out[1] * args.out[2]);
  parallel_for(args.n * args.c, 10 + 3 * outputs * window_volume(args), [&](Range planes) { kernel(args, planes); });
}

Type even_output(const char* where, const Pool& attrs, Type x) {
  const Spatial axes = spatial(attrs, x.shape);
  const Ints size = window_sizes(where, "output_size", attrs.output_size, axes.rank, 1);
  for (int i = 0; i < axes.rank; ++i) {
    if (x.shape[axes.first + i] == 0) fail(where, "at least one element along each spatial axis", x.shape.str());
    x.shape[axes.first + i] = size[static_cast<std::size_t>(i)];
  }
  return x;
}

}  // namespace

Type pool_output(const char* where, const Pool& attrs, const Type& x) {
  const Spatial axes = spatial(attrs, x.shape);
  if (axes.rank < 1 || axes.rank > 3) fail(where, "an input with 1 to 3 spatial axes (rank 3 to 5)", x.shape.str());
  if (!is_float(x.dtype)) fail(where, "float32 or float64", name(x.dtype), "Cast first.");
  if (!attrs.output_size.empty()) return even_output(where, attrs, x);
  if (attrs.padding == Padding::causal) fail(where, "padding \"valid\" or \"same\"", "\"causal\"");
  const Ints size = window_sizes(where, "pool_size", attrs.pool_size, axes.rank, 2);
  const Ints strides = attrs.strides.empty() ? size : window_sizes(where, "strides", attrs.strides, axes.rank, 1);
  const Ints border = window_border(where, attrs.paddings, axes.rank);
  Type y = x;
  for (int i = 0; i < axes.rank; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (border[2 * at] >= size[at] || border[2 * at + 1] >= size[at])
      fail(where, "paddings smaller than the window", str(AttrValue(attrs.paddings)));
    const std::int64_t in = bordered(x.shape[axes.first + i], border, at);
    y.shape[axes.first + i] = window_axis(where, in, size[at], strides[at], 1, attrs.padding).out;
  }
  return y;
}

RowWindow pool_rows(const NodeView& node) {
  const Pool& attrs = node.attrs<Pool>();
  if (!attrs.output_size.empty() || attrs.data_format != DataFormat::channels_last) return {};
  const PoolArgs args = bind(attrs, PoolKind::max, node.in[0].shape);
  RowWindow window;
  for (int a = 5 - node.in[0].shape.rank(); a < 3; ++a) {
    if (window.size == 0) window.size = args.k[a], window.stride = args.stride[a], window.low = args.pad[a];
    window.paddings.push_back(args.pad[a]);
    window.paddings.push_back(
        std::max<std::int64_t>(0, (args.out[a] - 1) * args.stride[a] + args.k[a] - args.pad[a] - args.in[a]));
  }
  return window;
}

Refusal pool_simd_refuses(const NodeView& node) {
  if (node.in[0].dtype != DType::f32) return refuse("float32 only");
  return node.attrs<Pool>().data_format == DataFormat::channels_last ? accept : refuse("channels_last only");
}

void pool_simd(const Call& call, PoolKind kind) {
  PoolArgs args = bind(call.attrs<Pool>(), kind, call.view.in[0].shape);
  args.x = call.in[0], args.y = call.out[0];
  const double row = static_cast<double>(args.out[2] * args.c) * window_volume(args);
  parallel_for(args.n * args.out[0] * args.out[1], 10 + 0.1 * row, [&](Range rows) { kernels().pool(args, rows); });
}

void pool_reference(const Call& call, PoolKind kind) {
  PoolArgs args = bind(call.attrs<Pool>(), kind, call.view.in[0].shape);
  args.x = call.in[0], args.y = call.out[0];
  run_planes(args, call.view.in[0].dtype == DType::f32 ? reference::pool<float> : reference::pool<double>);
}

void pool_backward_simd(const Call& call, PoolKind kind) {
  const PoolArgs args = bind_backward(call, kind);
  const bool rows = is_pool_2x2(args);
  const std::int64_t blocks = (args.c + pool_channels - 1) / pool_channels;
  const std::int64_t items = args.n * (rows ? args.out[0] * args.out[1] : blocks);
  const double touched =
      static_cast<double>(args.n * args.out[0] * args.out[1] * args.out[2] * args.c) * window_volume(args);
  const double each = 0.2 * touched / static_cast<double>(std::max<std::int64_t>(items, 1));
  parallel_for(items, 10 + each, [&](Range range) { kernels().pool_backward(args, range); });
}

void pool_backward_reference(const Call& call, PoolKind kind) {
  const PoolArgs args = bind_backward(call, kind);
  run_planes(args,
             call.view.out[0].dtype == DType::f32 ? reference::pool_backward<float> : reference::pool_backward<double>);
}

}  // namespace convcore
