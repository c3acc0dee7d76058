// Passes: what each makes of small graphs, and that random graphs mean the same before and after all of them.
#include <algorithm>
#include <random>

#include "check.h"
#include "eval.h"
#include "graph/passes/elementwise_groups.h"
#include "graph/passes/passes.h"
#include "graph/variable.h"
#include "plan/plan.h"

using namespace convcore;
using eval::Array;

namespace {

std::vector<std::string> op_names(const Graph& g) {
  std::vector<std::string> names;
  for (const auto& node : g.nodes) names.push_back(node->op->name);
  return names;
}
using Names = std::vector<std::string>;

const Node& maker(const Graph& g, Value value) { return *g.info(value).producer; }

AttrValue attr_or(const Node& node, std::string_view name, AttrValue otherwise) {
  for (const NamedAttr& one : node.attrs.to_map())
    if (one.name == name) return one.value;
  return otherwise;
}

AttrValue attr(const Node& node, std::string_view name) { return attr_or(node, name, std::string("no such attribute")); }

Value float_input(Graph& g, Shape shape) { return g.input({DType::f32, std::move(shape)}, "x"); }

VariablePtr variable(Shape shape, float value = 0) {
  auto made = std::make_shared<Variable>(Type{DType::f32, shape}, "v");
  std::fill_n(static_cast<float*>(made->data()), shape.elements(), value);
  return made;
}

}  // namespace

TEST("fold_shapes: sizes become constants, changes of shape that change nothing vanish") {
  Graph g;
  const Value x = float_input(g, {4, 3}), w = float_input(g, {12});
  const Value same = g.emit1("broadcast_like", {g.emit1("reshape", {x}, {{"shape", Ints{4, 3}}}), x});
  g.output(g.emit1("divide", {same, g.emit1("size", {x})}));
  g.output(g.emit1("cast", {w}));
  passes::fold_shapes(g);
  verify(g);
  CHECK(op_names(g) == Names({"divide"}));
  CHECK(g.nodes[0]->in[0] == x);
  float count = 0;
  std::memcpy(&count, g.info(g.nodes[0]->in[1]).data->data(), sizeof count);
  CHECK_EQ(count, 12.0f);
  CHECK(g.outputs[1] == w);
}

TEST("fold_shapes: sum_to_shape becomes a sum over known axes") {
  Graph g;
  const Value x = float_input(g, {5, 4, 1, 3});
  g.output(g.emit1("sum_to_shape", {x, float_input(g, {3})}));
  g.output(g.emit1("sum_to_shape", {x, float_input(g, {4, 1, 1})}));
  g.output(g.emit1("sum_to_shape", {x, float_input(g, {5, 4, 1, 3})}));
  passes::fold_shapes(g);
  verify(g);
  CHECK(op_names(g) == Names({"sum", "sum", "reshape"}));
  CHECK(attr(*g.nodes[0], "axes") == AttrValue(Ints{0, 1, 2}));
  CHECK(attr(*g.nodes[1], "axes") == AttrValue(Ints{0, 3}));
  CHECK(g.outputs[2] == x);
}

TEST("fold_shapes: a view of a view is one reshape, and back to the start it is nothing") {
  Graph g;
  const Value x = float_input(g, {4, 3, 1});
  const Value flat = g.emit1("flatten", {g.emit1("squeeze", {x})});
  g.output(g.emit1("expand_dims", {flat}, {{"axis", std::int64_t{0}}}));
  g.output(g.emit1("reshape_like", {flat, x}));
  passes::fold_shapes(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(op_names(g) == Names({"reshape"}));
  CHECK(g.nodes[0]->in[0] == x);
  CHECK(g.outputs[1] == x);
}

TEST("fold_shapes: a value of which only the shape is read is not computed") {
  Graph g;
  const Value x = float_input(g, {4, 3}), b = float_input(g, {3});
  const Value y = g.emit1("exp", {x});
  g.output(g.emit1("broadcast_like", {b, y}));
  optimize(g);
  verify(g);
  CHECK(op_names(g) == Names({"broadcast_like"}));
}

TEST("fold_constants: chains of constants are computed, large results are not") {
  Graph g;
  const std::vector<float> numbers{1, 2};
  const Value c = g.constant({DType::f32, {2}}, numbers.data());
  const Value x = float_input(g, {2});
  g.output(g.emit1("add", {x, g.emit1("multiply", {g.emit1("negative", {c}), g.scalar(3)})}));
  g.output(g.emit1("broadcast_to", {c}, {{"shape", Ints{100000, 2}}}));
  passes::fold_constants(g);
  verify(g);
  CHECK(op_names(g) == Names({"add", "broadcast_to"}));
  std::vector<float> folded(2);
  std::memcpy(folded.data(), g.info(g.nodes[0]->in[1]).data->data(), 8);
  CHECK(folded == std::vector<float>({-3, -6}));
}

TEST("simplify_algebra: neutral elements, double negation, only where the type stays") {
  Graph g;
  const Value x = float_input(g, {2});
  const Value one = g.scalar(1), zero = g.scalar(0);
  g.output(g.emit1("add", {zero, g.emit1("multiply", {g.emit1("divide", {x, one}), one})}));
  g.output(g.emit1("negative", {g.emit1("negative", {x})}));
  g.output(g.emit1("subtract", {zero, x}));
  const Value ones = g.emit1("add", {g.input({DType::f32, {}}, "s"), zero});
  g.output(ones);
  passes::simplify_algebra(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(g.outputs[0] == x && g.outputs[1] == x);
  CHECK(op_names(g) == Names({"subtract"}));
}

TEST("simplify_algebra: transposes compose, cancel, or are reshapes") {
  Graph g;
  const Value x = float_input(g, {2, 3, 4}), thin = float_input(g, {1, 5, 1});
  const auto turn = [&](Value value, Ints axes) { return g.emit1("transpose", {value}, {{"axes", std::move(axes)}}); };
  g.output(turn(turn(x, {1, 2, 0}), {2, 0, 1}));
  g.output(turn(turn(x, {1, 2, 0}), {1, 0, 2}));
  g.output(turn(thin, {2, 1, 0}));
  g.output(turn(turn(x, {}), {}));
  passes::simplify_algebra(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(g.outputs[0] == x && g.outputs[3] == x);
  CHECK_EQ(maker(g, g.outputs[1]).op->name, "transpose");
  CHECK(attr(maker(g, g.outputs[1]), "axes") == AttrValue(Ints{2, 1, 0}));
  CHECK(maker(g, g.outputs[1]).in[0] == x);
  CHECK_EQ(maker(g, g.outputs[2]).op->name, "reshape");
}

TEST("simplify_algebra: elementwise ops read broadcast tensors directly") {
  Graph g;
  const Value x = float_input(g, {4, 3}), b = float_input(g, {3}), s = float_input(g, {});
  const Value spread = g.emit1("broadcast_like", {b, x});
  g.output(g.emit1("multiply", {spread, x}));
  g.output(g.emit1("multiply", {spread, s}));  // here nothing else gives the shape
  passes::simplify_algebra(g);
  verify(g);
  CHECK(maker(g, g.outputs[0]).in[0] == b);
  CHECK(maker(g, g.outputs[1]).in[0] == spread);
}

TEST("move_layout: a channels_first network computes in channels_last, with transposes at its edges only") {
  const AttrMap first{{"data_format", std::string("channels_first")}};
  Graph g;
  const Value x = float_input(g, {2, 3, 9, 8}), kernel = float_input(g, {3, 3, 3, 4}), scale = float_input(g, {1, 4, 1, 1});
  const Value narrow = float_input(g, {1, 1, 4, 5});
  Value y = g.emit1("conv", {x, kernel}, first);
  y = g.emit1("relu", {g.emit1("multiply", {y, scale})});
  g.output(g.emit1("mean", {y}, {{"axes", Ints{2, 3}}}));
  y = g.emit1("conv", {y, narrow}, first);
  g.output(y);
  const Value loss = g.emit1("sum", {y});
  for (Value gradient : gradients(g, loss, {kernel, x, scale})) g.output(gradient);
  const std::vector<Array> in{Array::range({2, 3, 9, 8}, -200), Array::range({3, 3, 3, 4}, -50),
                              Array::range({1, 4, 1, 1}, -1), Array::range({1, 1, 4, 5}, -8)};
  const std::vector<Array> before = eval::interpret(g, in);
  optimize(g);
  verify(g);
  const std::vector<Array> after = eval::interpret(g, in);
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(before[i].type == after[i].type);
    if (i != 0) CHECK(before[i].bytes == after[i].bytes);  // sums of integers are exact; means are rounded
  }
  int transposes = 0;
  for (const auto& node : g.nodes) {
    transposes += node->op->name == "transpose";
    if (node->op->channels_in != 0) CHECK(attr(*node, "data_format") == AttrValue(std::string("channels_last")));
  }
  CHECK_EQ(transposes, 3);  // of x, of the second result, and of the gradient for x
}

TEST("move_layout: an axis is renamed where data comes through a transpose") {
  const AttrMap first{{"data_format", std::string("channels_first")}}, channels{{"axis", std::int64_t{1}}};
  Graph g;
  const Value x = float_input(g, {2, 3, 4, 4}), kernel = float_input(g, {1, 1, 3, 3}), ones = float_input(g, {3});
  const Values normal = g.emit("batch_norm_training", {g.emit1("conv", {x, kernel}, first), ones, ones}, channels);
  const Value pooled =
      g.emit1("max_pool", {normal[0]}, {{"pool_size", Ints{2, 2}}, {"data_format", std::string("channels_first")}});
  const Value loss = g.emit1("sum", {g.emit1("square", {g.emit1("softmax", {pooled}, channels)})});
  g.output(normal[1]);
  g.output(gradients(g, loss, {kernel})[0]);
  optimize(g);
  verify(g);
  int transposes = 0, renamed = 0;
  for (const auto& node : g.nodes) {
    transposes += node->op->name == "transpose";
    renamed += attr_or(*node, "axis", std::int64_t{0}) == AttrValue(std::int64_t{3});
  }
  CHECK_EQ(transposes, 1);
  CHECK_EQ(renamed, 3);  // batch normalisation, its gradient, and softmax
}

TEST("move_layout: transposes pass elementwise nodes only if no operand of full size must be turned for it") {
  Graph g;
  const Value x = float_input(g, {2, 3}), y = float_input(g, {3, 2});
  const Value turned = g.emit1("transpose", {x});
  g.output(g.emit1("add", {turned, y}));
  g.output(g.emit1("add", {turned, g.emit1("exp", {turned})}));
  g.output(g.emit1("sum", {turned}, {{"axes", Ints{0}}}));
  g.output(g.emit1("sum", {turned}, {{"axes", Ints{0}}, {"keepdims", true}}));
  passes::move_layout(g);
  passes::drop_dead_code(g);
  verify(g);
  CHECK(op_names(g) == Names({"transpose", "add", "exp", "add", "transpose", "sum", "sum", "transpose"}));
  CHECK(attr(*g.nodes[5], "axes") == AttrValue(Ints{1}));
}

TEST("merge_common_subexpressions: equal op, inputs and attributes") {
  Graph g;
  const Value x = float_input(g, {4, 3});
  const Value a = g.emit1("transpose", {x}), b = g.emit1("transpose", {x}, {{"axes", Ints{0, 1}}});
  const Value c = g.emit1("exp", {a}), d = g.emit1("exp", {g.emit1("transpose", {x})});
  g.output(g.emit1("add", {c, d}));
  g.output(b);
  passes::merge_common_subexpressions(g);
  verify(g);
  CHECK(op_names(g) == Names({"transpose", "transpose", "exp", "add"}));
}

TEST("fuse_epilogues: bias and activation go into conv and dense") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {3, 3, 3, 5}), bias = float_input(g, {5});
  const Value y = g.emit1("relu", {g.emit1("add", {g.emit1("conv", {x, kernel}), bias})});
  const Value flat = g.emit1("flatten", {y}), weights = float_input(g, {180, 4}), offset = float_input(g, {4});
  g.output(g.emit1("sigmoid", {g.emit1("add", {offset, g.emit1("dense", {flat, weights})})}));
  passes::fuse_epilogues(g);
  verify(g);
  CHECK(op_names(g) == Names({"conv", "flatten", "dense"}));
  CHECK(g.nodes[0]->in == Values({x, kernel, bias}));
  CHECK(attr(*g.nodes[0], "activation") == AttrValue(std::string("relu")));
  CHECK(attr(*g.nodes[2], "activation") == AttrValue(std::string("sigmoid")));
}

TEST("fuse_epilogues: not what others read, not twice, not other functions or biases") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {1, 1, 3, 5});
  const Value before = g.emit1("conv", {x, kernel});
  g.output(g.emit1("relu", {before}));
  g.output(before);
  g.output(g.emit1("tanh", {g.emit1("relu", {g.emit1("conv", {x, kernel})})}));
  g.output(g.emit1("exp", {g.emit1("conv", {x, kernel})}));
  g.output(g.emit1("add", {g.emit1("conv", {x, kernel}), float_input(g, {2, 8, 8, 5})}));
  const Value bias = float_input(g, {5});
  g.output(g.emit1("add", {g.emit1("relu", {g.emit1("conv", {x, kernel})}), bias}));
  passes::fuse_epilogues(g);
  verify(g);
  CHECK(op_names(g) == Names({"conv", "relu", "conv", "tanh", "conv", "exp", "conv", "add", "conv", "add"}));
}

TEST("fuse_epilogues: in training the backward pass reads the activation's result, so it still fuses") {
  Graph g;
  const Value x = float_input(g, {2, 6, 6, 1});
  for (const char* activation : {"relu", "sigmoid", "tanh"}) {
    const Value kernel = g.variable(variable({3, 3, 1, 4}, 0.1f));
    const Value y = g.emit1(activation, {g.emit1("conv", {x, kernel})});
    const Value weights = float_input(g, {64, 1});
    const Value loss = g.emit1(
        "reshape",
        {g.emit1("slice", {g.emit1("dense", {g.emit1("flatten", {y}), weights})}, {{"begin", Ints{0}}, {"end", Ints{1}}})},
        {{"shape", Ints{}}});
    g.output(gradients(g, loss, {kernel})[0]);
  }
  optimize(g);
  verify(g);
  std::vector<AttrValue> activations;
  for (const auto& node : g.nodes)
    if (node->op->name == "conv") activations.push_back(attr(*node, "activation"));
  CHECK(activations == std::vector<AttrValue>({std::string("relu"), std::string("sigmoid"), std::string("tanh")}));
}

TEST("fuse_elementwise: a chain is one program with immediates, operands in place") {
  Graph g;
  const Value a = float_input(g, {4, 3}), b = float_input(g, {3});
  const Value y = g.emit1("tanh", {g.emit1("add", {g.emit1("multiply", {a, g.scalar(0.5)}), b})});
  g.output(g.emit1("clip", {y}, {{"min", 0.0}, {"max", 6.0}}));
  g.output(y);
  passes::fuse_elementwise(g);
  verify(g);
  CHECK(op_names(g) == Names({"fused_elementwise"}));
  CHECK(attr(*g.nodes[0], "program") == AttrValue(std::string("multiply 0 #0.5;add 2 1;tanh 3;clip 4 #0 #6|4,5")));
  CHECK(g.nodes[0]->in == Values({a, b}));
  CHECK(g.nodes[0]->out == Values({g.outputs[1], g.outputs[0]}));
}

TEST("fuse_elementwise: no cycle through a node outside, no bool results, no other shapes or dtypes") {
  Graph g;
  const Value x = float_input(g, {3, 3});
  const Value e = g.emit1("exp", {x});
  const Value turned = g.emit1("transpose", {e});
  g.output(g.emit1("add", {g.emit1("negative", {e}), turned}));
  const Value mask = g.emit1("greater", {x, g.scalar(0)});
  g.output(g.emit1("where", {mask, x, g.scalar(0)}));
  g.output(mask);
  g.output(g.emit1("exp", {g.emit1("negative", {g.input({DType::f64, {2}}, "d")})}));
  const std::vector<Array> in{Array::range({3, 3}, -4), Array::range<double>({2})};
  const std::vector<Array> before = eval::interpret(g, in);
  passes::fuse_elementwise(g);
  verify(g);
  const std::vector<Array> after = eval::interpret(g, in);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i].bytes == after[i].bytes);
  CHECK(g.info(mask).producer->op->name == "greater");
  const Names names = op_names(g);
  CHECK_EQ(std::count(names.begin(), names.end(), "transpose"), 1);
  CHECK_EQ(maker(g, g.outputs[3]).op->name, "exp");
}

TEST("fuse_elementwise: an Adam update is one node with three results") {
  Graph g;
  const Shape shape{3, 3, 8, 16};
  const Value rate = g.variable(variable({}, 1e-3f)), step = g.variable(variable({}, 3));
  const Value b1 = g.scalar(0.9), b2 = g.scalar(0.999), one = g.scalar(1);
  const auto op = [&](const char* name, Value a, Value b) { return g.emit1(name, {a, b}); };
  const Value t = op("add", step, one);
  const Value scale = op("divide", op("multiply", rate, g.emit1("sqrt", {op("subtract", one, op("power", b2, t))})),
                         op("subtract", one, op("power", b1, t)));
  for (int i = 0; i < 3; ++i) {
    const VariablePtr w = variable(shape), m = variable(shape), v = variable(shape);
    const Value gradient = g.emit1("reshape", {g.emit1("transpose", {float_input(g, {128, 9})})}, {{"shape", shape.dims()}});
    const Value m1 = op("add", g.variable(m), op("multiply", op("subtract", gradient, g.variable(m)), g.scalar(0.1)));
    const Value v1 = op("add", g.variable(v),
                        op("multiply", op("subtract", g.emit1("square", {gradient}), g.variable(v)), g.scalar(0.001)));
    const Value down = op("divide", op("multiply", scale, m1), op("add", g.emit1("sqrt", {v1}), g.scalar(1e-7)));
    g.update(m, m1), g.update(v, v1), g.update(w, op("subtract", g.variable(w), down));
  }
  g.update(std::make_shared<Variable>(Type{DType::f32, {}}, "step"), t);
  optimize(g);
  verify(g);
  const Names names = op_names(g);
  CHECK_EQ(std::count(names.begin(), names.end(), "fused_elementwise"), 4);  // one for the scalars
  CHECK_EQ(names.size(), 4u + 3u * 2u);
  CHECK_EQ(maker(g, g.updates[0].value).out.size(), 3u);
}

TEST("fuse_elementwise: the plan updates variables where they are, without copies") {
  Graph g;
  const VariablePtr w = variable({32}, 1), m = variable({32}, 2);
  const Value m1 = g.emit1("multiply", {g.variable(m), float_input(g, {32})});
  g.update(m, m1);
  g.update(w, g.emit1("subtract", {g.variable(w), m1}));
  const auto plan = make_plan(g, {Shape{32}}, Device::cpu);
  CHECK_EQ(plan->steps.size(), 1u);
  CHECK(plan->copies.empty());
  CHECK_EQ(plan->arena_bytes, 0u);
}

TEST("fuse_elementwise: long chains and wide fans are cut at the limits of a program") {
  Graph g;
  const Value x = float_input(g, {5});
  Value y = x;
  for (int i = 0; i < 1000; ++i) y = g.emit1("add", {y, g.emit1("sin", {y})});
  g.output(y);
  Value sum = x;
  for (int i = 0; i < 50; ++i) sum = g.emit1("add", {sum, g.emit1("multiply", {float_input(g, {5}), x})});
  g.output(sum);
  for (int i = 0; i < 50; ++i) g.output(g.emit1("multiply", {x, g.scalar(i)}));
  std::vector<Array> in(51, Array::range({5}));
  const std::vector<Array> before = eval::interpret(g, in);
  passes::fuse_elementwise(g);
  verify(g);
  const std::vector<Array> after = eval::interpret(g, in);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i].bytes == after[i].bytes);
  CHECK(g.nodes.size() < 70);
  for (const auto& node : g.nodes) {
    CHECK(node->in.size() <= passes::max_fused_inputs);
    CHECK(node->out.size() <= passes::max_fused_outputs);
  }
}

TEST("move_before_max_pool_gradient: relu and bias gradients act on the pooled gradient, with the same result") {
  for (const char* padding : {"valid", "same"}) {
    Graph g;
    const Value x = float_input(g, {2, 5, 5, 3}), b = float_input(g, {3});
    const Value before = g.emit1("relu", {g.emit1("add", {x, b})});
    const Value y = g.emit1("max_pool", {before}, {{"pool_size", Ints{2, 2}}, {"padding", std::string(padding)}});
    const Value loss = g.emit1("sum", {g.emit1("multiply", {y, y})});
    for (Value gradient : gradients(g, loss, {x, b})) g.output(gradient);
    Graph moved = g.clone();
    passes::fold_shapes(moved);
    passes::move_before_max_pool_gradient(moved);
    passes::drop_dead_code(moved);
    verify(moved);
    const Node& pool = maker(moved, moved.outputs[0]);
    CHECK_EQ(pool.op->name, "max_pool_backward");
    CHECK_EQ(maker(moved, pool.in[2]).op->name, "where");
    CHECK(moved.type(pool.in[2]).shape == moved.type(maker(moved, pool.in[2]).in[0]).shape);
    CHECK_EQ(maker(moved, moved.outputs[1]).op->name, "sum");
    CHECK(maker(moved, moved.outputs[1]).in[0] == pool.in[2]);
    const std::vector<Array> in{Array::range({2, 5, 5, 3}, -75), Array::range({3}, -1)};
    const std::vector<Array> plain = eval::interpret(g, in), rewritten = eval::interpret(moved, in);
    for (std::size_t i = 0; i < plain.size(); ++i) CHECK(plain[i].values() == rewritten[i].values());
  }
}

TEST("move_before_max_pool_gradient: a sum over part of the window stays") {
  Graph g;
  const Value x = float_input(g, {2, 4, 4, 3});
  const Value y = g.emit1("max_pool", {x}, {{"pool_size", Ints{2, 2}}});
  const Value dx = g.emit1("max_pool_backward", {x, y, y}, {{"pool_size", Ints{2, 2}}});
  g.output(g.emit1("sum", {dx}, {{"axes", Ints{0, 1}}}));
  passes::move_before_max_pool_gradient(g);
  CHECK(maker(g, g.outputs[0]).in[0] == dx);
}

TEST("drop_dead_code: what nobody reads goes, updates stay") {
  Graph g;
  const Value x = float_input(g, {2});
  g.emit1("exp", {g.emit1("negative", {x})});
  const VariablePtr w = variable({2});
  g.update(w, g.emit1("sin", {x}));
  passes::drop_dead_code(g);
  verify(g);
  CHECK(op_names(g) == Names({"sin"}));
}

// Random graphs of elementwise ops, broadcasts, comparisons and transposes; every value may be an output.
TEST("optimize: random graphs give the same bits before and after") {
  std::mt19937 random(7);
  const auto pick = [&](std::size_t size) { return std::uniform_int_distribution<std::size_t>(0, size - 1)(random); };
  const char* unary[] = {"negative", "abs", "square", "relu", "floor", "sign", "tanh"};
  const char* binary[] = {"add", "subtract", "multiply", "maximum", "minimum"};
  for (int round = 0; round < 200; ++round) {
    Graph g;
    Values pool{float_input(g, {4, 4}), float_input(g, {4, 4}), float_input(g, {4}), float_input(g, {1, 1})};
    for (double value : {0.0, 1.0, -0.5}) pool.push_back(g.scalar(value));
    const std::size_t nodes = 5 + pick(60);
    while (g.nodes.size() < nodes) {
      const auto value = [&] {
        return pick(3) == 0 ? pool[pick(pool.size())] : pool[pool.size() - 1 - pick(std::min<std::size_t>(6, pool.size()))];
      };
      const Value a = value(), b = value();
      try {
        switch (pick(7)) {
          case 0: pool.push_back(g.emit1(unary[pick(7)], {a})); break;
          case 1: pool.push_back(g.emit1("where", {g.emit1("less", {a, b}), a, value()})); break;
          case 2: pool.push_back(g.emit1("transpose", {g.emit1("transpose", {a})})); break;
          case 3: pool.push_back(g.emit1("broadcast_like", {a, b})); break;
          case 4: pool.push_back(g.emit1("cast", {g.emit1("greater_equal", {a, b})})); break;
          default: pool.push_back(g.emit1(binary[pick(5)], {a, b}));
        }
      } catch (const Error&) {
      }
    }
    for (int i = 0; i < 3; ++i) g.output(pool[pool.size() - 1 - pick(10)]);
    Graph bound = convcore::bind(g, std::vector<Shape>{{4, 4}, {4, 4}, {4}, {1, 1}});
    const std::vector<Array> in{Array::range({4, 4}, -7), Array::range({4, 4}, -3), Array::range({4}, -2),
                                Array::of<float>({1, 1}, {0.75f})};
    const std::vector<Array> before = eval::interpret(bound, in);
    optimize(bound);
    verify(bound);
    const std::vector<Array> after = eval::interpret(bound, in);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const std::vector<float> x = before[i].values(), y = after[i].values();
      if (x != y && std::none_of(x.begin(), x.end(), [](float value) { return std::isnan(value); }))
        check::failed(__FILE__, __LINE__, cat("round ", round, " to give the same bits:\n", print(g), print(bound)));
    }
  }
}
