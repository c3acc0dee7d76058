// Graphs: emitting, printing, binding shapes and verifying.
#include "check.h"
#include "graph/graph.h"
#include "graph/op_def.h"
#include "graph/variable.h"

using namespace convcore;

namespace {

VariablePtr variable(Shape shape, std::string name) {
  return std::make_shared<Variable>(Type{DType::f32, std::move(shape)}, std::move(name));
}

// x (None, 2, 3) -> transpose -> flatten
Graph sample() {
  Graph g;
  const Value x = g.input({DType::f32, {unknown, 2, 3}}, "x");
  g.scope = "model/turn";
  const Value y = g.emit1("transpose", {x}, {{"axes", Ints{0, 2, 1}}});
  g.scope = "";
  g.output(g.emit1("flatten", {y}));
  return g;
}

}  // namespace

TEST("graph: text names sources, nodes, scopes and attributes that differ from their defaults") {
  CHECK_EQ(print(sample()),
           "%0 = input \"x\" : float32 (None, 2, 3)\n"
           "%1 = transpose(%0) axes=[0, 2, 1] : float32 (None, 3, 2)  # model/turn\n"
           "%2 = flatten(%1) : float32 (None, 6)\n"
           "return %2\n");
}

TEST("graph: variables and scalars are values once") {
  Graph g;
  const VariablePtr w = variable({2}, "w");
  CHECK(g.variable(w) == g.variable(w));
  CHECK(g.scalar(0.5) == g.scalar(0.5));
  CHECK(g.scalar(0.0) != g.scalar(-0.0));
  CHECK(g.scalar(1.0) != g.scalar(1.0, DType::f64));
  CHECK_EQ(g.value_count(), 6u);
}

TEST("graph: emit refuses wrong counts, foreign values, unknown ops and attributes, and names the layer") {
  Graph g;
  const Value x = g.input({DType::f32, {2, 3}}, "x");
  CHECK_THROWS(Error, "transpose: expected inputs (x), received 2 inputs", g.emit("transpose", {x, x}));
  CHECK_THROWS(Error, "concatenate: expected inputs (xs...), received 0 inputs", g.emit("concatenate", {}));
  CHECK_THROWS(Error, "values of this graph, received value 7", g.emit("transpose", {Value{7}}));
  CHECK_THROWS(Error, "The nearest is \"transpose\"", g.emit("transpos", {x}));
  CHECK_THROWS(Error, "transpose: expected attributes out of axes, received \"axis\"",
               g.emit("transpose", {x}, {{"axis", Ints{}}}));
  g.scope = "model/turn";
  CHECK_THROWS(Error, "model/turn: transpose: expected axes", g.emit("transpose", {x}, {{"axes", Ints{0}}}));
  CHECK(g.nodes.empty());
}

TEST("graph: updates are checked, the last one counts") {
  Graph g;
  const VariablePtr w = variable({2, 3}, "w");
  const Value x = g.input({DType::f32, {2, 3}}, "x"), y = g.input({DType::f32, {3, 2}}, "y");
  g.update(w, x);
  g.update(w, g.variable(w));
  CHECK_EQ(g.updates.size(), 1u);
  CHECK_THROWS(Error, "update of \"w\": expected float32 (2, 3), received float32 (3, 2)", g.update(w, y));
}

TEST("bind: known shapes go through every node; the graph itself stays open") {
  const Graph g = sample();
  const std::vector<Shape> shapes{{5, 2, 3}};
  const Graph bound = convcore::bind(g, shapes);
  CHECK_EQ(bound.type(bound.outputs[0]).str(), "float32 (5, 6)");
  CHECK_EQ(g.type(g.outputs[0]).str(), "float32 (None, 6)");
  verify(bound);
  verify(g);
}

TEST("bind: refusals name the input, and the layer whose rule does not hold") {
  const Graph g = sample();
  CHECK_THROWS(Error, "call: expected 1 input, received 0", convcore::bind(g, {}));
  CHECK_THROWS(Error, "input 0 (\"x\"): expected shape (None, 2, 3), received (5, 2)",
               convcore::bind(g, std::vector<Shape>{{5, 2}}));
  CHECK_THROWS(Error, "received (5, 2, 4)", convcore::bind(g, std::vector<Shape>{{5, 2, 4}}));
  CHECK_THROWS(Error, "known dimensions, received (None, 2, 3)", convcore::bind(g, std::vector<Shape>{{unknown, 2, 3}}));

  Graph late;
  const Value x = late.input({DType::f32, {unknown, 3}}, "x");
  late.scope = "model/squeeze";
  late.output(late.emit1("squeeze", {x}, {{"axes", Ints{0}}}));
  CHECK_THROWS(Error, "model/squeeze: squeeze: expected size 1 at axis 0, received (4, 3)",
               convcore::bind(late, std::vector<Shape>{{4, 3}}));

  Graph update;
  update.update(variable({4}, "w"), update.input({DType::f32, {unknown}}, "x"));
  CHECK_THROWS(Error, "update of \"w\": expected float32 (4,), received float32 (3,)",
               convcore::bind(update, std::vector<Shape>{{3}}));
}

TEST("verify: finds values read too early, wrong types and wrong producers") {
  Graph order = sample();
  std::swap(order.nodes[0], order.nodes[1]);
  CHECK_THROWS(Error, "defined before they are read by flatten", verify(order));

  Graph type = sample();
  type.info(type.nodes[0]->out[0]).type.shape = {unknown, 2, 3};
  CHECK_THROWS(Error, "transpose to give float32 (None, 3, 2)", verify(type));

  Graph lost = sample();
  lost.nodes.erase(lost.nodes.begin());
  CHECK_THROWS(Error, "received value %1", verify(lost));

  Graph twice = sample();
  twice.nodes[1]->out = twice.nodes[0]->out;
  CHECK_THROWS(Error, "to name its producer", verify(twice));

  Graph output = sample();
  output.output(Value{9});
  CHECK_THROWS(Error, "read by an output, received value %9", verify(output));
}
