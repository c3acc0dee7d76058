// Pooling: simd against the reference over ranks, windows, strides, paddings and channel counts; ties, NaN, padding rules.
#include "check.h"
#include "run_op.h"

using namespace convcore;

namespace {

AttrMap windows(Ints size, Ints strides, const char* padding, const char* format = "channels_last") {
  return {
      {"pool_size", size}, {"strides", strides}, {"padding", std::string(padding)}, {"data_format", std::string(format)}};
}

Tensors backward_inputs(const std::string& op, const Tensor& x, const Tensor& y, const Tensor& dy) {
  return op == "average_pool" ? Tensors{dy, x} : Tensors{x, y, dy};
}

void check_case(const Shape& shape, const AttrMap& attrs) {
  for (const char* op : {"max_pool", "average_pool", "l2_pool"}) {
    const bool exact = op == std::string("max_pool");
    const Tensor x = whole_tensor(shape, 3);  // many ties
    const Tensor y = run_op1(op, attrs, {x}, "simd"), want = run_op1(op, attrs, {x}, "reference");
    if (exact ? !same_bits(y, want) : worst_error(y, want) > 1e-6)
      check::failed(__FILE__, __LINE__, cat(op, " of ", shape.str(), " ", str(attrs[0].value)));
    const Tensors in = backward_inputs(op, x, want, whole_tensor(want.type.shape, 4));
    const std::string backward = cat(op, "_backward");
    const Tensor dx = run_op1(backward.c_str(), attrs, in, "simd"),
                 want_dx = run_op1(backward.c_str(), attrs, in, "reference");
    if (exact ? !same_bits(dx, want_dx) : worst_error(dx, want_dx) > 1e-6)
      check::failed(__FILE__, __LINE__, cat(backward, " of ", shape.str(), " ", str(attrs[0].value)));
  }
}

std::vector<float> pooled(const char* op, Shape shape, std::vector<float> x, const AttrMap& attrs) {
  return run_op1(op, attrs, {Tensor(DType::f32, std::move(shape), x)}, "reference").values();
}

}  // namespace

TEST("pool: simd equals the reference for every rank, window, stride, padding and channel count") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t c :
         {std::int64_t{1}, std::int64_t{3}, vl - 1, vl, vl + 1, 4 * vl, 4 * vl + 3, std::int64_t{70}}) {
      check_case({2, 6, 8, c}, windows({2, 2}, {}, "valid"));
      check_case({2, 7, 9, c}, windows({2, 2}, {}, "valid"));
      check_case({2, 7, 9, c}, windows({2, 2}, {}, "same"));
      check_case({2, 7, 6, c}, windows({3, 3}, {2, 2}, "same"));
    }
    for (const char* padding : {"valid", "same"}) {
      check_case({3, 11, 5}, windows({3}, {1}, padding));
      check_case({3, 11, 5}, windows({2}, {4}, padding));
      check_case({2, 5, 7, 5}, windows({3, 2}, {1, 3}, padding));
      check_case({1, 4, 5, 6, 3}, windows({2, 2, 2}, {}, padding));
      check_case({1, 4, 5, 6, 3}, windows({3, 2, 1}, {1, 2, 2}, padding));
    }
  });
}

TEST("pool: windows that share the input evenly") {
  const auto even = [](Ints size) { return AttrMap{{"output_size", size}}; };
  on_every_isa([&](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t c : {std::int64_t{1}, vl + 3}) {
      check_case({2, 7, 9, c}, even({3, 4}));
      check_case({2, 8, 6, c}, even({4, 3}));  // of one size: 2x2
      check_case({2, 3, 5, c}, even({5, 2}));  // more windows than elements along an axis
      check_case({2, 11, c}, even({1}));
      check_case({1, 4, 5, 6, c}, even({2, 3, 6}));
    }
  });
  CHECK(pooled("average_pool", {1, 5, 1}, {1, 2, 6, 4, 8}, even({2})) == (std::vector<float>{3, 6}));
  CHECK(pooled("max_pool", {1, 2, 1}, {7, 5}, even({3})) == (std::vector<float>{7, 7, 5}));
  CHECK_THROWS(Error, "output_size as 1 integer", pooled("max_pool", {1, 2, 1}, {7, 5}, even({0})));
}

TEST("pool: average excludes padding, l2 counts it as zero") {
  CHECK(pooled("average_pool", {1, 3, 1}, {1, 2, 6}, windows({2}, {1}, "same")) == (std::vector<float>{1.5f, 4, 6}));
  CHECK(pooled("l2_pool", {1, 3, 1}, {3, 4, 0}, windows({2}, {1}, "same")) == (std::vector<float>{5, 4, 0}));
  CHECK(pooled("max_pool", {1, 3, 1}, {-1, -2, -3}, windows({2}, {1}, "same")) == (std::vector<float>{-1, -2, -3}));
}

TEST("pool: channels_first gives the transposed result") {
  const Tensor last = random_tensor({2, 5, 6, 3}, 8);
  Tensor first(Type{DType::f32, {2, 3, 5, 6}});
  for (int n = 0; n < 2; ++n)
    for (int p = 0; p < 30; ++p)
      for (int c = 0; c < 3; ++c) first.at()[(n * 3 + c) * 30 + p] = last.at()[(n * 30 + p) * 3 + c];
  const Tensor y = run_op1("max_pool", windows({2, 3}, {}, "valid"), {last}, "reference");
  const Tensor z = run_op1("max_pool", windows({2, 3}, {}, "valid", "channels_first"), {first}, "reference");
  CHECK(z.type.shape == (Shape{2, 3, 2, 2}));
  for (int n = 0; n < 2; ++n)
    for (int p = 0; p < 4; ++p)
      for (int c = 0; c < 3; ++c) CHECK_EQ(z.at()[(n * 3 + c) * 4 + p], y.at()[(n * 4 + p) * 3 + c]);
}

TEST("pool: the first maximum gets the gradient, and the first NaN") {
  on_every_isa([](const KernelTable&) {
    for (const char* implementation : {"simd", "reference"}) {
      const AttrMap attrs = windows({2, 2}, {}, "valid");
      const Tensor x(DType::f32, {1, 2, 4, 1}, std::vector<float>{1, 5, NAN, 7, 5, 5, 9, NAN});
      const Tensor y = run_op1("max_pool", attrs, {x}, implementation);
      CHECK_EQ(y.first(), 5.0f);
      CHECK(std::isnan(y.at()[1]));
      const Tensor dy(DType::f32, {1, 1, 2, 1}, std::vector<float>{2, 3});
      CHECK(run_op1("max_pool_backward", attrs, {x, y, dy}, implementation).values() ==
            (std::vector<float>{0, 2, 3, 0, 0, 0, 0, 0}));
    }
  });
}

TEST("pool: an all-zero window has no l2 gradient") {
  const Tensor x(Type{DType::f32, {1, 2, 1}}), y(Type{DType::f32, {1, 1, 1}}),
      dy(DType::f32, {1, 1, 1}, std::vector<float>{1});
  CHECK(run_op1("l2_pool_backward", windows({2}, {}, "valid"), {x, y, dy}, "simd").values() == (std::vector<float>{0, 0}));
}

TEST("pool: wrong arguments say what is wrong") {
  const Tensor x = random_tensor({1, 3, 3, 1}, 1);
  CHECK_THROWS(Error, "spatial axes", run_op1("max_pool", {}, {random_tensor({2, 2}, 1)}, "reference"));
  CHECK_THROWS(Error, "pool_size", run_op1("max_pool", windows({2}, {}, "valid"), {x}, "reference"));
  CHECK_THROWS(Error, "strides", run_op1("max_pool", windows({2, 2}, {0, 1}, "valid"), {x}, "reference"));
  CHECK_THROWS(Error, "causal", run_op1("max_pool", windows({2, 2}, {}, "causal"), {x}, "reference"));
  CHECK_THROWS(Error, "padding=\"same\"", run_op1("max_pool", windows({4, 4}, {}, "valid"), {x}, "reference"));
}
