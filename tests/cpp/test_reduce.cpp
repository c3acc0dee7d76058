// Reductions: simd against the reference over shapes and axes, exactness on whole numbers, independence of the cut, accuracy
// of long sums.
#include <numeric>

#include "check.h"
#include "run_op.h"

using namespace convcore;

namespace {

AttrMap along(Ints axes, bool keepdims = false) { return {{"axes", axes}, {"keepdims", keepdims}}; }

const std::vector<const char*> float_reductions = {"sum", "mean", "max", "min", "prod", "l2_norm"};

void check_axes(const Shape& shape, const Ints& axes) {
  const Tensor x = whole_tensor(shape, 5);
  const Tensor units = whole_tensor(shape, 6, 1, 2);  // products stay finite where few elements meet
  for (const char* op : float_reductions) {
    const bool product = op == std::string("prod");
    const Tensor& from = product ? units : x;
    const Tensor y = run_op1(op, along(axes), {from}, "simd"), want = run_op1(op, along(axes), {from}, "reference");
    const bool exact = op == std::string("sum") || op == std::string("max") || op == std::string("min");
    if (exact ? !same_bits(y, want) : !(worst_error(y, want) < 1e-6) && !product)
      check::failed(__FILE__, __LINE__, cat(op, " of ", shape.str(), " along ", str(AttrValue(axes))));
  }
}

}  // namespace

TEST("reduce: whole numbers give the reference's bits along any axes") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t n : sizes_around(table)) {
      check_axes({n}, {});
      check_axes({3, n}, {-1});
      check_axes({n, 3}, {0});
      check_axes({2, n, 5}, {1});
      check_axes({2, 3, n}, {0, 2});
    }
    check_axes({4, 6, 5, vl + 1}, {0, 1, 2});
    check_axes({4, 6, 5, 2 * vl}, {1, 3});
    check_axes({64, 33, 8}, {0, 1});
    check_axes({9000, 10}, {0});
    check_axes({20011}, {0});
    check_axes({3, 1, 4}, {1});
  });
}

TEST("reduce: a long float32 mean keeps its accuracy") {
  const std::int64_t n = 1 << 21;
  Tensor x(Type{DType::f32, {n}});
  for (std::int64_t i = 0; i < n; ++i) x.at()[i] = 0.1f;
  on_every_isa([&](const KernelTable&) { CHECK(std::fabs(run_op1("mean", {}, {x}, "simd").first() - 0.1f) < 1e-7f); });
}

TEST("reduce: a float32 mean down the columns keeps its accuracy") {
  const std::int64_t rows = 512, columns = 100;  // the longest sum that is not cut into chunks
  const Tensor x = random_tensor({rows, columns}, 4, 0, 1);
  on_every_isa([&](const KernelTable&) {
    const Tensor y = run_op1("mean", along({0}), {x}, "simd");
    double squares = 0;
    for (std::int64_t k = 0; k < columns; ++k) {
      double sum = 0;
      for (std::int64_t r = 0; r < rows; ++r) sum += x.at()[r * columns + k];
      const double error = y.at()[k] * static_cast<double>(rows) / sum - 1;
      squares += error * error;
    }
    CHECK(std::sqrt(squares / columns) < 1.5e-7);  // one chain of additions: 3e-7
  });
}

TEST("reduce: the result does not depend on how the range was cut") {
  const Tensor x = random_tensor({40000}, 9);
  std::vector<float> whole(10), cut(10);
  ReduceArgs args{x.at(), whole.data()};
  args.r = 40000, args.chunk = 4096, args.chunks = 10;
  kernels().reduce(args, {0, 10});
  args.y = cut.data();
  for (std::int64_t i = 0; i < 10; ++i) kernels().reduce(args, {i, i + 1});
  CHECK(whole == cut);
}

TEST("reduce: NaN wins in max and min, wherever it stands") {
  on_every_isa([](const KernelTable& table) {
    for (const std::int64_t n : sizes_around(table))
      for (const std::int64_t at : {std::int64_t{0}, n / 2, n - 1}) {
        Tensor x = random_tensor({n}, 3);
        x.at()[at] = NAN;
        for (const char* op : {"max", "min", "sum", "mean"})
          for (const char* implementation : {"simd", "reference"})
            CHECK(std::isnan(run_op1(op, {}, {x}, implementation).at()[0]));
      }
  });
}

TEST("reduce: dtypes of sums, logical reductions, positions") {
  const Tensor bools(DType::boolean, {2, 2}, std::vector<std::uint8_t>{1, 1, 0, 1});
  CHECK(run_op1("sum", {}, {bools}, "reference").type == (Type{DType::i32, {}}));
  CHECK_EQ(run_op1("sum", {}, {bools}, "reference").first<std::int32_t>(), 3);
  CHECK(run_op1("all", along({1}), {bools}, "reference").values<std::uint8_t>() == (std::vector<std::uint8_t>{1, 0}));
  CHECK(run_op1("any", along({1}), {bools}, "reference").values<std::uint8_t>() == (std::vector<std::uint8_t>{1, 1}));
  const Tensor big(DType::i64, {2}, std::vector<std::int64_t>{1ll << 40, 1});
  CHECK_EQ(run_op1("sum", {}, {big}, "reference").first<std::int64_t>(), (1ll << 40) + 1);
  const Tensor x(DType::f32, {2, 3}, std::vector<float>{1, 3, 3, 2, NAN, 5});
  CHECK(run_op1("argmax", {}, {x}, "reference").values<std::int32_t>() == (std::vector<std::int32_t>{1, 1}));
  CHECK(run_op1("argmin", {{"axis", std::int64_t{0}}}, {x}, "reference").values<std::int32_t>() ==
        (std::vector<std::int32_t>{0, 1, 0}));
  CHECK_THROWS(Error, "Cast first", run_op1("mean", {}, {big}, "reference"));
  CHECK_THROWS(Error, "different axes", run_op1("sum", along({0, -2}), {x}, "reference"));
  CHECK_THROWS(Error, "at least one element", run_op1("max", {}, {Tensor(Type{DType::f32, {0}})}, "reference"));
  CHECK_EQ(run_op1("sum", {}, {Tensor(Type{DType::f32, {0}})}, "simd").first(), 0.0f);
  CHECK_EQ(run_op1("prod", along({0}), {Tensor(Type{DType::f32, {0, 1}})}, "simd").first(), 1.0f);
}

TEST("reduce: sum_to_shape reverses broadcasting") {
  on_every_isa([](const KernelTable&) {
    const Tensor x = whole_tensor({4, 3, 5, 6}, 2);
    for (const Shape& shape : {Shape{6}, Shape{}, Shape{3, 1, 6}, Shape{4, 1, 1, 6}, Shape{4, 3, 5, 6}, Shape{1, 1, 5, 1}}) {
      const Tensor like(Type{DType::f32, shape});
      CHECK(same_bits(run_op1("sum_to_shape", {}, {x, like}, "simd"), run_op1("sum_to_shape", {}, {x, like}, "reference")));
    }
    CHECK_THROWS(Error, "broadcasts to", run_op1("sum_to_shape", {}, {x, Tensor(Type{DType::f32, {2}})}, "simd"));
  });
}

TEST("argsort: ties keep their order, NaN is the largest, every dtype") {
  const Tensor x(DType::f32, {2, 4}, std::vector<float>{2, NAN, 1, 2, -INFINITY, 3, 3, INFINITY});
  const AttrMap down{{"descending", true}};
  CHECK(run_op1("argsort", {}, {x}, "reference").values<std::int32_t>() ==
        (std::vector<std::int32_t>{2, 0, 3, 1, 0, 1, 2, 3}));
  CHECK(run_op1("argsort", down, {x}, "reference").values<std::int32_t>() ==
        (std::vector<std::int32_t>{1, 0, 3, 2, 3, 1, 2, 0}));
  const Tensor bytes(DType::u8, {3}, std::vector<std::uint8_t>{200, 0, 200});
  CHECK(run_op1("argsort", {}, {bytes}, "reference").values<std::int32_t>() == (std::vector<std::int32_t>{1, 0, 2}));
  CHECK_THROWS(Error, "at least one axis", run_op1("argsort", {}, {Tensor(Type{DType::f32, {}})}, "reference"));
}
