// Convolution: the reference against literal values and the adjoint identity, both data formats, and what is refused.
#include "check.h"
#include "conv_cases.h"
#include "run_op.h"

namespace {

using namespace convcore;
using check::ConvCase;

Tensor doubles(const Shape& shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> draw(-1, 1);
  Tensor t(Type{DType::f64, shape});
  for (std::int64_t i = 0; i < t.size(); ++i) t.at<double>()[i] = draw(generator);
  return t;
}

double dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += a.at<double>()[i] * b.at<double>()[i];
  return sum;
}

// Convolution is linear in x and in w, so the gradients are right if and only if both inner products agree.
TEST("conv: the gradients are the adjoints of the convolution, in float64") {
  for (const ConvCase& c : check::read_conv_cases(CC_CASES_DIR "/conv.txt")) {
    const Tensor x = doubles(c.x_shape(), 1), w = doubles(c.kernel_shape(), 2);
    const Tensor y = run_op1("conv", c.attrs(), {x, w}, "reference");
    const Tensor dy = doubles(y.type.shape, 3);
    const double want = dot(y, dy), scale = std::sqrt(dot(y, y) * dot(dy, dy));
    const double by_x = dot(x, run_op1("conv_backward_input", c.attrs(), {dy, w, x}, "reference"));
    const double by_w = dot(w, run_op1("conv_backward_filter", c.attrs(), {x, dy, w}, "reference"));
    if (std::fabs(by_x - want) > 1e-12 * scale || std::fabs(by_w - want) > 1e-12 * scale)
      check::failed(__FILE__, __LINE__, cat(c.name, ": ", want, " against ", by_x, " and ", by_w));
  }
}

Tensor row(std::vector<float> values, Shape shape) { return Tensor(DType::f32, std::move(shape), values); }

std::vector<float> conv1d(const AttrMap& attrs, const char* implementation) {
  const Tensor x = row({1, 2, 3, 4, 5, 6}, Shape{1, 6, 1}), w = row({1, 10, 100}, Shape{3, 1, 1});
  return run_op1("conv", attrs, {x, w}, implementation).values();
}

TEST("conv: values worked out by hand") {
  using Floats = std::vector<float>;
  for (const char* implementation : {"simd", "reference"}) {
    CHECK(conv1d({}, implementation) == (Floats{321, 432, 543, 654}));
    CHECK(conv1d({{"padding", std::string("same")}}, implementation) == (Floats{210, 321, 432, 543, 654, 65}));
    CHECK(conv1d({{"padding", std::string("causal")}}, implementation) == (Floats{100, 210, 321, 432, 543, 654}));
    // an odd zero stands behind: 6 elements, stride 2, kernel 3 need one
    CHECK(conv1d({{"padding", std::string("same")}, {"strides", Ints{2}}}, implementation) == (Floats{321, 543, 65}));
    CHECK(conv1d({{"dilation_rate", Ints{2}}}, implementation) == (Floats{531, 642}));
    CHECK(conv1d({{"dilation_rate", Ints{2}}, {"padding", std::string("causal")}, {"strides", Ints{3}}}, implementation) ==
          (Floats{100, 420}));
  }
  // two groups: the second filter sees the second channel only
  const Tensor x = row({1, 2, 3, 4}, Shape{1, 2, 2}), w = row({10, 100}, Shape{1, 1, 2}), b = row({1, 2}, Shape{2});
  CHECK(run_op1("conv", {{"groups", std::int64_t{2}}}, {x, w, b}, "simd").values() == (Floats{11, 202, 31, 402}));
}

// (n, spatial, c) to (n, c, spatial)
Tensor channels_first(const Tensor& t) {
  const Shape& s = t.type.shape;
  const std::int64_t n = s[0], c = s[s.rank() - 1], pixels = s.elements(1, s.rank() - 1);
  Ints dims = {n, c};
  for (int axis = 1; axis < s.rank() - 1; ++axis) dims.push_back(s[axis]);
  Tensor out(Type{DType::f32, Shape(dims)});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t p = 0; p < pixels; ++p)
      for (std::int64_t j = 0; j < c; ++j) out.at()[(i * c + j) * pixels + p] = t.at()[(i * pixels + p) * c + j];
  return out;
}

TEST("conv: channels_first computes the same numbers") {
  for (const ConvCase& c : check::read_conv_cases(CC_CASES_DIR "/conv.txt")) {
    AttrMap first = c.attrs();
    first.push_back({"data_format", std::string("channels_first")});
    const Tensor x = whole_tensor(c.x_shape(), 1), w = whole_tensor(c.kernel_shape(), 2);
    const Tensor y = run_op1("conv", c.attrs(), {x, w}, "reference"), xf = channels_first(x);
    CHECK(same_bits(run_op1("conv", first, {xf, w}, "reference"), channels_first(y)));
    const Tensor dx = run_op1("conv_backward_input", c.attrs(), {y, w, x}, "reference"), yf = channels_first(y);
    CHECK(same_bits(run_op1("conv_backward_input", first, {yf, w, xf}, "reference"), channels_first(dx)));
    const Tensor dw = run_op1("conv_backward_filter", c.attrs(), {x, y, w}, "reference");
    CHECK(same_bits(run_op1("conv_backward_filter", first, {xf, yf, w}, "reference"), dw));
    CHECK_THROWS(Error, "channels_last only", run_op1("conv", first, {xf, w}, "simd"));
  }
}

TEST("conv: an empty batch") {
  const Tensor x(Type{DType::f32, Shape{0, 5, 5, 2}}), w = whole_tensor(Shape{3, 3, 2, 4}, 1);
  const Tensor dy(Type{DType::f32, Shape{0, 3, 3, 4}});
  for (const char* implementation : {"simd", "reference"}) {
    CHECK_EQ(run_op1("conv", {}, {x, w}, implementation).size(), 0);
    CHECK_EQ(run_op1("conv_backward_input", {}, {dy, w, x}, implementation).size(), 0);
    for (float v : run_op1("conv_backward_filter", {}, {x, dy, w}, implementation).values()) CHECK_EQ(v, 0.0f);
  }
}

Types infer(const char* op, const Types& in, const AttrMap& attrs = {}) {
  const OpDef& def = find_op(op);
  return def.infer(def.make_attrs(attrs), in);
}

TEST("conv: shapes and refusals") {
  const Type x{DType::f32, Shape{unknown, unknown, 28, 3}}, w{DType::f32, Shape{3, 5, 3, 8}};
  CHECK_EQ(infer("conv", {x, w})[0].shape.str(), std::string("(None, None, 24, 8)"));
  CHECK_EQ(infer("conv", {x, w}, {{"padding", std::string("same")}, {"strides", Ints{1, 3}}})[0].shape.str(),
           std::string("(None, None, 10, 8)"));
  CHECK_THROWS(Error, "Is the batch axis missing?", infer("conv", {{DType::f32, Shape{28, 3}}, w}));
  CHECK_THROWS(Error, "6 channels for the kernel", infer("conv", {x, w}, {{"groups", std::int64_t{2}}}));
  CHECK_THROWS(Error, "filters divisible by groups=3", infer("conv", {x, w}, {{"groups", std::int64_t{3}}}));
  CHECK_THROWS(Error, "groups >= 1", infer("conv", {x, w}, {{"groups", std::int64_t{0}}}));
  CHECK_THROWS(Error, "strides as 2 integers >= 1", infer("conv", {x, w}, {{"strides", Ints{0, 1}}}));
  CHECK_THROWS(Error, "strides as 2 integers >= 1", infer("conv", {x, w}, {{"strides", Ints{1}}}));
  CHECK_THROWS(Error, "causal", infer("conv", {x, w}, {{"padding", std::string("causal")}}));
  CHECK_THROWS(Error, "at most 28", infer("conv", {x, w}, {{"dilation_rate", Ints{1, 7}}}));
  CHECK_THROWS(Error, "a bias of shape (8,)", infer("conv", {x, w, {DType::f32, Shape{3}}}));
  CHECK_THROWS(Error, "float32 or float64", infer("conv", {{DType::i32, x.shape}, w}));
  const Type dy{DType::f32, Shape{unknown, unknown, 24, 8}}, wrong{DType::f32, Shape{unknown, unknown, 25, 8}};
  CHECK(infer("conv_backward_input", {dy, w, x})[0] == x);
  CHECK(infer("conv_backward_filter", {x, dy, w})[0] == w);
  CHECK_THROWS(Error, "a gradient of the convolution's result", infer("conv_backward_input", {wrong, w, x}));
}

}  // namespace
