// Transposed convolution: scattered by hand, simd against the reference, the adjoints of its gradients, and what is refused.
#include "check.h"
#include "eval.h"
#include "run_op.h"

namespace {

using namespace convcore;
using Floats = std::vector<float>;

struct Case {
  const char* padding;
  Ints in, k, strides, dilation, output_padding;
  std::int64_t c, f, groups = 1;

  AttrMap attrs() const {
    return {{"padding", std::string(padding)},
            {"strides", strides},
            {"dilation_rate", dilation},
            {"output_padding", output_padding},
            {"groups", groups}};
  }
  Shape shape(const Ints& sizes, Ints ends, std::int64_t first) const {
    Ints dims = first > 0 ? Ints{first} : Ints{};
    dims.insert(dims.end(), sizes.begin(), sizes.end());
    dims.insert(dims.end(), ends.begin(), ends.end());
    return Shape(dims);
  }
  Shape x() const { return shape(in, {c}, 2); }
  Shape kernel() const { return shape(k, {f / groups, c}, 0); }
};

// both paddings, strides below, equal to and above the window, dilation, groups, each form of output_padding, ranks 1 to 3
const std::vector<Case> cases = {
    {"valid", {5}, {3}, {1}, {1}, {}, 3, 5},
    {"valid", {5}, {2}, {3}, {1}, {}, 3, 17},
    {"valid", {4}, {3}, {3}, {1}, {2}, 2, 16},
    {"same", {6}, {4}, {2}, {1}, {}, 5, 33},
    {"same", {6}, {4}, {2}, {1}, {0}, 5, 9},
    {"same", {6}, {2}, {3}, {1}, {2}, 5, 9},
    {"same", {7}, {3}, {1}, {3}, {}, 4, 6},
    {"valid", {4, 5}, {3, 2}, {2, 3}, {1, 1}, {}, 6, 20},
    {"same", {5, 4}, {3, 5}, {2, 2}, {1, 1}, {}, 33, 8},
    {"same", {5, 4}, {3, 4}, {2, 3}, {1, 1}, {1, 0}, 3, 7},
    {"valid", {3, 4}, {2, 3}, {1, 1}, {2, 3}, {}, 4, 4},
    {"valid", {1, 1}, {4, 4}, {1, 1}, {1, 1}, {}, 10, 18},
    {"valid", {3, 3}, {1, 1}, {1, 1}, {1, 1}, {}, 10, 18},
    {"same", {4, 4}, {3, 3}, {2, 2}, {1, 1}, {}, 6, 8, 2},
    {"valid", {2, 3, 3}, {2, 3, 2}, {2, 1, 3}, {1, 1, 1}, {}, 3, 5},
    {"same", {2, 3, 2}, {2, 3, 2}, {2, 1, 3}, {1, 1, 1}, {0, 0, 1}, 3, 5},
};

Floats along_a_row(const AttrMap& attrs, const Floats& kernel, const char* implementation) {
  const Tensor x(DType::f32, Shape{1, 3, 1}, Floats{1, 2, 3});
  const Tensor w(DType::f32, Shape{static_cast<std::int64_t>(kernel.size()), 1, 1}, kernel);
  return run_op1("conv_transpose", attrs, {x, w}, implementation).values();
}

TEST("conv_transpose: values worked out by hand") {
  const AttrValue same = std::string("same"), two = Ints{2}, three = Ints{3};
  for (const char* implementation : {"simd", "reference"}) {
    CHECK(along_a_row({}, {1, 10}, implementation) == (Floats{1, 12, 23, 30}));
    CHECK(along_a_row({{"strides", two}}, {1, 10, 100}, implementation) == (Floats{1, 10, 102, 20, 203, 30, 300}));
    // a stride above the window leaves zeros between and behind
    CHECK(along_a_row({{"strides", three}}, {1, 10}, implementation) == (Floats{1, 10, 0, 2, 20, 0, 3, 30, 0}));
    CHECK(along_a_row({{"strides", three}, {"output_padding", Ints{0}}}, {1, 10}, implementation) ==
          (Floats{1, 10, 0, 2, 20, 0, 3, 30}));
    CHECK(along_a_row({{"strides", two}, {"padding", same}}, {1, 10, 100}, implementation) ==
          (Floats{1, 10, 102, 20, 203, 30}));
    CHECK(along_a_row({{"strides", two}, {"padding", same}, {"output_padding", Ints{0}}}, {1, 10, 100}, implementation) ==
          (Floats{10, 102, 20, 203, 30}));
    CHECK(along_a_row({{"dilation_rate", two}}, {1, 10}, implementation) == (Floats{1, 2, 13, 20, 30}));
  }
}

TEST("conv_transpose: simd equals the reference, with bias, residual and activation, on every ISA") {
  for (const Case& c : cases) {
    AttrMap attrs = c.attrs();
    attrs.push_back({"activation", std::string("relu")});
    const Tensor x = whole_tensor(c.x(), 1), w = whole_tensor(c.kernel(), 2), b = whole_tensor(Shape{c.f}, 3);
    const Tensor want = run_op1("conv_transpose", attrs, {x, w, b}, "reference");
    const Tensor sum = run_op1("conv_transpose", attrs, {x, w, b, whole_tensor(want.type.shape, 4)}, "reference");
    on_every_isa([&](const KernelTable&) {
      for (const check::Side side : {check::Side::end, check::Side::begin}) {
        check::guarded_side = side;
        const auto copy = [](const Tensor& t) { return Tensor(t.type.dtype, t.type.shape, t.values()); };
        CHECK(same_bits(run_op1("conv_transpose", attrs, {copy(x), copy(w), copy(b)}, "simd"), want));
        const Tensors with = {copy(x), copy(w), copy(b), whole_tensor(want.type.shape, 4)};
        CHECK(same_bits(run_op("conv_transpose", attrs, with, "simd", {3})[0], sum));
      }
      check::guarded_side = check::Side::end;
    });
  }
}

double dot(const Floats& a, const Floats& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

// Linear in x and in the kernel, so the gradients are right if and only if the inner products agree; exact on integers.
TEST("conv_transpose: its gradients are its adjoints") {
  for (const Case& c : cases) {
    const Tensor x = whole_tensor(c.x(), 1), w = whole_tensor(c.kernel(), 2), b = whole_tensor(Shape{c.f}, 3);
    const Tensor y = run_op1("conv_transpose", c.attrs(), {x, w, b}, "reference"), dy = whole_tensor(y.type.shape, 4);
    Graph g;
    const Value vx = g.input(x.type, "x"), vw = g.input(w.type, "w"), vb = g.input(b.type, "b"), vd = g.input(dy.type, "dy");
    const Value out = g.emit1("conv_transpose", {vx, vw, vb}, c.attrs());
    const Value loss = g.emit1("sum", {g.emit1("multiply", {out, vd})});
    for (const Value value : gradients(g, loss, {vx, vw, vb})) g.output(value);
    std::vector<eval::Array> inputs;
    for (const Tensor& t : {x, w, b, dy}) inputs.push_back(eval::Array::of(t.type.shape, t.values()));
    const std::vector<eval::Array> made = eval::interpret(g, inputs);
    const Tensor zero(Type{DType::f32, Shape{c.f}});
    const double linear = dot(run_op1("conv_transpose", c.attrs(), {x, w, zero}, "reference").values(), dy.values());
    CHECK_EQ(dot(made[0].values(), x.values()), linear);
    CHECK_EQ(dot(made[1].values(), w.values()), linear);
    CHECK_EQ(dot(made[2].values(), b.values()), dot(y.values(), dy.values()) - linear);
  }
}

Type infer(const Type& x, const Type& kernel, const AttrMap& attrs = {}) {
  const OpDef& def = find_op("conv_transpose");
  return def.infer(def.make_attrs(attrs), {x, kernel})[0];
}

TEST("conv_transpose: shapes and refusals") {
  const AttrValue same = std::string("same");
  const Type x{DType::f32, Shape{unknown, 7, unknown, 3}}, w{DType::f32, Shape{3, 4, 8, 3}};
  CHECK_EQ(infer(x, w).shape.str(), std::string("(None, 9, None, 8)"));
  CHECK_EQ(infer(x, w, {{"strides", Ints{2, 2}}, {"padding", same}}).shape.str(), std::string("(None, 14, None, 8)"));
  CHECK_EQ(infer(x, w, {{"strides", Ints{5, 1}}}).shape.str(), std::string("(None, 35, None, 8)"));
  CHECK_THROWS(Error, "0 <= output_padding < strides=[2, 2]",
               infer(x, w, {{"strides", Ints{2, 2}}, {"output_padding", Ints{2, 0}}}));
  CHECK_THROWS(Error, "an input of 3 channels", infer({DType::f32, Shape{1, 7, 7, 4}}, w));
  CHECK_THROWS(Error, "Is the batch axis missing?", infer({DType::f32, Shape{7, 3}}, w));
  CHECK_THROWS(Error, "causal", infer(x, w, {{"padding", std::string("causal")}}));
  CHECK_THROWS(Error, "at least one element", infer({DType::f32, Shape{1, 0, 7, 3}}, w));
}

}  // namespace
