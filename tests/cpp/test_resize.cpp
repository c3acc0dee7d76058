// resize: simd against the reference over sizes, kernels and channel counts, small cases by hand, and the adjoint.
#include "check.h"
#include "kernels/resize_plan.h"
#include "run_op.h"

using namespace convcore;

namespace {

AttrMap to(std::int64_t height, std::int64_t width, const char* interpolation = "bilinear", bool antialias = false,
           const char* format = "channels_last") {
  return {{"size", Ints{height, width}},
          {"interpolation", std::string(interpolation)},
          {"antialias", antialias},
          {"data_format", std::string(format)}};
}

void check_case(const Shape& shape, const AttrMap& attrs) {
  const Tensor x = random_tensor(shape, 3);
  const Tensor want = run_op1("resize", attrs, {x}, "reference");
  const Tensor dy = random_tensor(want.type.shape, 4);
  const Tensor y = run_op1("resize", attrs, {x}, "simd"), dx = run_op1("resize_backward", attrs, {dy, x}, "simd");
  if (worst_error(y, want) > 2e-6 || worst_error(dx, run_op1("resize_backward", attrs, {dy, x}, "reference")) > 2e-5)
    check::failed(__FILE__, __LINE__, cat("resize of ", shape.str(), " ", str(attrs[0].value), str(attrs[1].value)));
}

}  // namespace

TEST("resize: simd equals the reference for every kernel, size and channel count") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t c : {std::int64_t{1}, std::int64_t{3}, vl - 1, vl, vl + 1, 2 * vl + 3, std::int64_t{70}}) {
      check_case({2, 5, 7, c}, to(9, 4));
      check_case({1, 4, 3, c}, to(8, 6, "nearest"));
    }
    for (const char* kernel : {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"})
      for (const bool antialias : {false, true}) {
        check_case({2, 9, 23, 3}, to(4, 5, kernel, antialias));
        check_case({1, 3, 2, 20}, to(7, 9, kernel, antialias));
        check_case({1, 1, 1, 3}, to(3, 2, kernel, antialias));
      }
    check_case({1, 3, 4001, 3}, to(2, 37));                   // several blocks of columns
    check_case({1, 2, 1500, 4}, to(2, 1, "bilinear", true));  // one sum wider than the scratch memory
  });
}

TEST("resize: whole numbers and powers of two are exact") {
  on_every_isa([](const KernelTable&) {
    for (const std::int64_t c : {3, 40}) {
      const Tensor x = whole_tensor({2, 6, 5, c}, 5);
      CHECK(same_bits(run_op1("resize", to(12, 10), {x}, "simd"), run_op1("resize", to(12, 10), {x}, "reference")));
      CHECK(same_bits(run_op1("resize", to(6, 5), {x}, "simd"), x));
      CHECK(same_bits(run_op1("resize", to(6, 5, "bicubic"), {x}, "simd"), x));
    }
  });
}

TEST("resize: by hand") {
  const Tensor x(DType::f32, {1, 1, 2, 1}, std::vector<float>{1, 5});
  CHECK(run_op1("resize", to(1, 4), {x}, "simd").values() == (std::vector<float>{1, 2, 4, 5}));
  CHECK(run_op1("resize", to(1, 3, "nearest"), {x}, "simd").values() == (std::vector<float>{1, 5, 5}));
  const Tensor dy(DType::f32, {1, 1, 4, 1}, std::vector<float>{1, 1, 1, 1});
  CHECK(run_op1("resize_backward", to(1, 4), {dy, x}, "simd").values() == (std::vector<float>{2, 2}));
}

TEST("resize: by whole factors, whatever the size") {
  const Tensor x = random_tensor({2, 4, 5, 3}, 8);
  const AttrMap factors{{"scale", Ints{2, 3}}, {"interpolation", std::string("bicubic")}};
  CHECK(same_bits(run_op1("resize", factors, {x}, "simd"), run_op1("resize", to(8, 15, "bicubic"), {x}, "simd")));
  const OpDef& op = find_op("resize");
  CHECK_EQ(op.infer(op.make_attrs(factors), {{DType::f32, Shape{unknown, unknown, 5, 3}}})[0].shape.str(),
           std::string("(None, None, 15, 3)"));
}

TEST("resize: channels_first gives the transposed result") {
  const Tensor last = random_tensor({2, 4, 5, 3}, 8);
  Tensor first(Type{DType::f32, {2, 3, 4, 5}});
  for (int n = 0; n < 2; ++n)
    for (int p = 0; p < 20; ++p)
      for (int c = 0; c < 3; ++c) first.at()[(n * 3 + c) * 20 + p] = last.at()[(n * 20 + p) * 3 + c];
  const Tensor y = run_op1("resize", to(7, 3), {last}, "reference");
  const Tensor z = run_op1("resize", to(7, 3, "bilinear", false, "channels_first"), {first}, "reference");
  for (int n = 0; n < 2; ++n)
    for (int p = 0; p < 21; ++p)
      for (int c = 0; c < 3; ++c) CHECK_EQ(z.at()[(n * 3 + c) * 21 + p], y.at()[(n * 21 + p) * 3 + c]);
}

TEST("resize: the weights of every output sum to one") {
  for (const auto kernel :
       {Interpolation::bilinear, Interpolation::bicubic, Interpolation::lanczos3, Interpolation::lanczos5})
    for (const bool antialias : {false, true})
      for (const auto& [in, out] : {std::pair{7, 20}, std::pair{20, 7}, std::pair{1, 4}, std::pair{100, 3}}) {
        const ResizeTaps taps = resize_taps(in, out, kernel, antialias);
        for (int i = 0; i < out; ++i) {
          double sum = 0;
          for (std::int64_t t = 0; t < taps.taps; ++t) sum += taps.exact[static_cast<std::size_t>(i * taps.taps + t)];
          CHECK(std::fabs(sum - 1) < 1e-12);
        }
      }
}

TEST("resize: wrong arguments say what is wrong") {
  const Tensor x = random_tensor({1, 3, 3, 1}, 1);
  CHECK_THROWS(Error, "rank 4", run_op1("resize", to(2, 2), {random_tensor({3, 3, 1}, 1)}, "reference"));
  CHECK_THROWS(Error, "size=[height, width]", run_op1("resize", to(0, 2), {x}, "reference"));
  CHECK_THROWS(Error, "lanczos3", run_op1("resize", to(2, 2, "cubic"), {x}, "reference"));
}
