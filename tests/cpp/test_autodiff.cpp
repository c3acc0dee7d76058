// Gradients as graphs: what is emitted, and small exact numbers. Finite differences of every op:
// tests/python/test_gradients.py.
#include <algorithm>

#include "check.h"
#include "eval.h"

using namespace convcore;

namespace {

std::vector<std::string> ops_from(const Graph& g, std::size_t first) {
  std::vector<std::string> names;
  for (std::size_t i = first; i < g.nodes.size(); ++i) names.push_back(g.nodes[i]->op->name);
  return names;
}

}  // namespace

TEST("gradients: the loss must be one float") {
  Graph g;
  const Value x = g.input({DType::f32, {2}}, "x"), n = g.input({DType::i32, {}}, "n");
  CHECK_THROWS(Error, "gradients: expected a loss that is one float (shape ()), received float32 (2,)",
               gradients(g, x, {x}));
  CHECK_THROWS(Error, "received int32 ()", gradients(g, n, {x}));
  CHECK_THROWS(Error, "values of this graph", gradients(g, x, {Value{5}}));
}

TEST("gradients: through views and copies, only for what was asked") {
  Graph g;
  const Value x = g.input({DType::f32, {1, 4}}, "x"), w = g.input({DType::f32, {1, 4}}, "w");
  const Value joined = g.emit1("concatenate", {x, w}, {{"axis", std::int64_t{0}}});
  const Value one = g.emit1("slice", {joined}, {{"begin", Ints{1, 2}}, {"end", Ints{2, 3}}});
  const Value loss = g.emit1("reshape", {one}, {{"shape", Ints{}}});
  const std::size_t forward = g.nodes.size();
  const Values made = gradients(g, loss, {w, loss});
  CHECK(ops_from(g, forward) == std::vector<std::string>({"reshape_like", "slice_backward", "concatenate_backward"}));
  CHECK(g.type(made[0]) == g.type(w));
  CHECK(made[1] == g.scalar(1.0));
  verify(g);
}

TEST("gradients: stopped, integer and shape-only inputs get none") {
  Graph g;
  const Value x = g.input({DType::f32, {4}}, "x"), i = g.input({DType::i32, {4}}, "i"),
              other = g.input({DType::f32, {}}, "o");
  const Value stopped = g.emit1("stop_gradient", {x});
  const Value one = g.emit1("slice", {stopped}, {{"begin", Ints{0}}, {"end", Ints{1}}});
  const Value loss = g.emit1("reshape_like", {one, other});
  const std::size_t forward = g.nodes.size();
  const Values made = gradients(g, loss, {x, i, other});
  CHECK(!made[0] && !made[1] && !made[2]);
  CHECK_EQ(g.nodes.size(), forward);
}

TEST("gradients: a recorded gradient is emitted again for the one that arrives, and leaves no trace in a plan") {
  Graph g;
  const Value x = g.input({DType::f32, {}}, "x");
  const Value y = g.emit1("exp", {x}), upstream = g.emit1("stop_gradient", {y});
  const Value told = g.emit1("multiply", {upstream, g.scalar(3.0)});
  const Value own = g.emit1("custom_gradient", {y, upstream, x, told});
  const Value loss = g.emit1("multiply", {own, g.scalar(5.0)});
  const std::size_t forward = g.nodes.size();
  g.output(gradients(g, loss, {x})[0]);
  CHECK(ops_from(g, forward) == std::vector<std::string>({"multiply", "multiply"}));  // 1 * 5, and 3 times that
  verify(g);
  CHECK_THROWS(Error, "custom_gradient: expected an upstream of type",
               g.emit1("custom_gradient", {y, g.scalar(1, DType::i32)}));
  CHECK_THROWS(Error, "custom_gradient: expected y, upstream, and as many", g.emit1("custom_gradient", {y, y, x}));
}

TEST("gradients: a missing rule is refused with layer and op, and the scope is restored") {
  Graph g;
  const Value w = g.input({DType::f32, {3}}, "w");
  g.scope = "model/cut";
  const Values pieces =
      g.emit("concatenate_backward", {w, g.input({DType::f32, {1}}, "a"), g.input({DType::f32, {2}}, "b")});
  g.scope = "loss";
  const Value loss = g.emit1("reshape", {pieces[0]}, {{"shape", Ints{}}});
  CHECK_THROWS(Error, "gradients: model/cut: concatenate_backward: expected an op with a gradient", gradients(g, loss, {w}));
  CHECK_EQ(g.scope, "loss");
}

TEST("gradients: nodes carry the scope of the node they come from") {
  Graph g;
  const Value x = g.input({DType::f32, {1, 1}}, "x");
  g.scope = "model/turn";
  const Value turned = g.emit1("transpose", {x});
  g.scope = "loss";
  const Value loss = g.emit1("reshape", {turned}, {{"shape", Ints{}}});
  gradients(g, loss, {x});
  CHECK_EQ(g.nodes[2]->scope, "loss");
  CHECK_EQ(g.nodes[3]->scope, "model/turn");
}

TEST("gradients: several uses are summed, also through intermediate values") {
  Graph g;
  const Value x = g.input({DType::f64, {3}}, "x");
  const Value square = g.emit1("multiply", {x, x});                                             // 2x
  const Value y = g.emit1("add", {square, g.emit1("multiply", {x, g.scalar(3, DType::f64)})});  // + 3
  const Value loss = g.emit1("sum", {g.emit1("add", {y, square})});                             // square twice
  for (Value gradient : gradients(g, loss, {x, square, y})) g.output(gradient);
  const std::vector<eval::Array> made = eval::interpret(g, {eval::Array::of<double>({3}, {-1, 0, 2})});
  CHECK(made[0].values<double>() == std::vector<double>({-1, 3, 11}));
  CHECK(made[1].values<double>() == std::vector<double>({2, 2, 2}));
  CHECK(made[2].values<double>() == std::vector<double>({1, 1, 1}));
}

TEST("gradients: a gradient can be differentiated again") {
  Graph g;
  const Value x = g.input({DType::f64, {2}}, "x");
  const Value cube = g.emit1("multiply", {x, g.emit1("square", {x})});
  const Value slope = gradients(g, g.emit1("sum", {cube}), {x})[0];       // 3x^2
  const Value curvature = gradients(g, g.emit1("sum", {slope}), {x})[0];  // 6x
  g.output(slope);
  g.output(curvature);
  verify(g);
  const std::vector<eval::Array> made = eval::interpret(g, {eval::Array::of<double>({2}, {-2, 5})});
  CHECK(made[0].values<double>() == std::vector<double>({12, 75}));
  CHECK(made[1].values<double>() == std::vector<double>({-12, 30}));
}

TEST("gradients: broadcast operands get the sum of their copies") {
  Graph g;
  const Value x = g.input({DType::f64, {unknown, 2}}, "x"), b = g.input({DType::f64, {2}}, "b");
  const Value loss = g.emit1("sum", {g.emit1("multiply", {x, b})});
  g.output(gradients(g, loss, {b})[0]);
  const Graph bound = convcore::bind(g, std::vector<Shape>{{3, 2}, {2}});
  const std::vector<eval::Array> made =
      eval::interpret(bound, {eval::Array::range<double>({3, 2}), eval::Array::range<double>({2})});
  CHECK(made[0].values<double>() == std::vector<double>({6, 9}));
}

TEST("gradients: the first layer's input gradient is never emitted") {
  Graph g;
  const Value x = g.input({DType::f32, {unknown, 8, 8, 1}}, "x");
  const Value first = g.input({DType::f32, {3, 3, 1, 4}}, "first"), second = g.input({DType::f32, {3, 3, 4, 2}}, "second");
  const Value y = g.emit1("conv", {g.emit1("relu", {g.emit1("conv", {x, first})}), second});
  const Value loss = g.emit1("sum", {y});
  const std::size_t forward = g.nodes.size();
  gradients(g, loss, {first, second});
  const std::vector<std::string> made = ops_from(g, forward);
  CHECK_EQ(std::count(made.begin(), made.end(), "conv_backward_filter"), 2);
  CHECK_EQ(std::count(made.begin(), made.end(), "conv_backward_input"), 1);
  verify(g);
}

TEST("gradients: comparisons block, argmax blocks, indices get none") {
  Graph g;
  const Value x = g.input({DType::f32, {4}}, "x"), i = g.input({DType::i32, {2}}, "i");
  const Value hard = g.emit1("cast", {g.emit1("greater", {x, g.scalar(0)})});
  const Value most = g.emit1("cast", {g.emit1("argmax", {x})});
  const Value loss = g.emit1("add", {g.emit1("sum", {hard}), most});
  CHECK(!gradients(g, loss, {x})[0]);
  const Values made = gradients(g, g.emit1("sum", {g.emit1("take", {x, i})}), {x, i});
  CHECK(made[0] && !made[1]);
}
