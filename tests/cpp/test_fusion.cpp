// Fusion: epilogues, elementwise groups, and that random graphs mean the same before and after all passes.
#include <algorithm>
#include <random>

#include "check.h"
#include "eval.h"
#include "graph/passes/elementwise_groups.h"
#include "graph/passes/passes.h"
#include "graph_helpers.h"
#include "plan/plan.h"

using namespace convcore;
using eval::Array;

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

TEST("fuse_epilogues: not what others read, no bias after the activation, no sum of another shape") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {1, 1, 3, 5});
  const Value before = g.emit1("conv", {x, kernel});
  g.output(g.emit1("relu", {before}));
  g.output(before);
  g.output(g.emit1("add", {g.emit1("conv", {x, kernel}), float_input(g, {2, 8, 1, 5})}));
  const Value bias = float_input(g, {5});
  g.output(g.emit1("add", {g.emit1("relu", {g.emit1("conv", {x, kernel})}), bias}));
  passes::fuse_epilogues(g);
  verify(g);
  CHECK(op_names(g) == Names({"conv", "relu", "conv", "add", "conv", "add"}));
}

TEST("fuse_epilogues: any function of the result and of numbers alone, up to where it has one result") {
  const auto activation_of = [](const std::function<Value(Graph&, Value)>& f) {
    Graph g;
    const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {1, 1, 3, 5});
    g.output(f(g, g.emit1("conv", {x, kernel})));
    passes::fuse_epilogues(g);
    verify(g);
    return str(attr(*g.nodes[0], "activation")) + (g.nodes.size() == 1 ? "" : " and more");
  };
  CHECK_EQ(activation_of([](Graph& g, Value y) { return g.emit1("exp", {y}); }), "\"exp\"");
  CHECK_EQ(activation_of([](Graph& g, Value y) { return g.emit1("tanh", {g.emit1("relu", {y})}); }), "\"relu 0;tanh 1|2\"");
  CHECK_EQ(activation_of([](Graph& g, Value y) { return g.emit1("clip", {y}, {{"min", 0.0}, {"max", 6.0}}); }),
           "\"clip 0 #0 #6|1\"");
  CHECK_EQ(activation_of([](Graph& g, Value y) { return g.emit1("multiply", {y, g.emit1("sigmoid", {y})}); }),
           "\"sigmoid 0;multiply 0 1|2\"");
  CHECK_EQ(activation_of([](Graph& g, Value y) {
             const Value positive = g.emit1("greater", {y, g.scalar(0)});
             return g.emit1("where", {positive, y, g.emit1("multiply", {y, g.scalar(0.5)})});
           }),
           "\"greater 0 #0;multiply 0 #0.5;where 1 0 2|3\"");
  // The sigmoid is read by the sum after the product too: only what is closed goes in.
  CHECK_EQ(activation_of([](Graph& g, Value y) {
             const Value gate = g.emit1("sigmoid", {g.emit1("square", {y})});
             return g.emit1("add", {g.emit1("multiply", {gate, float_input(g, {5})}), gate});
           }),
           "\"square 0;sigmoid 1|2\" and more");
}

TEST("fuse_epilogues: a residual on either side, with or without a bias, and an activation behind it") {
  for (const bool left : {false, true})
    for (const bool with_bias : {false, true}) {
      Graph g;
      const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {1, 1, 3, 5}), bias = float_input(g, {5});
      Value y = g.emit1("conv", with_bias ? Values{x, kernel, bias} : Values{x, kernel});
      const Value other = float_input(g, {2, 8, 8, 5});
      g.output(g.emit1("relu", {g.emit1("add", left ? Values{other, y} : Values{y, other})}));
      passes::fuse_epilogues(g);
      verify(g);
      CHECK(op_names(g) == Names({"conv"}));
      const Values& in = g.nodes[0]->in;
      CHECK(in.size() == 4 && in[0] == x && in[1] == kernel && in[3] == other && (!with_bias || in[2] == bias));
      CHECK(g.type(in[2]) == Type({DType::f32, {5}}));
      CHECK(attr(*g.nodes[0], "activation") == AttrValue(std::string("relu")));
    }
}

TEST("fuse_epilogues: of two convolutions that are added, the later one takes the sum") {
  Graph g;
  const Value x = float_input(g, {2, 8, 8, 3}), kernel = float_input(g, {1, 1, 3, 5}), other = float_input(g, {1, 1, 3, 5});
  const Value first = g.emit1("conv", {x, kernel}), second = g.emit1("conv", {x, other});
  g.output(g.emit1("add", {second, first}));
  passes::fuse_epilogues(g);
  verify(g);
  CHECK(op_names(g) == Names({"conv", "conv"}));
  CHECK(g.nodes[1]->in[1] == other && g.nodes[1]->in[3] == first);
}

TEST("fuse_epilogues: in training the backward pass reads the activation's result, so it still fuses") {
  Graph g;
  const Value x = float_input(g, {2, 6, 6, 1});
  for (const char* activation : {"relu", "sigmoid", "tanh", "clip"}) {
    const Value kernel = g.variable(variable({3, 3, 1, 4}, 0.1f));
    const AttrMap limits{{"min", 0.0}, {"max", 6.0}};
    const Value y =
        g.emit1(activation, {g.emit1("conv", {x, kernel})}, std::string(activation) == "clip" ? limits : AttrMap{});
    const Value weights = float_input(g, {64, 1});
    const Value loss = g.emit1(
        "reshape",
        {g.emit1("slice", {g.emit1("dense", {g.emit1("flatten", {y}), weights})}, {{"begin", Ints{0}}, {"end", Ints{1}}})},
        {{"shape", Ints{}}});
    g.output(y);
    g.output(gradients(g, loss, {kernel})[0]);
  }
  optimize(g);
  verify(g);
  std::vector<AttrValue> activations;
  for (const auto& node : g.nodes)
    if (node->op->name == "conv") activations.push_back(attr(*node, "activation"));
  CHECK(activations == std::vector<AttrValue>({std::string("relu"), std::string("sigmoid"), std::string("tanh"),
                                               std::string("clip 0 #0 #6|1")}));
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
  const auto plan = make_plan(g, {Shape{32}});
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
