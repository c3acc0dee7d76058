// Depthwise convolution and convolution in small groups: every pass against the reference on every ISA.
#include <algorithm>
#include <limits>

#include "base/parallel.h"
#include "conv_compare.h"
#include "kernels/depthwise_plan.h"

namespace {

using namespace convcore;
using check::bound, check::compare, check::ConvCase, check::copy, check::draw, check::image, check::on_every_isa_and_side,
    check::shape_of;
using Pass = ConvPlan::Pass;

const std::vector<ConvCase>& cases() {
  static const std::vector<ConvCase> list = check::read_conv_cases(CC_CASES_DIR "/depthwise.txt");
  return list;
}

// One pass by the kernels of the ISA in use, whatever the planner would choose.
struct Problem {
  ConvShape shape;
  Pass pass;
  Activation activation = {};
  int slots = 2;

  Tensor run(const Tensor& x, const Tensor& w, const float* bias, const float* residual, const Shape& result) const {
    const DepthwisePlan plan(shape, pass, activation, kernels(), slots);
    const GuardedBytes workspace(plan.workspace_bytes()), packed(plan.packed_bytes());
    Tensor y(Type{DType::f32, result});
    plan.pack(w.at(), packed.at<float>());
    plan.run(x.at(), packed.at<float>(), bias, residual, y.at(), workspace.data());
    return y;
  }
};

// The gradients of kernel and bias in one tensor.
Tensor filter_gradient(const ConvShape& shape, const Tensor& x, const Tensor& dy, std::int64_t kernel, int slots = 2) {
  const DepthwiseFilterPlan plan(shape, FilterResult::kernel_and_bias, kernels(), slots);
  const GuardedBytes workspace(plan.workspace_bytes());
  Tensor both(Type{DType::f32, Shape{kernel + shape.f}});
  plan.run(x.at(), dy.at(), both.at(), both.at() + kernel, workspace.data());
  return both;
}

Tensor filter_gradient_by_image(const ConvShape& shape, const Tensor& x, const Tensor& dy, const Shape& result, int slots) {
  const DepthwiseFilterPlan plan(shape, FilterResult::kernel_by_image, kernels(), slots);
  const GuardedBytes workspace(plan.workspace_bytes());
  Tensor parts(Type{DType::f32, result});
  plan.run(x.at(), dy.at(), parts.at(), nullptr, workspace.data());
  return parts;
}

Tensor joined(const Tensors& parts) {
  std::vector<float> values = parts[0].values();
  for (const float v : parts[1].values()) values.push_back(v);
  return Tensor(DType::f32, Shape{static_cast<std::int64_t>(values.size())}, values);
}

void compare_passes(const ConvCase& c, bool whole) {
  const Tensor x = draw(c.x_shape(), 1, whole), w = draw(c.kernel_shape(), 2, whole), b = draw(Shape{c.f}, 3, whole);
  const Tensor y = run_op1("conv", c.attrs(), {x, w, b}, "reference");
  const Tensor dy = draw(y.type.shape, 4, whole);
  const Tensor dx = run_op1("conv_backward_input", c.attrs(), {dy, w, x}, "reference");
  const Tensor dw = joined(run_op("conv_backward_filter_bias", c.attrs(), {x, dy, w}, "reference"));
  const Tensor by_image = run_op1("conv_backward_filter_by_image", c.attrs(), {x, dy, w}, "reference");
  const std::int64_t taps = w.size() / c.f, spread = taps / (c.c / c.groups) * (c.f / c.groups);
  const ConvShape shape = shape_of(c);
  on_every_isa_and_side([&](const std::string& where) {
    const Tensor x2 = copy(x), w2 = copy(w), b2 = copy(b), dy2 = copy(dy);
    compare(Problem{shape, Pass::forward}.run(x2, w2, b2.at(), nullptr, y.type.shape), y, whole ? 0 : bound(taps),
            c.name + where + "y");
    compare(Problem{shape, Pass::input_gradient}.run(dy2, w2, nullptr, nullptr, x.type.shape), dx, whole ? 0 : bound(spread),
            c.name + where + "dx");
    compare(filter_gradient(shape, x2, dy2, w.size()), dw, whole ? 0 : bound(dy.size() / c.f), c.name + where + "dw");
    for (const int slots : {1, 3})
      compare(filter_gradient_by_image(shape, x2, dy2, by_image.type.shape, slots), by_image,
              whole ? 0 : bound(dy.size() / c.f), c.name + where + "dw by image");
  });
}

TEST("depthwise: equals the reference on integers") {
  for (const ConvCase& c : cases()) compare_passes(c, true);
}

TEST("depthwise: is within rounding of the reference") {
  for (const ConvCase& c : cases()) compare_passes(c, false);
}

TEST("depthwise: bias, residual and activation") {
  for (const ConvCase& c : cases()) {
    if (c.name != "same_3x3_c75" && c.name != "strided_5x5" && c.name != "groups_of_3_to_2") continue;
    const Tensor x = draw(c.x_shape(), 1, false), w = draw(c.kernel_shape(), 2, false), b = draw(Shape{c.f}, 3, false);
    const Tensor residual = draw(run_op1("conv", c.attrs(), {x, w}, "reference").type.shape, 5, false);
    for (const char* word : {"relu", "clip 0 #-0.5 #6|1", "tanh", "sigmoid 0;multiply 0 1|2"}) {
      AttrMap attrs = c.attrs();
      attrs.push_back({"activation", std::string(word)});
      const Tensor want = run_op1("conv", attrs, {x, w, b, residual}, "reference");
      on_every_isa_and_side([&](const std::string& where) {
        const Tensor r2 = copy(residual), b2 = copy(b), over = copy(residual);
        const Problem problem{shape_of(c), Pass::forward, read_activation("conv", word)};
        compare(problem.run(x, w, b2.at(), r2.at(), want.type.shape), want, bound(w.size() / c.f + 2),
                c.name + where + word);
        if (c.groups != c.c) return;
        compare(run_op("conv", attrs, {x, w, b2, over}, "depthwise", {3})[0], want, bound(w.size() / c.f + 2),
                c.name + where + word + " over the residual");
      });
    }
  }
}

// Only outputs whose window holds the NaN become NaN; zeros of the padding are not multiplied by what stands in the kernel.
TEST("depthwise: NaN spreads as far as the window, infinite weights not into the padding") {
  for (const ConvCase& c : cases()) {
    const Tensor x = draw(c.x_shape(), 1, true), w = draw(c.kernel_shape(), 2, true);
    x.at()[x.size() / 2] = std::numeric_limits<float>::quiet_NaN();
    for (std::int64_t i = 0; i < c.f; ++i) w.at()[i] = std::numeric_limits<float>::infinity();
    const Tensor want = run_op1("conv", c.attrs(), {x, w}, "reference");
    const Tensor dy = draw(want.type.shape, 3, true);
    dy.at()[dy.size() / 3] = std::numeric_limits<float>::infinity();
    const Tensor dw = joined(run_op("conv_backward_filter_bias", c.attrs(), {x, dy, w}, "reference"));
    on_every_isa([&](const KernelTable& table) {
      const Tensor got = Problem{shape_of(c), Pass::forward}.run(x, w, nullptr, nullptr, want.type.shape);
      if (worst_error(got, want) != 0) check::failed(__FILE__, __LINE__, cat(c.name, " ", table.isa));
      if (worst_error(filter_gradient(shape_of(c), x, dy, w.size()), dw) != 0)
        check::failed(__FILE__, __LINE__, cat(c.name, " dw ", table.isa));
    });
  }
}

void compare_filter_bits(const ConvShape& shape, const Tensor& x, const Tensor& dy, std::int64_t kernel,
                         const std::string& where) {
  set_thread_count(1);
  const Tensor want = filter_gradient(shape, x, dy, kernel, 1);
  for (int n : {2, 3}) {
    set_thread_count(n);
    if (!same_bits(filter_gradient(shape, x, dy, kernel, n + 2), want))
      check::failed(__FILE__, __LINE__, cat(where, " dw on ", n, " threads"));
  }
}

// Results of 32 MB and more are written past the caches.
TEST("depthwise: large results have the bits of each image's own") {
  on_every_isa([&](const KernelTable& table) {
    for (const ConvCase& c : {ConvCase{"large", "same", {70, 61}, {3, 3}, {1, 1}, {1, 1}, 32, 64, 64, 64},
                              ConvCase{"large_strided", "valid", {81, 60}, {5, 3}, {2, 1}, {1, 1}, 60, 64, 64, 64}})
      for (const Pass pass : {Pass::forward, Pass::input_gradient}) {
        if (pass == Pass::input_gradient && c.strides[0] > 1) continue;  // in phases, which are not streamed
        ConvShape shape = shape_of(c);
        const Tensor x = draw({c.n, c.in[0], c.in[1], c.c}, 1, false), w = draw(c.kernel_shape(), 2, false);
        const Tensor b = draw(Shape{c.f}, 3, false);
        const Activation relu = read_activation("conv", "relu");
        const Tensor all = Problem{shape, pass, relu}.run(x, w, b.at(), nullptr, {c.n, shape.out[1], shape.out[2], c.f});
        CHECK(all.type.bytes() >= 32 << 20);
        shape.n = 1;
        for (const std::int64_t i : {std::int64_t{0}, c.n - 1})
          if (!same_bits(Problem{shape, pass, relu}.run(image(x, i), w, b.at(), nullptr, image(all, i).type.shape),
                         image(all, i)))
            check::failed(__FILE__, __LINE__, cat(c.name, " ", table.isa, " image ", i));
      }
  });
}

TEST("depthwise: the bits depend neither on threads, nor on how the work is cut, nor on the batch") {
  const int threads = thread_count();
  std::vector<ConvCase> some = cases();
  // large enough for parallel_for to share it among threads
  some.push_back({"shared", "same", {40, 37}, {3, 3}, {1, 1}, {1, 1}, 2, 75, 75, 75});
  some.push_back({"shared_groups", "same", {30, 31}, {3, 3}, {2, 2}, {1, 1}, 2, 44, 88, 22});
  on_every_isa([&](const KernelTable& table) {
    for (const ConvCase& c : some)
      for (const Pass pass : {Pass::forward, Pass::input_gradient}) {
        Problem problem{shape_of(c), pass};
        problem.slots = 1;
        const bool forward = pass == Pass::forward;
        const Shape y_shape =
            run_op1("conv", c.attrs(), {Tensor(Type{DType::f32, c.x_shape()}), draw(c.kernel_shape(), 2, true)}, "reference")
                .type.shape;
        const Shape &in = forward ? c.x_shape() : y_shape, &out = forward ? y_shape : c.x_shape();
        const Tensor x = draw(in, 1, false), w = draw(c.kernel_shape(), 2, false);
        set_thread_count(1);
        const Tensor want = problem.run(x, w, nullptr, nullptr, out);
        for (int n : {2, 3}) {
          set_thread_count(n), problem.slots = n + 2;
          if (!same_bits(problem.run(x, w, nullptr, nullptr, out), want))
            check::failed(__FILE__, __LINE__, cat(c.name, " ", table.isa, " on ", n, " threads"));
        }
        if (forward)
          compare_filter_bits(problem.shape, draw(c.x_shape(), 1, false), draw(y_shape, 3, false), w.size(), c.name);
        Shape one_in = in, one_out = out;
        one_in[0] = one_out[0] = 1, problem.shape.n = 1;
        for (std::int64_t i = 0; i < c.n; ++i) {
          Tensor one(Type{DType::f32, one_in});
          std::memcpy(one.at(), x.at() + i * one.size(), static_cast<std::size_t>(one.type.bytes()));
          const Tensor got = problem.run(one, w, nullptr, nullptr, one_out);
          if (std::memcmp(got.at(), want.at() + i * got.size(), static_cast<std::size_t>(got.type.bytes())) != 0)
            check::failed(__FILE__, __LINE__,
                          cat(c.name, " ", table.isa, " image ", i, " alone equals itself in the batch"));
        }
      }
  });
  set_thread_count(threads);
}

TEST("depthwise: takes groups that are smaller than a vector, and says why it refuses others") {
  const auto refused = [](std::int64_t c, std::int64_t f, std::int64_t groups, Ints k = {3, 3}) {
    const Tensor x(Type{DType::f32, Shape{1, 4, 4, c}}), w(Type{DType::f32, Shape{k[0], k[1], c / groups, f}});
    try {
      run_op1("conv", {{"groups", groups}}, {x, w}, "depthwise");
      return std::string();
    } catch (const Error& e) {
      return std::string(e.what());
    }
  };
  on_every_isa([&](const KernelTable& table) {
    const std::int64_t width = table.vector_width;
    CHECK_EQ(refused(6, 6, 6), std::string());
    CHECK_EQ(refused(6, 6 * (width - 1), 6), std::string());
    CHECK_EQ(refused(2 * width, 2 * width, 4), std::string());
    CHECK(refused(6, 6, 1).find("one group") != std::string::npos);
    CHECK(refused(6, 6 * width, 6).find("fills a vector") != std::string::npos);
    CHECK(refused(4, 4, 2, {1, 1}).find("one tap") != std::string::npos);
    CHECK(refused(300, 2, 2).find("too many kernel rows") != std::string::npos);
  });
}

}  // namespace
