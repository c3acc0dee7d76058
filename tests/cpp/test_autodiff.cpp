// Gradients as graphs: structure here; numbers against finite differences below.
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
