// Convolution: simd kernels against the reference on every ISA over the shared cases.
#include <set>

#include "conv_compare.h"

namespace {

using namespace convcore;
using check::bound, check::compare, check::ConvCase, check::copy, check::draw, check::image, check::on_every_isa_and_side,
    check::shape_of;

const std::vector<ConvCase>& cases() {
  static const std::vector<ConvCase> list = check::read_conv_cases(CC_CASES_DIR "/conv.txt");
  return list;
}

void compare_passes(const ConvCase& c, bool whole) {
  const AttrMap attrs = c.attrs();
  AttrMap with_relu = attrs;
  with_relu.push_back({"activation", std::string("relu")});
  const Tensor x = draw(c.x_shape(), 1, whole), w = draw(c.kernel_shape(), 2, whole), b = draw(Shape{c.f}, 3, whole);
  const Tensor y = run_op1("conv", with_relu, {x, w, b}, "reference");
  const Tensor dy = draw(y.type.shape, 4, whole);
  const Tensor dx = run_op1("conv_backward_input", attrs, {dy, w, x}, "reference");
  const Tensor dw = run_op1("conv_backward_filter", attrs, {x, dy, w}, "reference");
  const Tensors both = run_op("conv_backward_filter_bias", attrs, {x, dy, w}, "reference");
  CHECK(same_bits(both[0], dw));
  const Tensor by_image = run_op1("conv_backward_filter_by_image", attrs, {x, dy, w}, "reference");
  const std::int64_t taps = w.size() / c.f, spread = taps / (c.c / c.groups) * (c.f / c.groups);
  on_every_isa_and_side([&](const std::string& where) {
    const Tensor x2 = copy(x), w2 = copy(w), b2 = copy(b), dy2 = copy(dy);
    compare(run_op1("conv", with_relu, {x2, w2, b2}, "simd"), y, whole ? 0 : bound(taps), c.name + where + "y");
    compare(run_op1("conv_backward_input", attrs, {dy2, w2, x2}, "simd"), dx, whole ? 0 : bound(spread),
            c.name + where + "dx");
    compare(run_op1("conv_backward_filter", attrs, {x2, dy2, w2}, "simd"), dw, whole ? 0 : bound(dy.size() / c.f),
            c.name + where + "dw");
    const Tensors both2 = run_op("conv_backward_filter_bias", attrs, {x2, dy2, w2}, "simd");
    compare(both2[0], dw, whole ? 0 : bound(dy.size() / c.f), c.name + where + "dw with db");
    compare(run_op1("conv_backward_filter_by_image", attrs, {x2, dy2, w2}, "simd"), by_image,
            whole ? 0 : bound(dy.size() / c.f), c.name + where + "dw by image");
    compare(both2[1], both[1], whole ? 0 : bound(dy.size() / c.f), c.name + where + "db");
  });
}

TEST("conv: simd equals the reference on integers") {
  for (const ConvCase& c : cases()) compare_passes(c, true);
}

TEST("conv: simd is within rounding of the reference") {
  for (const ConvCase& c : cases()) compare_passes(c, false);
}

TEST("conv: fused activations, and residuals that the result overwrites") {
  const std::set<std::string> chosen{"same_3x3", "pointwise", "grouped", "depthwise", "deep_channels", "volume"};
  for (const ConvCase& c : cases()) {
    if (!chosen.contains(c.name)) continue;
    const Tensor x = draw(c.x_shape(), 1, false), w = draw(c.kernel_shape(), 2, false), b = draw(Shape{c.f}, 3, false);
    for (const char* word : {"linear", "relu", "clip 0 #-0.5 #6|1", "sigmoid", "tanh", "softplus",
                             "sigmoid 0;multiply 0 1|2", "greater 0 #0;multiply 0 #0.2;where 1 0 2|3"}) {
      AttrMap attrs = c.attrs();
      attrs.push_back({"activation", std::string(word)});
      const Tensor want = run_op1("conv", attrs, {x, w, b}, "reference");
      const Tensor sum = run_op1("conv", attrs, {x, w, b, draw(want.type.shape, 5, false)}, "reference");
      on_every_isa_and_side([&](const std::string& where) {
        compare(run_op1("conv", attrs, {x, w, b}, "simd"), want, bound(w.size() / c.f), c.name + where + word);
        const Tensor over = draw(want.type.shape, 5, false);  // the residual, and then the result over it
        const Tensor got = run_op("conv", attrs, {x, w, b, over}, "simd", {3})[0];
        compare(got, sum, bound(w.size() / c.f), c.name + where + word + " with a residual");
      });
    }
  }
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// The result of one pass computed in `slots` parts.
std::vector<float> in_parts(const ConvCase& c, int pass, int slots) {
  const ConvShape s = shape_of(c);
  const Tensor x = draw(c.x_shape(), 1, false), w = draw(c.kernel_shape(), 2, false);
  const std::int64_t outputs = s.n * s.out[0] * s.out[1] * s.out[2] * s.f;
  const Tensor dy = draw(Shape{outputs}, 4, false);
  std::vector<float> result(static_cast<std::size_t>(pass == 0 ? outputs : pass == 1 ? x.size() : w.size() + c.f));
  if (pass == 2) {
    const ConvFilterPlan plan(s, FilterResult::kernel_and_bias, kernels(), slots);
    GuardedBytes workspace(plan.workspace_bytes());
    plan.run(x.at(), dy.at(), result.data(), result.data() + w.size(), workspace.data());
    return result;
  }
  const ConvPlan plan(s, pass == 0 ? ConvPlan::Pass::forward : ConvPlan::Pass::input_gradient, {}, kernels(), slots);
  GuardedBytes workspace(plan.workspace_bytes()), packed(plan.packed_bytes());
  plan.pack(w.at(), packed.at<float>());
  plan.run(pass == 0 ? x.at() : dy.at(), packed.at<float>(), nullptr, nullptr, result.data(), workspace.data());
  return result;
}

TEST("conv: the filter gradients of all images add up to the filter gradient") {
  for (const ConvCase& c : cases()) {
    const Tensor x = draw(c.x_shape(), 1, true), w = draw(c.kernel_shape(), 2, true);
    const Tensor dy = draw(run_op1("conv", c.attrs(), {x, w}, "reference").type.shape, 3, true);
    const Tensor parts = run_op1("conv_backward_filter_by_image", c.attrs(), {x, dy, w}, "reference");
    const Tensor sum = run_op1("sum", {{"axes", Ints{0}}}, {parts}, "reference");
    compare(sum, run_op1("conv_backward_filter", c.attrs(), {x, dy, w}, "reference"), 0, c.name);
  }
}

TEST("conv: the bits do not depend on how the work is cut") {
  on_every_isa([&](const KernelTable& table) {
    for (const ConvCase& c : cases())
      for (int pass = 0; pass < 3; ++pass) {
        const std::vector<float> whole = in_parts(c, pass, 1);
        for (int slots : {2, 3, 7})
          if (!same_bits(whole, in_parts(c, pass, slots)))
            check::failed(__FILE__, __LINE__, cat(c.name, " ", table.isa, " pass ", pass, " in ", slots, " parts"));
      }
  });
}

TEST("conv: an image's result does not depend on the batch around it") {
  for (const ConvCase& c : cases()) {
    const Tensor x = draw(c.x_shape(), 1, false), w = draw(c.kernel_shape(), 2, false);
    const Tensor all = run_op1("conv", c.attrs(), {x, w}, "simd");
    for (std::int64_t i = 0; i < c.n; ++i)
      if (!same_bits(run_op1("conv", c.attrs(), {image(x, i), w}, "simd"), image(all, i)))
        check::failed(__FILE__, __LINE__, cat(c.name, " image ", i, " alone equals itself in the batch"));
  }
}

TEST("conv: an image's filter gradient does not depend on the batch around it") {
  for (const ConvCase& c : cases()) {
    const Tensor x = draw(c.x_shape(), 1, false), w = draw(c.kernel_shape(), 2, false);
    const Tensor dy = draw(run_op1("conv", c.attrs(), {x, w}, "simd").type.shape, 3, false);
    on_every_isa([&](const KernelTable& table) {
      const Tensor all = run_op1("conv_backward_filter_by_image", c.attrs(), {x, dy, w}, "simd");
      const Tensor last_x = image(x, c.n - 1), last_dy = image(dy, c.n - 1);
      const Tensor last = run_op1("conv_backward_filter_by_image", c.attrs(), {last_x, last_dy, w}, "simd");
      if (!same_bits(last, image(all, c.n - 1))) check::failed(__FILE__, __LINE__, cat(c.name, " ", table.isa));
    });
  }
}

}  // namespace
