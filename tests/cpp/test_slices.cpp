// Depth first: whatever runs slice by slice gives the same bits, in less memory, and what must not be cut is not.
#include <random>

#include "check.h"
#include "graph_helpers.h"
#include "plan/plan.h"
#include "run_plan.h"

using namespace convcore;

namespace {

VariablePtr random_variable(const Shape& shape, unsigned seed) {
  const VariablePtr made = variable(shape);
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> draw(-1, 1);
  for (std::int64_t i = 0; i < shape.elements(); ++i) static_cast<float*>(made->data())[i] = draw(random);
  return made;
}

// Two branches with normalisation, a sum and a concatenation, then a head.
Graph network() {
  Graph g;
  unsigned seed = 0;
  const auto weight = [&](Shape shape) { return g.variable(random_variable(shape, ++seed)); };
  const AttrMap same{{"padding", std::string("same")}};
  const Value x = g.input({DType::f32, Shape{unknown, 12, 11, 3}}, "x");
  const Value first =
      g.emit1("relu", {g.emit1("multiply", {g.emit1("conv", {x, weight({3, 3, 3, 8})}, same), weight({8})})});
  const Value deep = g.emit1("conv", {first, weight({1, 1, 8, 8}), weight({8})}, same);
  const Value sum = g.emit1("tanh", {g.emit1("add", {deep, first})});
  const Value joined = g.emit1("concatenate", {sum, g.emit1("multiply", {first, g.emit1("sigmoid", {deep})})});
  const Value padded = g.emit1("pad", {g.emit1("max_pool", {joined})}, AttrMap{{"paddings", Ints{0, 0, 0, 1, 0, 1, 0, 0}}});
  const Value thin = g.emit1("conv", {padded, weight({3, 3, 1, 16})}, AttrMap{{"groups", std::int64_t{16}}});
  const Value flat = g.emit1("flatten", {thin});
  g.output(g.emit1("softmax", {g.emit1("dense", {flat, weight({5 * 4 * 16, 7})})}));
  g.output(g.emit1("mean", {joined}, AttrMap{{"axes", Ints{1, 2}}}));
  g.output(first);
  return g;
}

struct Result {
  std::vector<std::vector<float>> outputs;
  std::size_t arena = 0, groups = 0;
  std::string text;
};

Result run(const Graph& graph, std::int64_t images, std::int64_t slice, std::int64_t bands = 0) {
  Executor executor(make_plan(graph, {Shape{images, 12, 11, 3}}, {.slice_images = slice, .bands = bands}));
  const Plan& plan = executor.plan();
  return {run_plan(executor), plan.arena_bytes, plan.groups.size(), explain(plan)};
}

}  // namespace

TEST("slices: the same bits for any number of images in a slice, in less memory") {
  const Graph graph = network();
  for (const std::int64_t images : {6, 7, 8}) {
    const Result whole = run(graph, images, images);
    CHECK_EQ(whole.groups, 0u);
    for (std::int64_t slice = 1; slice < images; ++slice) {
      const Result cut = run(graph, images, slice);
      CHECK(cut.outputs == whole.outputs);
      CHECK_EQ(cut.groups, images % slice == 0 ? 1u : 0u);
      if (images % slice == 0) CHECK(cut.arena < whole.arena);
    }
  }
  CHECK(run(graph, 6, 2).text.find("simd, 3 slices") != std::string::npos);
}

TEST("slices: chosen by size; small predictions run in one piece") {
  const Graph graph = network();
  const Result chosen = run(graph, 512, 0), whole = run(graph, 512, 512);
  CHECK(chosen.outputs == whole.outputs);
  CHECK_EQ(run(graph, 2, 0).groups, 0u);
}

TEST("slices: not along the images themselves, and not what is computed for all of them at once") {
  Graph g;
  const Value x = g.input({DType::f32, Shape{unknown, 12, 11, 3}}, "x");
  const Value centred = g.emit1("subtract", {x, g.emit1("mean", {x}, AttrMap{{"axes", Ints{0}}})});
  const Value turned = g.emit1("softmax", {g.emit1("exp", {centred})}, AttrMap{{"axis", std::int64_t{0}}});
  g.output(g.emit1("tanh", {g.emit1("max_pool", {turned})}));
  const auto plan = make_plan(g, {Shape{4, 12, 11, 3}}, {.slice_images = 1, .bands = 0});
  for (const Group& group : plan->groups)
    for (std::size_t s = group.first; s < group.end; ++s) {
      CHECK(plan->steps[s].node->op->name != "mean");
      CHECK(plan->steps[s].node->op->name != "softmax");
    }
  CHECK(run(g, 4, 1).outputs == run(g, 4, 4).outputs);
}
