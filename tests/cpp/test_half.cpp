// float16 and bfloat16: the conversions, bit by bit and on every ISA, and the pass that computes in float32 around them.
#include <bit>
#include <limits>

#include "base/half.h"
#include "check.h"
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"
#include "graph_helpers.h"
#include "io/model_file.h"
#include "plan/plan.h"
#include "run_op.h"
#include "runtime/function.h"

using namespace convcore;

namespace {

const DType halves[] = {DType::f16, DType::bf16};

AttrMap to(DType dtype) { return {{"dtype", std::string(name(dtype))}}; }

// All 65,536 bit patterns.
Tensor every_half(DType dtype) {
  Tensor x(Type{dtype, Shape{65536}});
  for (std::int64_t i = 0; i < x.size(); ++i) x.at<std::uint16_t>()[i] = static_cast<std::uint16_t>(i);
  return x;
}

// float32s where rounding decides: around every half's value and around the middle of two, special ones, random bits.
Tensor telling_floats(DType dtype) {
  std::vector<float> values{0.0F,     -0.0F,     INFINITY, -INFINITY, 65504.0F, 65519.996F,
                            65520.0F, -65520.0F, 1e30F,    0x1p-24F,  0x1p-25F};
  for (const std::uint32_t bits : {0x7f800001u, 0x7fc00000u, 0xffffffffu, 0x00000001u, 0x7f7fffffu, 0x80000001u})
    values.push_back(std::bit_cast<float>(bits));
  for (std::uint32_t half = 0; half < 65536; half += 7) {
    const auto bits = std::bit_cast<std::uint32_t>(float_of_half(dtype, static_cast<std::uint16_t>(half)));
    const std::uint32_t middle = dtype == DType::f16 ? 0x1000u : 0x8000u;
    for (const std::uint32_t one : {bits - 1, bits, bits + 1, bits + middle - 1, bits + middle, bits + middle + 1})
      values.push_back(std::bit_cast<float>(one));
  }
  std::mt19937 generator(5);
  for (int i = 0; i < 5000; ++i) values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(generator())));
  const auto count = static_cast<std::int64_t>(values.size());
  return {DType::f32, Shape{count}, values};
}

}  // namespace

TEST("half: known values") {
  const auto f16 = [](double x) { return f16_of_float(static_cast<float>(x)); };
  CHECK_EQ(f16(1), 0x3c00);
  CHECK_EQ(f16(-2), 0xc000);
  CHECK_EQ(f16(65504), 0x7bff);
  CHECK_EQ(f16(65519.99), 0x7bff);
  CHECK_EQ(f16(65520), 0x7c00);
  CHECK_EQ(f16(1 + 1.0 / 2048), 0x3c00);  // a tie, to even
  CHECK_EQ(f16(1 + 3.0 / 2048), 0x3c02);
  CHECK_EQ(f16(0x1p-24), 0x0001);
  CHECK_EQ(f16(0x1p-25), 0x0000);
  CHECK_EQ(f16(0x1.8p-24), 0x0002);
  CHECK_EQ(f16(0x1p-14), 0x0400);
  CHECK_EQ(f16(std::numeric_limits<double>::infinity()), 0x7c00);
  CHECK_EQ(float_of_f16(0x3555), 0x1.554p-2F);
  CHECK_EQ(float_of_f16(0x83ff), -0x1.ff8p-15F);
  CHECK(std::isnan(float_of_f16(f16_of_float(NAN))));
  CHECK_EQ(bf16_of_float(1), 0x3f80);
  CHECK_EQ(bf16_of_float(0x1.01p0F), 0x3f80);  // a tie, to even
  CHECK_EQ(bf16_of_float(0x1.03p0F), 0x3f82);
  CHECK_EQ(bf16_of_float(std::numeric_limits<float>::max()), 0x7f80);
  CHECK_EQ(float_of_bf16(0x4049), 3.140625F);
}

TEST("half: to float32 and back gives every half again") {
  for (const DType dtype : halves)
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
      const float value = float_of_half(dtype, static_cast<std::uint16_t>(bits));
      if (!std::isnan(value) && half_of_float(dtype, value) != bits) CHECK_EQ(half_of_float(dtype, value), bits);
    }
}

TEST("cast: float32 and the half types, simd equals the reference on every bit pattern") {
  on_every_isa([](const KernelTable& table) {
    for (const DType dtype : halves) {
      CHECK(same_bits(run_op1("cast", to(DType::f32), {every_half(dtype)}, "simd"),
                      run_op1("cast", to(DType::f32), {every_half(dtype)}, "reference")));
      const Tensor x = telling_floats(dtype);
      CHECK(same_bits(run_op1("cast", to(dtype), {x}, "simd"), run_op1("cast", to(dtype), {x}, "reference")));
      for (const std::int64_t n : sizes_around(table)) {
        const Tensor tail = run_op1("cast", to(dtype), {random_tensor({n}, 3)}, "simd");
        CHECK(same_bits(tail, run_op1("cast", to(dtype), {random_tensor({n}, 3)}, "reference")));
        CHECK(same_bits(run_op1("cast", to(DType::f32), {tail}, "simd"),
                        run_op1("cast", to(DType::f32), {tail}, "reference")));
      }
    }
  });
}

TEST("cast: half types and all others") {
  const Tensor x(DType::i32, Shape{5}, std::vector<std::int32_t>{0, -3, 2049, 2051, 70000});
  const Tensor y = run_op1("cast", to(DType::f16), {x}, "reference");
  CHECK(run_op1("cast", to(DType::i64), {y}, "reference").values<std::int64_t>() ==
        std::vector<std::int64_t>({0, -3, 2048, 2052, std::numeric_limits<std::int64_t>::max()}));
  CHECK(run_op1("cast", to(DType::boolean), {y}, "reference").values<bool>() ==
        std::vector<bool>({false, true, true, true, true}));
  CHECK(
      run_op1("cast", to(DType::f64), {run_op1("cast", to(DType::bf16), {x}, "reference")}, "reference").values<double>() ==
      std::vector<double>({0, -3, 2048, 2048, 70144}));
}

TEST("half pass: a graph without halves is left alone") {
  Graph g;
  const Value x = float_input(g, {2, 3});
  g.output(g.emit1("relu", {g.emit1("add", {x, g.scalar(1)})}));
  const std::string before = print(g);
  passes::widen_narrow(g);
  CHECK_EQ(print(g), before);
}

TEST("half pass: casts at the edges of a chain, none within") {
  for (const DType dtype : halves) {
    Graph g;
    const Value x = g.input({dtype, {2, 3}}, "x");
    const Value y = g.emit1("exp", {g.emit1("add", {x, g.scalar(1, dtype)})});
    CHECK(g.type(y).dtype == dtype);
    g.output(y);
    passes::widen_narrow(g);
    passes::drop_dead_code(g);
    verify(g);
    CHECK(op_names(g) == Names({"cast", "add", "exp", "cast"}));
    CHECK(g.type(g.outputs[0]) == Type(dtype, {2, 3}));
  }
}

TEST("half pass: only a rounding that the graph asks for is kept") {
  Graph g;
  const Value x = float_input(g, {4});
  const Value down = g.emit1("cast", {x}, to(DType::f16));
  g.output(g.emit1("cast", {down}, to(DType::f32)));                         // down and up: rounds
  g.output(g.emit1("cast", {g.emit1("negative", {down})}, to(DType::f32)));  // down, negative: does not
  g.output(g.emit1("cast", {g.emit1("negative", {down})}, to(DType::bf16)));
  passes::widen_narrow(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(op_names(g) == Names({"cast", "cast", "negative", "negative", "cast"}));
  CHECK(maker(g, g.outputs[1]).in[0] == x);
}

TEST("half pass: an attribute that asks for a half type, shapes, bools and several results") {
  Graph g;
  const Value labels = g.input({DType::i32, {4}}, "labels");
  const Value hot = g.emit1("one_hot", {labels}, {{"num_classes", std::int64_t{3}}, {"dtype", std::string("float16")}});
  CHECK(g.type(hot).dtype == DType::f16);
  g.output(g.emit1("greater", {hot, g.scalar(0, DType::f16)}));
  g.output(hot);
  passes::widen_narrow(g);
  verify(g);
  CHECK(g.type(g.outputs[0]).dtype == DType::boolean && g.type(g.outputs[1]).dtype == DType::f16);
}

TEST("half: a dense layer with bias and relu equals the float32 one, rounded") {
  for (const DType dtype : halves) {
    const Tensor x = run_op1("cast", to(dtype), {random_tensor({5, 7}, 1)}, "simd");
    const Tensor w = run_op1("cast", to(dtype), {random_tensor({7, 19}, 2)}, "simd");
    const Tensor b = run_op1("cast", to(dtype), {random_tensor({19}, 3)}, "simd");
    const auto run = [](const Tensors& in) {
      Graph g;
      Values values;
      for (const Tensor& t : in) values.push_back(g.input(t.type, ""));
      g.output(g.emit1("relu", {g.emit1("dense", values)}));
      Function f(std::move(g));
      std::vector<ConstTensor> from;
      for (const Tensor& t : in) from.push_back({t.type, t.at<void>()});
      Tensor y(f.output_types(from)[0]);
      f.run(from, {{y.type, y.at<void>()}});
      return y;
    };
    const auto wide = [](const Tensor& t) { return run_op1("cast", to(DType::f32), {t}, "reference"); };
    const Tensor want = run_op1("cast", to(dtype), {run({wide(x), wide(w), wide(b)})}, "reference");
    CHECK(same_bits(run({x, w, b}), want));
  }
}

TEST("half: channels_first convolutions, gradients and updates of half variables") {
  Graph g;
  const Value x = g.input({DType::f16, {2, 3, 8, 8}}, "x");
  auto kernel = std::make_shared<Variable>(Type{DType::f16, {3, 3, 3, 4}}, "kernel");
  std::fill_n(static_cast<std::uint16_t*>(kernel->data()), 108, f16_of_float(0.5F));
  const Value k = g.variable(kernel);
  const Value y = g.emit1("relu", {g.emit1("conv", {x, k}, {{"data_format", std::string("channels_first")}})});
  const Value loss = g.emit1("mean", {g.emit1("cast", {y}, to(DType::f32))});
  const Value dk = gradients(g, loss, {k})[0];
  CHECK(g.type(dk).dtype == DType::f16);
  g.update(kernel, g.emit1("subtract", {k, dk}));
  g.output(y);
  Function f(std::move(g));
  const Tensor ones =
      run_op1("cast", to(DType::f16), {Tensor(DType::f32, {2, 3, 8, 8}, std::vector<float>(384, 1.0F))}, "simd");
  Tensor out(Type{DType::f16, {2, 4, 6, 6}});
  f.run({{ones.type, ones.at<void>()}}, {{out.type, out.at<void>()}});
  CHECK_EQ(float_of_f16(out.at<std::uint16_t>()[287]), 13.5F);
  // d mean / d kernel = 1/4 for every element of each of the 4 filters
  CHECK_EQ(float_of_f16(static_cast<std::uint16_t*>(kernel->data())[107]), 0.25F);
}

TEST("half: model files hold them") {
  ModelFile file;
  file.producer = "test";
  NamedGraph f{{}, {"x"}, {"a", "b"}};
  const Value x = f.graph.input({DType::bf16, Shape{unknown}}, "x");
  const std::uint16_t table[3] = {0x3f80, 0xc000, 0x7fc1};
  f.graph.output(f.graph.emit1("add", {x, f.graph.constant({DType::bf16, Shape{3}}, table)}));
  f.graph.output(f.graph.emit1("minimum", {x, f.graph.scalar(0.1, DType::bf16)}));
  auto weight = std::make_shared<Variable>(Type{DType::f16, {5}}, "w");
  std::fill_n(static_cast<std::uint16_t*>(weight->data()), 5, std::uint16_t{0x3555});
  f.graph.output(f.graph.variable(weight));
  f.outputs.push_back("w");
  file.variables.push_back({"w", weight});
  file.functions.emplace_back("f", std::move(f));
  const std::vector<std::byte> bytes = write_model_file(file);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  CHECK(text.find("\"F16\"") != std::string::npos && text.find("\"BF16\"") != std::string::npos);
  const ModelFile read = read_model_file(bytes, "f");
  CHECK(write_model_file(read) == bytes);
  CHECK(read.variables[0].variable->type() == weight->type());
  const Graph& back = read.functions[0].second.graph;
  CHECK_EQ(passes::scalar_constant(back, maker(back, back.outputs[1]).in[1]), 0.10009765625);
}
