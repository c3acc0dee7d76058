// affine_transform: simd against the reference over fill modes, interpolations and channel counts; cases by hand.
#include "check.h"
#include "run_op.h"

using namespace convcore;

namespace {

const char* const modes[] = {"constant", "nearest", "wrap", "mirror", "reflect"};

AttrMap how(const char* interpolation, const char* fill_mode, double fill_value = 0) {
  return {{"interpolation", std::string(interpolation)}, {"fill_mode", std::string(fill_mode)}, {"fill_value", fill_value}};
}

Tensor transforms(const std::vector<float>& values) {
  return Tensor(DType::f32, {static_cast<std::int64_t>(values.size()) / 8, 8}, values);
}

// Multiples of 1/4, so that coordinates and weights are exact; the second one leaves the image.
const Tensor exact = transforms({0.75f, -0.25f, 1.5f, 0.25f, 1, -0.5f, 0, 0, -2, 0.5f, 30, 0, -1.25f, -7.25f, 0, 0});
const Tensor turned =
    transforms({0.83f, -0.55f, 3.1f, 0.55f, 0.83f, -2.3f, 0, 0, 1.7f, 0.1f, -4.4f, -0.2f, 2.3f, -9.1f, 0, 0});

std::vector<float> shifted(const char* mode, float by, double fill = 0) {
  const Tensor x(DType::f32, {1, 1, 3, 1}, std::vector<float>{1, 2, 3});
  const Tensor t = transforms({1, 0, by, 0, 1, 0, 0, 0});
  std::vector<float> result;
  on_every_isa([&](const KernelTable&) {
    result = run_op1("affine_transform", how("bilinear", mode, fill), {x, t}, "simd").values();
    CHECK(result == run_op1("affine_transform", how("bilinear", mode, fill), {x, t}, "reference").values());
  });
  return result;
}

}  // namespace

TEST("affine_transform: simd equals the reference for every mode and channel count") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const char* mode : modes)
      for (const char* interpolation : {"nearest", "bilinear"})
        for (const std::int64_t c : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, std::int64_t{4}, vl + 1, 2 * vl}) {
          const AttrMap attrs = how(interpolation, mode, 3);
          for (const Shape& shape : {Shape{2, 5, 2 * vl + 3, c}, Shape{2, 3, vl, c}, Shape{2, 1, 1, c}}) {
            const Tensor x = whole_tensor(shape, 3);
            const Tensor y = run_op1("affine_transform", attrs, {x, exact}, "simd");
            if (!same_bits(y, run_op1("affine_transform", attrs, {x, exact}, "reference")))
              check::failed(__FILE__, __LINE__, cat(mode, " ", interpolation, " of ", shape.str()));
            if (interpolation != std::string("bilinear")) continue;  // a rounding moves a nearest pixel
            const Tensor z = random_tensor(shape, 4);
            const double error = worst_error(run_op1("affine_transform", attrs, {z, turned}, "simd"),
                                             run_op1("affine_transform", attrs, {z, turned}, "reference"));
            if (error > 1e-4) check::failed(__FILE__, __LINE__, cat(mode, " of ", shape.str(), ": ", error));
          }
        }
  });
}

TEST("affine_transform: what is beyond the edges, by hand") {
  CHECK(shifted("constant", -0.5f, 9) == (std::vector<float>{5, 1.5f, 2.5f}));
  CHECK(shifted("constant", -2, 9) == (std::vector<float>{9, 9, 1}));
  CHECK(shifted("nearest", -2) == (std::vector<float>{1, 1, 1}));
  CHECK(shifted("nearest", 1.5f) == (std::vector<float>{2.5f, 3, 3}));
  CHECK(shifted("wrap", -2) == (std::vector<float>{2, 3, 1}));
  CHECK(shifted("wrap", 7) == (std::vector<float>{2, 3, 1}));
  CHECK(shifted("mirror", -2) == (std::vector<float>{3, 2, 1}));
  CHECK(shifted("mirror", 6) == (std::vector<float>{3, 2, 1}));
  CHECK(shifted("reflect", -2) == (std::vector<float>{2, 1, 1}));
  CHECK(shifted("reflect", 5) == (std::vector<float>{1, 1, 2}));
}

TEST("affine_transform: coordinates that are huge or no numbers stay inside the image's memory") {
  const Tensor x = whole_tensor({1, 4, 5, 3}, 3);
  for (const char* mode : modes)
    for (const float bad : {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 2147483648.0f})
      for (const char* interpolation : {"nearest", "bilinear"})
        on_every_isa([&](const KernelTable&) {
          const Tensor t = transforms({bad, 0, 0, 0, 1, 0, 0, 0}), s = transforms({1, 0, bad, 0, 1, bad, 0, 0});
          CHECK(run_op1("affine_transform", how(interpolation, mode), {x, t}, "simd").size() == x.size());
          CHECK(run_op1("affine_transform", how(interpolation, mode), {x, s}, "simd").size() == x.size());
        });
}

TEST("affine_transform: the backward is the transpose") {
  const Tensor x = whole_tensor({2, 5, 6, 2}, 3), dy = whole_tensor({2, 5, 6, 2}, 4);
  for (const char* mode : modes) {
    const AttrMap attrs = how("bilinear", mode);
    const Tensor y = run_op1("affine_transform", attrs, {x, exact}, "reference");
    const Tensor dx = run_op1("affine_transform_backward", attrs, {dy, exact}, "reference");
    double forward = 0, back = 0;
    for (std::int64_t i = 0; i < x.size(); ++i) forward += y.at()[i] * dy.at()[i], back += dx.at()[i] * x.at()[i];
    CHECK_EQ(forward, back);
  }
}

TEST("affine_transform: wrong arguments say what is wrong") {
  const Tensor x = whole_tensor({2, 3, 3, 1}, 1);
  CHECK_THROWS(Error, "rank 4", run_op1("affine_transform", {}, {whole_tensor({3, 3}, 1), exact}, "reference"));
  CHECK_THROWS(Error, "(2 or 1, 8)", run_op1("affine_transform", {}, {x, whole_tensor({3, 8}, 1)}, "reference"));
  CHECK_THROWS(Error, "bilinear", run_op1("affine_transform", how("bicubic", "wrap"), {x, exact}, "reference"));
}
