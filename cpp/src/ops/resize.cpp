// resize: images of another height and width, and the gradient, which is the same kind of sums with transposed weights.
#include "base/error.h"
#include "kernels/dispatch.h"
#include "kernels/resize_plan.h"
#include "ops/op.h"
#include "ops/window.h"

namespace convcore {

namespace {

struct Resize {
  Ints size;   // height, width
  Ints scale;  // or how many times the height and the width of the input
  Interpolation interpolation = Interpolation::bilinear;
  bool antialias = false;
  DataFormat data_format = DataFormat::channels_last;
  void fields(auto&& f) {
    f("size", size), f("scale", scale), f("interpolation", interpolation), f("antialias", antialias),
        f("data_format", data_format);
  }
  int rows() const { return data_format == DataFormat::channels_last ? 1 : 2; }  // the axis of rows; columns follow
  int channels() const { return data_format == DataFormat::channels_last ? 3 : 1; }
  // The output size along axis i (0: rows, 1: columns) of inputs of shape x.
  std::int64_t out(const Shape& x, int i) const {
    const auto at = static_cast<std::size_t>(i);
    if (scale.empty()) return size[at];
    return x[rows() + i] == unknown ? unknown : checked_mul(x[rows() + i], scale[at]);
  }
};

Type resized(const Resize& attrs, const Type& x) {
  if (x.shape.rank() != 4) fail("resize", "images of rank 4", x.shape.str());
  if (!is_float(x.dtype)) fail("resize", "float32 or float64", name(x.dtype), "Cast first.");
  const Ints& given = attrs.scale.empty() ? attrs.size : attrs.scale;
  if (given.size() != 2 || given[0] < 1 || given[1] < 1)
    fail("resize", "size=[height, width] or scale=[rows, columns], both at least 1", str(AttrValue(given)));
  Type y = x;
  for (int i = 0; i < 2; ++i) {
    if (x.shape[attrs.rows() + i] == 0) fail("resize", "images of at least one pixel", x.shape.str());
    y.shape[attrs.rows() + i] = attrs.out(x.shape, i);
    if (y.shape[attrs.rows() + i] > INT32_MAX) fail("resize", "at most 2147483647 pixels along an axis", y.shape.str());
  }
  return y;
}

Types infer(const Attrs& attrs, const Types& in) { return {resized(attrs.as<Resize>(), in[0])}; }

Types backward_infer(const Attrs& attrs, const Types& in) {
  const Type y = resized(attrs.as<Resize>(), in[1]);
  if (in[0].dtype != y.dtype || in[0].shape.rank() != 4)
    fail("resize_backward", cat("a gradient like ", y.str()), in[0].str());
  return {in[1]};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit_typed("resize_backward", {dy[0], n.in[0]}, n.attrs)[0]};
}

// Linear in dy, so its own gradient is the forward op; the data of x is never read.
Values backward_grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit_typed("resize", {dy[0]}, n.attrs)[0], Value{}};
}

template <bool backward>
Prepared prepare(const NodeView& node) {
  const Resize& attrs = node.attrs<Resize>();
  const Shape& x = node.in[backward ? 1 : 0].shape;
  const auto axis = [&](int i) {
    ResizeTaps taps = resize_taps(x[attrs.rows() + i], attrs.out(x, i), attrs.interpolation, attrs.antialias);
    return backward ? transposed(taps) : taps;
  };
  Prepared prepared;
  prepared.state = std::make_shared<const ResizePlan>(axis(0), axis(1), x[attrs.channels()]);
  return prepared;
}

ResizeArgs bind(const Call& call) {
  ResizeArgs args = call.prepared<ResizePlan>().args();
  args.x = call.in[0], args.y = call.out[0], args.n = call.view.in[0].shape[0];
  args.channels_last = call.attrs<Resize>().data_format == DataFormat::channels_last;
  return args;
}

Refusal simd_refuses(const NodeView& node) {
  if (node.in[0].dtype != DType::f32) return refuse("float32 only");
  return node.attrs<Resize>().data_format == DataFormat::channels_last ? accept : refuse("channels_last only");
}

void simd(const Call& call) {
  const ResizeArgs args = bind(call);
  const auto elements = static_cast<double>(args.columns.out * args.c);
  const double each = 20 + 0.1 * elements * static_cast<double>(args.rows.taps * args.columns.taps);
  parallel_for(args.n * args.rows.out, each, [&](Range rows) { kernels().resize(args, rows); });
}

void by_reference(const Call& call) {
  const ResizeArgs args = bind(call);
  const auto kernel = call.view.in[0].dtype == DType::f32 ? reference::resize<float> : reference::resize<double>;
  const double each =
      2.0 * static_cast<double>(args.rows.out * args.columns.out) * static_cast<double>(args.rows.taps * args.columns.taps);
  parallel_for(args.n * args.c, each, [&](Range planes) { kernel(args, planes); });
}

}  // namespace

CC_DEFINE_OP(resize, Define<Resize>("images of another size, half-pixel centres")
                         .inputs({"x"})
                         .channels(0b1, 0b1)
                         .infer(infer)
                         .grad(grad)
                         .impl(Device::cpu, "simd", simd, simd_refuses, prepare<false>)
                         .impl(Device::cpu, "reference", by_reference, nullptr, prepare<false>))

CC_DEFINE_OP(resize_backward, Define<Resize>("gradient of resize")
                                  .inputs({"dy", "x"})
                                  .channels(0b11, 0b1)
                                  .infer(backward_infer)
                                  .grad(backward_grad)
                                  .shape_only(2)
                                  .impl(Device::cpu, "simd", simd, simd_refuses, prepare<true>)
                                  .impl(Device::cpu, "reference", by_reference, nullptr, prepare<true>))

}  // namespace convcore
