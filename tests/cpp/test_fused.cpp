// Fused elementwise programs: simd against the reference and against loops written by hand; reading of their text.
#include <cmath>

#include "check.h"
#include "run_op.h"

using namespace convcore;

namespace {

AttrMap program(const char* text) { return {{"program", std::string(text)}}; }

// Adam with its slots: inputs w, m, v, g, rate (scalar).
constexpr const char* adam =
    "subtract 3 1;multiply 5 #0.1;add 1 6;square 3;subtract 8 2;multiply 9 #0.001;add 2 10;"
    "sqrt 11;add 12 #1e-07;divide 7 13;multiply 14 4;subtract 0 15|16,7,11";

}  // namespace

TEST("fused: Adam in place equals a plain loop") {
  on_every_isa([&](const KernelTable& table) {
    for (const std::int64_t n : sizes_around(table)) {
      Tensor w = random_tensor({n}, 1), m = random_tensor({n}, 2), v = random_tensor({n}, 3, 0, 1),
             g = random_tensor({n}, 4);
      const Tensor rate(DType::f32, {}, std::vector<float>{0.01f});
      std::vector<float> want_w, want_m, want_v;
      for (std::int64_t i = 0; i < n; ++i) {
        const float gi = g.at()[i];
        want_m.push_back(m.at()[i] + (gi - m.at()[i]) * 0.1f);
        want_v.push_back(v.at()[i] + (gi * gi - v.at()[i]) * 0.001f);
        want_w.push_back(w.at()[i] - want_m.back() / (std::sqrt(want_v.back()) + 1e-7f) * 0.01f);
      }
      run_op("fused_elementwise", program(adam), {w, m, v, g, rate}, "simd", {0, 1, 2});
      CHECK(w.values() == want_w);
      CHECK(m.values() == want_m);
      CHECK(v.values() == want_v);
    }
  });
}

TEST("fused: chains in registers, broken and kept, with rests of every length, equal the reference") {
  // inputs x, y, s (scalar), r (row); 7 and 10 are used again later, 14 breaks the chain, 17 takes one value twice
  const AttrMap text = program(
      "subtract 0 1;divide 2 4;maximum 5 0;negative 6;square 7;add 1 8;sqrt 9;rsqrt 10;minimum 11 3;reciprocal 12;"
      "floor 13;abs 14;relu 15;multiply 16 16;subtract 17 7;divide 18 10;add 3 19|20,7,10,13");
  on_every_isa([&](const KernelTable& table) {
    const std::int64_t strip = 8 * table.vector_width;
    for (const std::int64_t n : {std::int64_t{1}, strip - 1, strip, strip + 1, 3 * strip + 5, std::int64_t{5000}}) {
      Tensor x = random_tensor({n}, 1, 0.5, 2), y = random_tensor({n}, 2, 0.5, 2);
      const Tensor scalar = random_tensor({}, 3, 1, 2), row = random_tensor({1}, 4, 1, 2);
      const Tensors in = {x, y, scalar, row}, want = run_op("fused_elementwise", text, in, "reference"),
                    got = run_op("fused_elementwise", text, in, "simd");
      for (std::size_t i = 0; i < want.size(); ++i) CHECK(same_bits(got[i], want[i]));
      run_op("fused_elementwise", text, in, "simd", {0, 1});
      CHECK(x.values() == want[0].values());
      CHECK(y.values() == want[1].values());
    }
  });
}

TEST("fused: broadcast inputs of every kind equal the reference") {
  on_every_isa([&](const KernelTable& table) {
    const std::int64_t c = table.vector_width + 1;
    for (const Shape& shape : {Shape{37, 10}, Shape{5, 7, c}, Shape{3, 700}, Shape{2, 3, 5, 513}}) {
      const std::int64_t last = shape[shape.rank() - 1];
      Shape rows = shape;
      rows[shape.rank() - 1] = 1;
      const Tensor x = whole_tensor(shape, 1), bias = whole_tensor({last}, 2), row = whole_tensor(rows, 3),
                   one = whole_tensor({}, 4);
      const Tensor mask = run_op1("greater", {}, {x, one}, "reference");
      const Tensor row_mask = run_op1("less", {}, {row, one}, "reference");
      const AttrMap text = program("add 0 1;multiply 6 2;where 4 7 3;where 5 8 0;equal 9 1;cast 10 #0|9,11,0");
      const Tensors in = {x, bias, row, one, mask, row_mask};
      const Tensors y = run_op("fused_elementwise", text, in, "simd"),
                    want = run_op("fused_elementwise", text, in, "reference");
      for (std::size_t i = 0; i < 3; ++i) CHECK(same_bits(y[i], want[i]));
    }
  });
}

TEST("fused: values of each sample's channels are repeated over its pixels") {
  on_every_isa([&](const KernelTable& table) {
    for (const std::int64_t c : {1, 2, 3, 7, table.vector_width, table.vector_width + 1})
      for (const Shape& shape : {Shape{3, 5, 7, c}, Shape{2, 40, 33, c}, Shape{4, 1, 900, c}}) {
        const Tensor x = whole_tensor(shape, 1), channel = whole_tensor({shape[0], 1, 1, c}, 2),
                     sample = whole_tensor({shape[0], 1, 1, 1}, 3), row = whole_tensor({shape[1], 1, c}, 4);
        const AttrMap text = program("subtract 0 1;multiply 4 2;add 5 3|6");
        const Tensors in = {x, channel, sample, row};
        CHECK(
            same_bits(run_op1("fused_elementwise", text, in, "simd"), run_op1("fused_elementwise", text, in, "reference")));
      }
  });
}

TEST("fused: many live values, outputs that swap their inputs' memory") {
  std::string text;
  for (int i = 0; i < 60; ++i) text += cat(i > 0 ? ";" : "", "add 0 #", i % 20);
  for (int i = 0; i < 60; ++i) text += cat(";add ", i == 0 ? 1 : 60 + i, " ", 1 + i);
  text += "|120";
  const Tensor x = whole_tensor({1000}, 7);
  on_every_isa([&](const KernelTable&) {
    CHECK(same_bits(run_op1("fused_elementwise", program(text.c_str()), {x}, "simd"),
                    run_op1("fused_elementwise", program(text.c_str()), {x}, "reference")));
    Tensor a = whole_tensor({1000}, 8), b = whole_tensor({1000}, 9);
    const std::vector<float> first = a.values(), second = b.values();
    run_op("fused_elementwise", program("|1,0"), {a, b}, "simd", {0, 1});
    CHECK(a.values() == second);
    CHECK(b.values() == first);
  });
}

TEST("fused: float64 through the reference") {
  const Tensor x(DType::f64, {2}, std::vector<double>{0.1, 0.2});
  const Tensor y = run_op1("fused_elementwise", program("multiply 0 #0.5;add 1 0|2"), {x}, "reference");
  CHECK(y.values<double>() == (std::vector<double>{0.1 * 0.5 + 0.1, 0.2 * 0.5 + 0.2}));
}

TEST("fused: a wrong program says what is wrong") {
  const Tensor x = whole_tensor({3}, 1);
  const auto run = [&](const char* text) { return run_op("fused_elementwise", program(text), {x}, "simd"); };
  CHECK_THROWS(Error, "elementwise op", run("conv 0|1"));
  CHECK_THROWS(Error, "2 operands", run("add 0|1"));
  CHECK_THROWS(Error, "register below 1", run("add 0 1|1"));
  CHECK_THROWS(Error, "a number", run("add 0 #x|1"));
  CHECK_THROWS(Error, "outputs", run("add 0 0"));
  std::string many = "add 0 0";
  for (int step = 0; step < 4096; ++step) many += ";add 0 0";
  CHECK_THROWS(Error, "at most 4096 instructions", run((many + "|1").c_str()));
}

TEST("fused: NaN, 0 and -0 are immediates like others") {
  const Tensor x(DType::f32, {2, 4}, std::vector<float>{1, -2, 3, -4, 5, -6, 7, -8});
  for (const char* implementation : {"simd", "reference"}) {
    const Tensor y = run_op1("fused_elementwise", program("add 0 0;less 0 #0;where 2 #nan 1|3"), {x}, implementation);
    for (std::size_t i = 0; i < 8; ++i) {
      const float from = x.values<float>()[i], made = y.values<float>()[i];
      CHECK(from < 0 ? std::isnan(made) : made == 2 * from);
    }
    const Tensor z = run_op1("fused_elementwise", program("multiply 0 #0;maximum 1 #0;add 2 #-0;reciprocal #-0;add 3 4|5"),
                             {x}, implementation);
    CHECK_EQ(z.values<float>()[0], -INFINITY);
  }
}
