// Dense layers: simd against the reference on every ISA, literal values, adjoints, shapes and refusals.
#include "check.h"
#include "run_op.h"

namespace {

using namespace convcore;

void compare(const Tensor& got, const Tensor& want, double tolerance, const std::string& where) {
  CHECK_EQ(got.type.str(), want.type.str());
  for (std::int64_t i = 0; i < want.size(); ++i)
    if (!(std::fabs(got.at()[i] - want.at()[i]) <= tolerance)) {
      check::failed(__FILE__, __LINE__, cat(where, "[", i, "]: ", want.at()[i], ", got ", got.at()[i]));
      return;
    }
}

TEST("dense: simd equals the reference around every tile size") {
  struct Size {
    std::int64_t rows, in, units;
  };
  for (const Size s : {Size{1, 1, 1},
                       {1, 37, 50},
                       {3, 5, 10},
                       {13, 16, 16},
                       {14, 17, 31},
                       {15, 3, 33},
                       {29, 64, 32},
                       {128, 160, 10},
                       {257, 9, 47},
                       {70, 700, 3}}) {
    const Tensor x = whole_tensor(Shape{s.rows, s.in}, 1), w = whole_tensor(Shape{s.in, s.units}, 2);
    const Tensor b = whole_tensor(Shape{s.units}, 3), dy = whole_tensor(Shape{s.rows, s.units}, 4);
    const Tensor fx = random_tensor(Shape{s.rows, s.in}, 1, -1, 1), fw = random_tensor(Shape{s.in, s.units}, 2, -1, 1);
    const AttrMap relu = {{"activation", std::string("relu")}};
    const Tensor y = run_op1("dense", relu, {x, w, b}, "reference"), fy = run_op1("dense", {}, {fx, fw}, "reference");
    const Tensor dx = run_op1("dense_backward_input", {}, {dy, w}, "reference");
    const Tensor dw = run_op1("dense_backward_filter", {}, {x, dy}, "reference");
    on_every_isa([&](const KernelTable& table) {
      const std::string where = cat(s.rows, "x", s.in, "x", s.units, " ", table.isa);
      compare(run_op1("dense", relu, {x, w, b}, "simd"), y, 0, where + " y");
      compare(run_op1("dense", {}, {fx, fw}, "simd"), fy, 1.2e-7 * static_cast<double>(s.in + 4), where + " float y");
      compare(run_op1("dense_backward_input", {}, {dy, w}, "simd"), dx, 0, where + " dx");
      compare(run_op1("dense_backward_filter", {}, {x, dy}, "simd"), dw, 0, where + " dw");
    });
  }
}

TEST("dense: a row's result does not depend on the rows around it") {
  const Tensor x = random_tensor(Shape{67, 45}, 1), w = random_tensor(Shape{45, 35}, 2);
  const Tensor all = run_op1("dense", {}, {x, w}, "simd");
  for (std::int64_t r = 0; r < 67; ++r) {
    const std::vector<float> values(x.at() + r * 45, x.at() + (r + 1) * 45);
    const Tensor one = run_op1("dense", {}, {Tensor(DType::f32, Shape{1, 45}, values), w}, "simd");
    CHECK(std::memcmp(one.at(), all.at() + r * 35, 35 * sizeof(float)) == 0);
  }
}

TEST("dense: an activation's numbers are told apart by their bits, and counted") {
  const Tensor x(DType::f32, Shape{1, 3}, std::vector<float>{1, -2, 3}), w = whole_tensor(Shape{3, 2}, 1, 1, 1);
  const Tensor all(DType::f32, Shape{3, 3}, std::vector<float>{1, 0, 0, -1, 0, 0, 0, 0, 0});
  for (const char* implementation : {"simd", "reference"}) {
    const AttrMap nan = {{"activation", std::string("less 0 #0;where 1 #nan 0;add 2 #0;where 1 #nan 3|4")}};
    const std::vector<float> y = run_op1("dense", nan, {all, w}, implementation).values();
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(i / 2 == 1 ? std::isnan(y[i]) : y[i] == (i < 2 ? 1 : 0));
    const AttrMap zeros = {{"activation", std::string("multiply 0 #0;add 1 #-0;multiply 2 #-0;reciprocal 3|4")}};
    CHECK_EQ(run_op1("dense", zeros, {x, w}, implementation).values()[0], -INFINITY);
  }
  std::string many = "clip #1 #2 #3";
  for (int step = 1; step < 16; ++step) many += cat(";clip #", 3 * step + 1, " #", 3 * step + 2, " #", 3 * step + 3);
  const AttrMap hostile = {{"activation", many + "|16"}};
  CHECK_THROWS(Error, "at most 32 different numbers", run_op1("dense", hostile, {x, w}, "simd"));
}

TEST("dense: values worked out by hand, with leading axes") {
  const Tensor x(DType::f32, Shape{1, 2, 2}, std::vector<float>{1, 2, 3, 4});
  const Tensor w(DType::f32, Shape{2, 3}, std::vector<float>{1, 0, -1, 10, 100, 0}),
      b(DType::f32, Shape{3}, std::vector<float>{0, 0, 5});
  const Tensor dy(DType::f32, Shape{1, 2, 3}, std::vector<float>{1, 0, 0, 0, 1, 2});
  for (const char* implementation : {"simd", "reference"}) {
    CHECK(run_op1("dense", {}, {x, w, b}, implementation).values() == (std::vector<float>{21, 200, 4, 43, 400, 2}));
    CHECK(run_op1("dense_backward_input", {}, {dy, w}, implementation).values() == (std::vector<float>{1, 10, -2, 100}));
    CHECK(run_op1("dense_backward_filter", {}, {x, dy}, implementation).values() == (std::vector<float>{1, 3, 6, 2, 4, 8}));
  }
}

Types infer(const char* op, const Types& in) {
  const OpDef& def = find_op(op);
  return def.infer(def.make_attrs({}), in);
}

TEST("dense: shapes and refusals") {
  const Type x{DType::f32, Shape{unknown, 7, 20}}, w{DType::f32, Shape{20, 5}}, dy{DType::f32, Shape{unknown, 7, 5}};
  CHECK_EQ(infer("dense", {x, w})[0].shape.str(), std::string("(None, 7, 5)"));
  CHECK(infer("dense_backward_input", {dy, w})[0] == x);
  CHECK(infer("dense_backward_filter", {x, dy})[0] == w);
  CHECK_THROWS(Error, "a last axis of 20", infer("dense", {{DType::f32, Shape{unknown, 21}}, w}));
  CHECK_THROWS(Error, "a bias of shape (5,)", infer("dense", {x, w, {DType::f32, Shape{6}}}));
  CHECK_THROWS(Error, "a kernel of shape (inputs, units)", infer("dense", {x, {DType::f64, Shape{20, 5}}}));
  CHECK_THROWS(Error, "a float input", infer("dense", {{DType::i64, x.shape}, w}));
  CHECK_THROWS(Error, "in its last axis only", infer("dense_backward_filter", {x, {DType::f32, Shape{unknown, 8, 5}}}));
}

}  // namespace
