// affine_transform: rotated, shifted, zoomed and sheared images. Gradients flow to the images, not to the transforms, which
// augmentation draws.
#include "base/error.h"
#include "kernels/affine.h"
#include "kernels/dispatch.h"
#include "kernels/resize_plan.h"
#include "ops/op.h"
#include "ops/window.h"

namespace convcore {

inline const char* const* enum_words(FillMode*) {
  static constexpr const char* words[] = {"constant", "nearest", "wrap", "mirror", "reflect", nullptr};
  return words;
}

namespace {

struct Affine {
  Interpolation interpolation = Interpolation::bilinear;
  FillMode fill_mode = FillMode::constant;
  double fill_value = 0;
  DataFormat data_format = DataFormat::channels_last;
  void fields(auto&& f) {
    f("interpolation", interpolation), f("fill_mode", fill_mode), f("fill_value", fill_value), f("data_format", data_format);
  }
};

constexpr const char* where_ = "affine_transform";

void check(const Attrs& attrs, const Type& x, const Type& transform) {
  const Interpolation kind = attrs.as<Affine>().interpolation;
  if (kind != Interpolation::nearest && kind != Interpolation::bilinear)
    fail(where_, "interpolation \"nearest\" or \"bilinear\"",
         enum_words(static_cast<Interpolation*>(nullptr))[static_cast<int>(kind)]);
  if (x.shape.rank() != 4) fail(where_, "images of rank 4", x.shape.str());
  if (!is_float(x.dtype)) fail(where_, "float32 or float64", name(x.dtype), "Cast first.");
  for (int axis = 1; axis < 4; ++axis)
    if (static_cast<double>(x.shape[axis]) > affine_reach)
      fail(where_, cat("sizes of at most ", affine_reach), x.shape.str());
  const Shape& t = transform.shape;
  const bool fits = transform.dtype == x.dtype && t.rank() == 2 && t[1] == 8 &&
                    (t[0] == 1 || t[0] == unknown || x.shape[0] == unknown || t[0] == x.shape[0]);
  if (!fits) fail(where_, cat("transforms ", name(x.dtype), " (", x.shape[0], " or 1, 8)"), transform.str());
}

Types infer(const Attrs& attrs, const Types& in) {
  check(attrs, in[0], in[1]);
  return {in[0]};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit_typed("affine_transform_backward", {dy[0], n.in[1]}, n.attrs)[0], Value{}};
}

// The gradient is linear in dy: differentiated again, it is the map of the fill value 0.
Values backward_grad(Graph& g, const Node& n, const Values& dy) {
  Affine attrs = n.attrs.as<Affine>();
  attrs.fill_value = 0;
  return {g.emit1(where_, {dy[0], n.in[1]}, attrs), Value{}};
}

AffineArgs bind(const Call& call) {
  const Affine& attrs = call.attrs<Affine>();
  const Shape &x = call.view.in[0].shape, &transform = call.view.in[1].shape;
  AffineArgs args;
  args.x = call.in[0], args.transform = call.in[1], args.y = call.out[0];
  args.n = x[0], args.h = x[1], args.w = x[2], args.c = x[3];
  args.transform_step = transform[0] == 1 ? 0 : 8;
  args.bilinear = attrs.interpolation == Interpolation::bilinear;
  args.fill_mode = attrs.fill_mode, args.fill_value = attrs.fill_value;
  return args;
}

Refusal refuses(const NodeView& node) {
  if (node.attrs<Affine>().data_format != DataFormat::channels_last) return refuse("channels_last only");
  return accept;
}

Refusal simd_refuses(const NodeView& node) {
  if (node.in[0].dtype != DType::f32) return refuse("float32 only");
  if (node.in[0].shape.elements(1, 4) > INT32_MAX) return refuse("images of less than 2^31 elements only");
  return refuses(node);
}

void run(const AffineArgs& args, double pixel, void (*kernel)(const AffineArgs&, Range)) {
  const double row = pixel * static_cast<double>(args.w) * (1 + 0.25 * static_cast<double>(args.c));
  parallel_for(args.n * args.h, row, [&](Range rows) { kernel(args, rows); });
}

void simd(const Call& call) { run(bind(call), 2.5, kernels().affine_transform); }

void by_reference(const Call& call) {
  const bool f32 = call.view.in[0].dtype == DType::f32;
  run(bind(call), 30, f32 ? reference::affine_transform<float> : reference::affine_transform<double>);
}

void backward_by_reference(const Call& call) {
  const AffineArgs args = bind(call);
  const auto kernel = call.view.in[0].dtype == DType::f32 ? reference::affine_transform_backward<float>
                                                          : reference::affine_transform_backward<double>;
  parallel_for(args.n, 30.0 * static_cast<double>(args.h * args.w * args.c), [&](Range samples) { kernel(args, samples); });
}

}  // namespace

CC_DEFINE_OP(affine_transform, Define<Affine>("output (x, y) shows the input at (a0 x + a1 y + a2, b0 x + b1 y + b2)")
                                   .inputs({"x", "transform"})
                                   .channels(0b1, 0b1)
                                   .infer(infer)
                                   .grad(grad)
                                   .impl(Device::cpu, "simd", simd, simd_refuses)
                                   .impl(Device::cpu, "reference", by_reference, refuses))

CC_DEFINE_OP(affine_transform_backward, Define<Affine>("gradient of affine_transform with respect to x")
                                            .inputs({"dy", "transform"})
                                            .channels(0b1, 0b1)
                                            .infer(infer)
                                            .grad(backward_grad)
                                            .impl(Device::cpu, "reference", backward_by_reference, refuses))

}  // namespace convcore
