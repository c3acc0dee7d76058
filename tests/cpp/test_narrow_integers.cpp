// int8, int16 and uint16: conversions by hand, arithmetic that wraps round at every node, and functions of bits.
#include <cstdint>
#include <limits>
#include <string>

#include "base/stored.h"
#include "check.h"
#include "graph/passes/passes.h"
#include "graph_helpers.h"
#include "run_op.h"

using namespace convcore;

namespace {

AttrMap to(DType dtype) { return {{"dtype", std::string(name(dtype))}}; }

template <class T>
Tensor of(const std::vector<T>& values) {
  return Tensor(dtype_of<T>, Shape{static_cast<std::int64_t>(values.size())}, values);
}

template <class To, class From>
std::vector<To> cast(const std::vector<From>& values) {
  return run_op1("cast", to(dtype_of<To>), {of(values)}, "reference").template values<To>();
}

template <class T>
std::vector<T> bits(const char* function, const std::vector<T>& a, const std::vector<T>& b) {
  return run_op1("bitwise", {{"function", std::string(function)}}, {of(a), of(b)}, "reference").template values<T>();
}

}  // namespace

TEST("cast: narrow integers keep their lowest bits, floats are limited to their range") {
  CHECK(cast<std::int8_t>(std::vector<std::int32_t>{5, 127, 128, 300, -129}) ==
        std::vector<std::int8_t>({5, 127, -128, 44, 127}));
  CHECK(cast<std::uint16_t>(std::vector<std::int64_t>{-1, 65536, 70000}) == std::vector<std::uint16_t>({65535, 0, 4464}));
  CHECK(cast<std::int16_t>(std::vector<std::uint16_t>{65535, 32768, 7}) == std::vector<std::int16_t>({-1, -32768, 7}));
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(cast<std::int8_t>(std::vector<float>{1.9F, -1.9F, 300, -300, nan, infinity}) ==
        std::vector<std::int8_t>({1, -1, 127, -128, 0, 127}));
  CHECK(cast<std::uint16_t>(std::vector<double>{-4, 65535.5, 1e12}) == std::vector<std::uint16_t>({0, 65535, 65535}));
  CHECK(cast<float>(std::vector<std::int16_t>{-32768, 3}) == std::vector<float>({-32768, 3}));
  CHECK(cast<std::int32_t>(std::vector<std::int8_t>{-128, 127}) == std::vector<std::int32_t>({-128, 127}));
  const Tensor half = run_op1("cast", to(DType::f16), {of(std::vector<std::int8_t>{-128, 9})}, "reference");
  CHECK(run_op1("cast", to(DType::i16), {half}, "reference").values<std::int16_t>() == std::vector<std::int16_t>({-128, 9}));
}

TEST("narrow pass: integers wrap round at every node") {
  Graph g;
  const Value x = g.input({DType::i8, {1}}, "x");
  const Value sum = g.emit1("add", {x, g.scalar(100, DType::i8)});
  g.output(g.emit1("floor_divide", {sum, g.scalar(2, DType::i8)}));
  passes::widen_narrow(g);
  passes::drop_dead_code(g);
  CHECK(op_names(g) == Names({"cast", "add", "cast", "cast", "floor_divide", "cast"}));
  CHECK(g.type(g.outputs[0]) == Type(DType::i8, {1}));
  std::int8_t number = 100, result = 0;
  store_element<std::int32_t>(DType::i8, (load_element<std::int32_t>(DType::i8, &number) + 100) & 0xff, &result);
  CHECK_EQ(static_cast<int>(result), -56);
}

TEST("bitwise: by hand, shifts beyond the width included") {
  using Bytes = std::vector<std::uint8_t>;
  using Ints = std::vector<std::int32_t>;
  CHECK(bits("and", Bytes{0b1100, 255}, Bytes{0b1010, 7}) == Bytes({0b1000, 7}));
  CHECK(bits("or", Bytes{0b1100, 0}, Bytes{0b1010, 7}) == Bytes({0b1110, 7}));
  CHECK(bits("xor", Ints{0b1100, -1}, Ints{0b1010, 7}) == Ints({0b0110, -8}));
  CHECK(bits("left_shift", Ints{3, -1, 1, 1}, Ints{4, 1, 31, 32}) ==
        Ints({48, -2, std::numeric_limits<std::int32_t>::min(), 0}));
  CHECK(bits("right_shift", Ints{48, -5, -5, 5}, Ints{4, 1, 40, -1}) == Ints({3, -3, -1, 0}));
  CHECK(bits("gcd", Ints{12, -18, 0, 7}, Ints{18, 12, 5, 0}) == Ints({6, 6, 5, 7}));
  using Longs = std::vector<std::int64_t>;
  CHECK(bits("gcd", Longs{std::int64_t{1} << 40, 9}, Longs{std::int64_t{3} << 38, 6}) == Longs({std::int64_t{1} << 38, 3}));
}

TEST("bitwise: refuses floats, other functions and other shapes") {
  const Tensor x = of(std::vector<std::int32_t>{1, 2}), y = of(std::vector<std::int32_t>{1});
  CHECK_THROWS(Error, "integer dtype", run_op1("bitwise", {}, {random_tensor({2}, 1), random_tensor({2}, 1)}, "reference"));
  CHECK_THROWS(Error, "a function of and, or", run_op1("bitwise", {{"function", std::string("nor")}}, {x, x}, "reference"));
  CHECK_THROWS(Error, "one shape", run_op1("bitwise", {}, {x, y}, "reference"));
}
