// Elementwise ops: vector functions against the C library in float64, simd against the reference with every kind of
// broadcasting, shape rules and special cases.
#include <bit>
#include <limits>

#include "check.h"
#include "ops/program.h"
#include "run_op.h"

using namespace convcore;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
const std::vector<float> special = {0.0f,  -0.0f,  1.0f,  -1.0f,  0.5f,   -0.5f,   1.5f,    2.5f,     -2.5f,
                                    3.0f,  -3.0f,  88.7f, 88.73f, -87.4f, -103.9f, -110.0f, 1e-40f,   -1e-40f,
                                    1e30f, -1e30f, 8e6f,  9e6f,   1e-30f, inf,     -inf,    nan_value};

// Units in the last place between a float32 result and the exact value.
double ulps(float got, double exact) {
  const float rounded = static_cast<float>(exact);
  if (std::isnan(exact)) return std::isnan(got) ? 0 : HUGE_VAL;
  if (got == rounded) return 0;
  if (std::isinf(rounded) || std::isinf(got)) return std::fabs(exact) > 3.39e38 && std::fabs(got) > 3.39e38 ? 1 : HUGE_VAL;
  const int exponent = exact == 0 ? -149 : std::max(-149, std::ilogb(exact) - 23);
  return std::fabs(got - exact) / std::ldexp(1.0, exponent);
}

// Every 65536th float of all 2^32, and the special values.
Tensor all_floats() {
  std::vector<float> x = special;
  for (std::uint64_t b = 12345; b < (1ull << 32); b += 65521)
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(b)));
  const auto n = static_cast<std::int64_t>(x.size());
  return Tensor(DType::f32, {n}, x);
}

void check_function(const char* op, double (*exact)(double), double limit) {
  const Tensor x = all_floats();
  on_every_isa([&](const KernelTable& table) {
    const Tensor y = run_op1(op, {}, {x}, "simd");
    double worst = 0;
    float at = 0;
    for (std::int64_t i = 0; i < x.size(); ++i)
      if (const double error = ulps(y.at()[i], exact(x.at()[i])); error > worst) worst = error, at = x.at()[i];
    if (worst > limit)
      check::failed(__FILE__, __LINE__, cat(op, " on ", table.isa, " within ", limit, " ulp, got ", worst, " at ", at));
  });
}

std::vector<const OpDef*> ops_of_arity(int arity) {
  std::vector<const OpDef*> found;
  for (const OpDef* op : all_ops())
    if (op->elementwise && op->immediates == nullptr && static_cast<int>(op->inputs.size()) == arity) found.push_back(op);
  return found;
}

bool exact_op(const std::string& name) {
  for (const char* rounded : {"exp", "log", "log1p", "sin", "cos", "sigmoid", "tanh", "softplus", "erf", "power"})
    if (name == rounded) return false;
  return true;
}

// simd must agree with the reference: bitwise where a function is exact or correctly rounded.
void check_against_reference(const OpDef& op, const Tensors& in) {
  const Tensor y = run_op1(op.name.c_str(), {}, in, "simd"), want = run_op1(op.name.c_str(), {}, in, "reference");
  const bool boolean = want.type.dtype == DType::boolean;
  const bool good = boolean ? same_bits(y, want) : worst_error(y, want) <= (exact_op(op.name) ? 0 : 1e-6);
  if (!good) check::failed(__FILE__, __LINE__, cat(op.name, " as the reference for ", in[0].type.str()));
}

Tensor ask(const char* op, std::vector<float> a, std::vector<float> b) {
  const auto n = static_cast<std::int64_t>(a.size());
  return run_op1(op, {}, {Tensor(DType::f32, {n}, a), Tensor(DType::f32, {n}, b)}, "reference");
}

}  // namespace

TEST("elementwise: vector functions are within a few units in the last place") {
  check_function("exp", [](double x) { return std::exp(x); }, 1.1);
  check_function("log", [](double x) { return std::log(x); }, 1.1);
  check_function("log1p", [](double x) { return std::log1p(x); }, 2);
  check_function("tanh", [](double x) { return std::tanh(x); }, 2);
  check_function("erf", [](double x) { return std::erf(x); }, 3);
  check_function("sin", [](double x) { return std::sin(x); }, 2.1);
  check_function("cos", [](double x) { return std::cos(x); }, 2.1);
  check_function("sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, 2.5);
  check_function("softplus", [](double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, 2.5);
  check_function("floor", [](double x) { return std::floor(x); }, 0);
  check_function("ceil", [](double x) { return std::ceil(x); }, 0);
  check_function("round", [](double x) { return std::nearbyint(x); }, 0);
  check_function("sqrt", [](double x) { return std::sqrt(x); }, 0.51);
  check_function("rsqrt", [](double x) { return 1 / std::sqrt(x); }, 1.6);
  check_function("reciprocal", [](double x) { return 1 / x; }, 0.51);
}

TEST("elementwise: power covers all pairs of special values") {
  std::vector<float> a, b;
  for (float x : special)
    for (float y : special) a.push_back(x), b.push_back(y);
  for (float y : {2.0f, 3.0f, 0.1f, -2.5f, 17.25f, 101.0f})
    for (int i = -300; i < 300; ++i) a.push_back(static_cast<float>(i) * 0.37f), b.push_back(y);
  const auto n = static_cast<std::int64_t>(a.size());
  const Tensors in = {Tensor(DType::f32, {n}, a), Tensor(DType::f32, {n}, b)};
  on_every_isa([&](const KernelTable& table) {
    const Tensor y = run_op1("power", {}, in, "simd");
    for (std::int64_t i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const double exact = std::pow(static_cast<double>(a[k]), static_cast<double>(b[k]));
      if (!(ulps(y.at()[i], exact) <= 0.51))
        check::failed(__FILE__, __LINE__,
                      cat("power(", a[k], ", ", b[k], ") = ", exact, " on ", table.isa, ", got ", y.at()[i]));
    }
  });
}

TEST("elementwise: every op of one input equals its reference at every size") {
  on_every_isa([&](const KernelTable& table) {
    for (const OpDef* op : ops_of_arity(1))
      for (const std::int64_t n : sizes_around(table)) check_against_reference(*op, {random_tensor({n}, 1)});
    const auto n = static_cast<std::int64_t>(special.size());
    for (const OpDef* op : ops_of_arity(1)) check_against_reference(*op, {Tensor(DType::f32, {n}, special)});
  });
}

TEST("elementwise: every op of two inputs equals its reference under every broadcast") {
  on_every_isa([&](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    const std::vector<std::pair<Shape, Shape>> shapes = {
        {{5003}, {5003}},      {{vl + 1}, {}},           {{}, {2 * vl + 3}}, {{300, 10}, {10}},         {{7, 700}, {700}},
        {{300, 10}, {300, 1}}, {{9, 1, 33}, {1, 5, 33}}, {{3, 1}, {1, 4}},   {{2, 3, 4, 5}, {3, 1, 5}}, {{1}, {1}},
        {{vl - 1}, {vl - 1}}};
    for (const OpDef* op : ops_of_arity(2))
      for (const auto& [a, b] : shapes) check_against_reference(*op, {whole_tensor(a, 2), whole_tensor(b, 3)});
    std::vector<float> a, b;
    for (float x : special)
      for (float y : special) a.push_back(x), b.push_back(y);
    const auto n = static_cast<std::int64_t>(a.size());
    for (const OpDef* op : ops_of_arity(2))
      check_against_reference(*op, {Tensor(DType::f32, {n}, a), Tensor(DType::f32, {n}, b)});
  });
}

TEST("elementwise: where and clip equal their references") {
  on_every_isa([&](const KernelTable& table) {
    for (const std::int64_t n : sizes_around(table)) {
      const Tensor a = random_tensor({n, 3}, 4), b = random_tensor({3}, 5);
      const Tensor condition = run_op1("greater", {}, {a, b}, "reference");
      check_against_reference(find_op("where"), {condition, a, b});
      const AttrMap limits = {{"min", -0.5}, {"max", 1.0}};
      CHECK(same_bits(run_op1("clip", limits, {a}, "simd"), run_op1("clip", limits, {a}, "reference")));
    }
  });
}

TEST("elementwise: integers and bools") {
  const Tensor a(DType::i32, {6}, std::vector<std::int32_t>{7, -7, 7, -7, 5, INT32_MIN});
  const Tensor b(DType::i32, {6}, std::vector<std::int32_t>{2, 2, -2, -2, 0, -1});
  using Ints32 = std::vector<std::int32_t>;
  CHECK(run_op1("floor_divide", {}, {a, b}, "reference").values<std::int32_t>() == (Ints32{3, -4, -4, 3, 0, INT32_MIN}));
  CHECK(run_op1("mod", {}, {a, b}, "reference").values<std::int32_t>() == (Ints32{1, 1, -1, -1, 0, 0}));
  CHECK(run_op1("power", {}, {a, b}, "reference").values<std::int32_t>() == (Ints32{49, 49, 0, 0, 1, 0}));
  CHECK(run_op1("clip", {{"max", 5.0}}, {a}, "reference").values<std::int32_t>() == (Ints32{5, -7, 5, -7, 5, INT32_MIN}));
  const Tensor t(DType::boolean, {4}, std::vector<std::uint8_t>{0, 0, 1, 1}),
      u(DType::boolean, {4}, std::vector<std::uint8_t>{0, 1, 0, 1});
  for (const char* implementation : {"simd", "reference"}) {
    CHECK(run_op1("logical_and", {}, {t, u}, implementation).values<std::uint8_t>() ==
          (std::vector<std::uint8_t>{0, 0, 0, 1}));
    CHECK(run_op1("equal", {}, {t, u}, implementation).values<std::uint8_t>() == (std::vector<std::uint8_t>{1, 0, 0, 1}));
  }
}

TEST("elementwise: Python's remainder and quotient") {
  CHECK(ask("mod", {5.5f, -5.5f, 5.5f, -5.5f}, {2, 2, -2, -2}).values() == (std::vector<float>{1.5f, 0.5f, -0.5f, -1.5f}));
  CHECK(ask("floor_divide", {5.5f, -5.5f, 5.5f, 1}, {2, 2, -2, 0}).values() == (std::vector<float>{2, -3, -3, inf}));
  CHECK(ask("floor_divide", {8388609, 16777215, -16777215}, {1, 1, 1}).values() ==
        (std::vector<float>{8388609, 16777215, -16777215}));
  CHECK(ask("divide_no_nan", {1, 0, -3}, {0, 0, 2}).values() == (std::vector<float>{0, 0, -1.5f}));
}

TEST("elementwise: shapes with unknown dimensions, and refusals") {
  const auto infer = [](const char* op, const Types& in) {
    const OpDef& def = find_op(op);
    return def.infer(def.make_attrs({}), in)[0].shape;
  };
  const auto f32 = [](Shape shape) { return Type{DType::f32, std::move(shape)}; };
  CHECK(infer("add", {f32({unknown, 3}), f32({1})}) == (Shape{unknown, 3}));
  CHECK(infer("add", {f32({unknown, 1}), f32({4, 1})}) == (Shape{4, 1}));
  CHECK(infer("add", {f32({unknown, 1}), f32({1, 5})}) == (Shape{unknown, 5}));
  CHECK(infer("multiply", {f32({0, 3}), f32({1, 3})}) == (Shape{0, 3}));
  CHECK_THROWS(Error, "broadcast", infer("add", {f32({2, 3}), f32({4})}));
  CHECK_THROWS(Error, "one dtype", infer("add", {f32({2}), {DType::i32, {2}}}));
  CHECK_THROWS(Error, "float32 or float64", infer("exp", {{DType::i32, {2}}}));
  CHECK_THROWS(Error, "numeric", infer("add", {{DType::boolean, {2}}, {DType::boolean, {2}}}));
  CHECK_THROWS(Error, "min <= max", run_op1("clip", {{"min", 2.0}, {"max", 1.0}}, {random_tensor({2}, 1)}, "reference"));
}

TEST("cast: every pair of dtypes is defined, bytes become float32 exactly") {
  const Tensor x(DType::f32, {7}, std::vector<float>{-1.7f, 1.7f, 0, 300, 1e20f, -1e20f, nan_value});
  const auto cast = [&](const char* dtype, const Tensor& from) {
    return run_op1("cast", {{"dtype", std::string(dtype)}}, {from}, "reference");
  };
  CHECK(cast("int32", x).values<std::int32_t>() == (std::vector<std::int32_t>{-1, 1, 0, 300, INT32_MAX, INT32_MIN, 0}));
  CHECK(cast("uint8", x).values<std::uint8_t>() == (std::vector<std::uint8_t>{0, 1, 0, 255, 255, 0, 0}));
  CHECK(cast("bool", x).values<std::uint8_t>() == (std::vector<std::uint8_t>{1, 1, 0, 1, 1, 1, 1}));
  CHECK(cast("float64", x).values<double>()[3] == 300.0);
  CHECK_THROWS(Error, "dtype", cast("float17", x));
  std::vector<std::uint8_t> bytes(5003);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  const Tensor image(DType::u8, {5003}, bytes);
  on_every_isa([&](const KernelTable&) { CHECK(same_bits(run_op1("cast", {}, {image}, "simd"), cast("float32", image))); });
}
