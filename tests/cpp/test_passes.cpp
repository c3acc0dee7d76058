// Passes before fusion: what each makes of small graphs.
#include "check.h"
#include "eval.h"
#include "graph/passes/passes.h"
#include "graph_helpers.h"

using namespace convcore;
using eval::Array;

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

// A convolution and what batch normalisation makes of its result at inference, on variables.
struct Normalised {
  Graph g;
  VariablePtr kernel = variable({3, 3, 2, 4}, 0.5f), bias = variable({4}, 1), gamma = variable({4}, 3);
  VariablePtr beta = variable({4}, -2), mean = variable({4}, 0.25f), variance = variable({4}, 0.75f);

  Value normalise(Value x) {
    const Value spread = g.emit1("add", {g.variable(variance), g.scalar(0.25)});
    const Value factor = g.emit1("multiply", {g.emit1("rsqrt", {spread}), g.variable(gamma)});
    const Value shift =
        g.emit1("add", {g.emit1("negative", {g.emit1("multiply", {g.variable(mean), factor})}), g.variable(beta)});
    return g.emit1("add", {g.emit1("multiply", {x, factor}), shift});
  }
};

TEST("fold_channel_scales: batch normalisation goes into the kernel and the bias before it") {
  for (const bool with_bias : {false, true}) {
    Normalised n;
    const Value x = float_input(n.g, {2, 5, 5, 2});
    Values in{x, n.g.variable(n.kernel)};
    if (with_bias) in.push_back(n.g.variable(n.bias));
    n.g.output(n.g.emit1("relu", {n.normalise(n.g.emit1("conv", in))}));
    const std::vector<Array> inputs{Array::range({2, 5, 5, 2}, -50)};
    const std::vector<float> before = eval::interpret(n.g, inputs)[0].values();
    passes::fold_channel_scales(n.g);
    passes::drop_dead_code(n.g);
    passes::fuse_epilogues(n.g);
    verify(n.g);
    const Node& conv = maker(n.g, n.g.outputs[0]);
    CHECK_EQ(conv.op->name, "conv");
    CHECK(conv.in[0] == x && conv.in.size() == 3);
    CHECK_EQ(maker(n.g, conv.in[1]).op->name, "multiply");
    const std::vector<float> after = eval::interpret(n.g, inputs)[0].values();
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(std::fabs(after[i] - before[i]) <= 1e-5f * (30 + before[i]));
  }
}

TEST("fold_channel_scales: dense, transposed, division, and numbers for all channels") {
  Graph g;
  const Value x = float_input(g, {2, 4, 4, 3}), s = g.variable(variable({5}, 2)), k = g.variable(variable({1, 1, 3, 5}, 1));
  const Value t = g.variable(variable({1, 1, 5, 3}, 1)), w = g.variable(variable({3, 5}, 1));
  const Value wide = g.emit1("reshape", {s}, AttrMap{{"shape", Ints{1, 1, 1, 5}}});
  g.output(g.emit1("divide", {g.emit1("dense", {x, w}), wide}));
  g.output(g.emit1("multiply", {s, g.emit1("conv_transpose", {x, t})}));
  g.output(g.emit1("multiply", {g.emit1("conv", {x, k}), g.scalar(0.5)}));
  const std::vector<Array> in{Array::range({2, 4, 4, 3})};
  const std::vector<Array> before = eval::interpret(g, in);
  passes::fold_channel_scales(g);
  passes::drop_dead_code(g);
  verify(g);
  const std::vector<Array> after = eval::interpret(g, in);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(maker(g, g.outputs[i]).op->filter_axis > 0);
    CHECK(before[i].bytes == after[i].bytes);  // whole numbers and halves
  }
}

TEST("fold_channel_scales: not per pixel, not into weights that the graph updates, not where the result is read before") {
  Graph g;
  const VariablePtr trained = variable({1, 1, 3, 5}, 1);
  const Value x = float_input(g, {2, 4, 5, 3}), k = g.variable(variable({1, 1, 3, 5}, 1)), s = g.variable(variable({5}, 2));
  g.output(g.emit1("multiply", {g.emit1("conv", {x, k}), g.variable(variable({5, 1}, 2))}));
  g.output(g.emit1("multiply", {g.emit1("conv", {x, k}), float_input(g, {5})}));
  g.output(g.emit1("multiply", {g.emit1("conv", {x, g.variable(trained)}), s}));
  g.update(trained, g.emit1("multiply", {g.variable(trained), g.scalar(0.5)}));
  const Value read = g.emit1("conv", {x, k});
  g.output(read), g.output(g.emit1("multiply", {read, s}));
  const std::size_t nodes = g.nodes.size();
  passes::fold_channel_scales(g);
  CHECK_EQ(g.nodes.size(), nodes);
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
