// Softmax and log_softmax: simd against the reference along every axis, stability, single rows independent of their batch.
#include "check.h"
#include "run_op.h"

using namespace convcore;

TEST("softmax: simd equals the reference along every axis") {
  on_every_isa([](const KernelTable& table) {
    std::vector<Shape> shapes = {{128, 10}, {3, 5, 7}, {2, 3, 130}};
    for (const std::int64_t n : sizes_around(table)) shapes.push_back({3, n}), shapes.push_back({n, 2});
    for (const Shape& shape : shapes) {
      const Tensor x = random_tensor(shape, 1, -30, 30);
      for (std::int64_t axis = 0; axis < shape.rank(); ++axis)
        for (const char* op : {"softmax", "log_softmax"}) {
          const Tensor want = run_op1(op, {{"axis", axis}}, {x}, "reference");
          CHECK(worst_error(run_op1(op, {{"axis", axis}}, {x}, "simd"), want) < 2e-6);
        }
    }
  });
}

TEST("softmax: large numbers, infinities and NaN") {
  const Tensor x(DType::f32, {3, 3}, std::vector<float>{1000, 1000, -1000, -INFINITY, 0, 0, NAN, 1, 2});
  on_every_isa([&](const KernelTable&) {
    for (const char* implementation : {"simd", "reference"}) {
      const std::vector<float> y = run_op1("softmax", {}, {x}, implementation).values();
      CHECK(std::vector<float>(y.begin(), y.begin() + 6) == (std::vector<float>{0.5f, 0.5f, 0, 0, 0.5f, 0.5f}));
      for (std::size_t i = 6; i < 9; ++i) CHECK(std::isnan(y[i]));
    }
  });
}

TEST("softmax: a row alone gives the bits it gives in a batch") {
  on_every_isa([](const KernelTable&) {
    const Tensor x = random_tensor({5, 37}, 2), y = run_op1("softmax", {}, {x}, "simd");
    const Tensor row(DType::f32, {1, 37}, std::vector<float>(x.at() + 3 * 37, x.at() + 4 * 37));
    CHECK(std::memcmp(run_op1("softmax", {}, {row}, "simd").at(), y.at() + 3 * 37, 37 * sizeof(float)) == 0);
  });
}

TEST("softmax: refuses integers and axes out of range") {
  CHECK_THROWS(Error, "Cast first", run_op1("softmax", {}, {Tensor(Type{DType::i32, {2}})}, "reference"));
  CHECK_THROWS(Error, "softmax", run_op1("softmax", {{"axis", std::int64_t{2}}}, {random_tensor({2, 2}, 1)}, "reference"));
}
