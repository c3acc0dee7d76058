// Bands of rows: whatever they are, however many, every output has the bits of the whole, and what must not be cut is not.
#include "base/parallel.h"
#include "check.h"
#include "graph_helpers.h"
#include "plan/plan.h"
#include "run_plan.h"

using namespace convcore;

namespace {

using Outputs = std::vector<std::vector<float>>;

struct Weights {
  Graph& graph;
  unsigned seed = 1;
  Value operator()(const Shape& shape) {
    const VariablePtr made = variable(shape);
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
      seed = seed * 1664525u + 1013904223u;
      static_cast<float*>(made->data())[i] = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
    }
    return graph.variable(made);
  }
};

AttrMap window(const char* padding, std::int64_t stride = 1, std::int64_t dilation = 1) {
  return {{"padding", std::string(padding)}, {"strides", Ints{stride, stride}}, {"dilation_rate", Ints{dilation, dilation}}};
}

// A stem, an inverted residual block with its sum, pooling of each kind, dilation, and a sum over broadcast rows.
Graph network(std::int64_t height, std::int64_t width) {
  Graph g;
  Weights weight{g};
  const Value x = g.input({DType::f32, Shape{unknown, height, width, 3}}, "x");
  const Value stem = g.emit1("relu", {g.emit1("conv", {x, weight({3, 3, 3, 8}), weight({8})}, window("same", 2))});
  const Value wide = g.emit1("relu", {g.emit1("conv", {stem, weight({1, 1, 8, 24}), weight({24})})});
  AttrMap depthwise = window("same");
  depthwise.push_back({"groups", std::int64_t{24}});
  const Value thin = g.emit1("relu", {g.emit1("conv", {wide, weight({3, 3, 1, 24}), weight({24})}, depthwise)});
  const Value block = g.emit1("add", {g.emit1("conv", {thin, weight({1, 1, 24, 8}), weight({8})}), stem});
  const Value largest = g.emit1(
      "max_pool", {block}, AttrMap{{"pool_size", Ints{3, 3}}, {"strides", Ints{1, 1}}, {"padding", std::string("same")}});
  const Value mean = g.emit1("average_pool", {largest},
                             AttrMap{{"pool_size", Ints{3, 2}}, {"strides", Ints{2, 1}}, {"padding", std::string("same")}});
  const Value far = g.emit1("tanh", {g.emit1("conv", {mean, weight({3, 2, 8, 5})}, window("same", 1, 2))});
  g.output(g.emit1("sigmoid", {g.emit1("multiply", {far, weight({5})})}));
  return g;
}

// 3x3 layers with enough channels for Winograd.
Graph deep_network(std::int64_t height, std::int64_t width) {
  Graph g;
  Weights weight{g};
  const Value x = g.input({DType::f32, Shape{unknown, height, width, 16}}, "x");
  const Value first = g.emit1("relu", {g.emit1("conv", {x, weight({3, 3, 16, 32}), weight({32})}, window("same"))});
  const Value second = g.emit1("relu", {g.emit1("conv", {first, weight({3, 3, 32, 32}), weight({32})}, window("valid"))});
  const Value third = g.emit1("relu", {g.emit1("conv", {second, weight({3, 3, 32, 32}), weight({32})}, window("same"))});
  g.output(g.emit1("max_pool", {third}));
  return g;
}

struct Result {
  Outputs outputs;
  std::size_t bands = 0, steps = 0;  // of all groups
};

Result run(const Graph& graph, const Shape& shape, std::int64_t bands) {
  Executor executor(make_plan(graph, {shape}, {.slice_images = shape[0], .bands = bands}));
  const Plan& plan = executor.plan();
  Result made;
  for (const Group& group : plan.groups) made.bands += group.bands->bands.size(), made.steps += group.end - group.first;
  made.outputs = run_plan(executor);
  return made;
}

}  // namespace

TEST("bands: the bits of the whole, for any number of bands, images and threads") {
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{37, 9}, {24, 16}, {8, 5}}) {
    const Graph graph = network(height, width);
    for (const std::int64_t images : {1, 3}) {
      const Shape shape{images, height, width, 3};
      const Result whole = run(graph, shape, 0);
      CHECK_EQ(whole.steps, 0u);
      for (const std::int64_t bands : {1, 2, 3, 5}) {
        const Result cut = run(graph, shape, bands);
        CHECK(cut.outputs == whole.outputs);
        if (bands <= (height + 3) / 4) CHECK(cut.steps >= 6);
      }
    }
  }
}

TEST("bands: a thread computes no row twice, and the bits stay those of the whole") {
  const int threads = thread_count();
  for (const int count : {1, 2, 3}) {
    set_thread_count(count);
    for (const Graph& graph : {network(48, 9), deep_network(48, 9)}) {
      const Shape shape{2, 48, 9, graph.type(graph.inputs[0]).shape[3]};
      const Result whole = run(graph, shape, 0);
      for (const std::int64_t bands : {2, 3, 4}) CHECK(run(graph, shape, bands).outputs == whole.outputs);
    }
  }
  set_thread_count(1);
  const auto plan = make_plan(network(48, 9), {{1, 48, 9, 3}}, {.slice_images = 1, .bands = 4});
  CHECK(!plan->groups.empty());
  for (const Group& group : plan->groups)
    for (std::size_t k = 0; k < group.end - group.first; ++k) {
      std::int64_t rows = 0;
      for (const Band& band : group.bands->bands) {
        const BandStep& part = band.rest.empty() ? band.alone[k] : band.rest[k];
        if (part.problem != nullptr) rows += part.problem->out_types[0].shape[1];
      }
      CHECK_EQ(rows, plan->steps[group.first + k].out_types[0].shape[1]);
    }
  set_thread_count(threads);
}

TEST("bands: Winograd's begin and end between its tiles") {
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{38, 30}, {24, 16}, {50, 17}}) {
    const Graph graph = deep_network(height, width);
    const Shape shape{2, height, width, 16};
    const Result whole = run(graph, shape, 0);
    for (const std::int64_t bands : {1, 2, 3}) {
      const Result cut = run(graph, shape, bands);
      CHECK(cut.outputs == whole.outputs);
      CHECK(cut.steps > 0);
    }
  }
}

TEST("bands: a result that somebody else reads ends a group") {
  Graph g;
  Weights weight{g};
  const Value x = g.input({DType::f32, Shape{unknown, 20, 20, 3}}, "x");
  const Value first = g.emit1("conv", {x, weight({3, 3, 3, 8})}, window("same"));
  const Value second = g.emit1("conv", {first, weight({3, 3, 8, 8})}, window("same"));
  const Value third = g.emit1("conv", {second, weight({3, 3, 8, 8})}, window("same"));
  g.output(g.emit1("max_pool", {third}));
  g.output(second);
  g.output(g.emit1("mean", {first}, AttrMap{{"axes", Ints{1, 2}}}));
  const Shape shape{2, 20, 20, 3};
  const Result cut = run(g, shape, 2);
  CHECK(cut.outputs == run(g, shape, 0).outputs);
  CHECK_EQ(cut.steps, 2u);  // third and its pooling
}

TEST("bands: no copy of weights that is packed another way") {
  const int threads = thread_count();
  for (const std::int64_t size : {8, 16}) {
    const std::int64_t channels = 1024 / size;
    Graph g;
    Weights weight{g};
    const Value x = g.input({DType::f32, Shape{unknown, size, size, channels}}, "x");
    const Value sum = g.emit1("add", {x, g.emit1("conv", {x, weight({3, 3, channels, channels})}, window("same"))});
    g.output(g.emit1("max_pool", {g.emit1("conv", {sum, weight({3, 3, channels, channels})}, window("same"))}));
    for (const int count : {1, 2, 3}) {
      set_thread_count(count);
      const Result whole = run(g, Shape{3, size, size, channels}, 0);
      for (const std::int64_t bands : {1, 2}) {
        CHECK(run(g, Shape{3, size, size, channels}, bands).outputs == whole.outputs);
      }
    }
  }
  set_thread_count(threads);
}

TEST("bands: sums keep their order, along one axis and in windows as wide as the image") {
  Graph g;
  Weights weight{g};
  const Value x = g.input({DType::f32, Shape{unknown, 26, 32}}, "x");
  const AttrMap same{{"padding", std::string("same")}};
  g.output(g.emit1("conv", {g.emit1("relu", {x}), weight({5, 32, 8})}, same));
  const Result line = run(g, Shape{2, 26, 32}, 0);
  for (const std::int64_t bands : {1, 3, 5}) CHECK(run(g, Shape{2, 26, 32}, bands).outputs == line.outputs);

  Graph wide;
  Weights more{wide};
  const Value image = wide.input({DType::f32, Shape{unknown, 6, 3, 48}}, "x");
  wide.output(wide.emit1("conv", {wide.emit1("relu", {image}), more({3, 3, 48, 16})}));
  const Result whole = run(wide, Shape{2, 6, 3, 48}, 0);
  for (const std::int64_t bands : {1, 2, 4}) CHECK(run(wide, Shape{2, 6, 3, 48}, bands).outputs == whole.outputs);
}

TEST("bands: whole images where results leave early, are joined by rows, or are made of all rows") {
  Graph g;
  Weights weight{g};
  const Value x = g.input({DType::f32, Shape{unknown, 12, 10, 4}}, "x");
  const Value wide = g.emit1("conv", {x, weight({3, 3, 4, 12}), weight({12})}, window("same"));
  const AttrMap rows{{"axes", Ints{1, 2}}, {"keepdims", true}};
  const Value gate = g.emit1("sigmoid", {g.emit1("conv", {g.emit1("mean", {wide}, rows), weight({1, 1, 12, 12})})});
  const Value gated = g.emit1("multiply", {wide, gate});
  const Value joined = g.emit1("concatenate", {gated, g.emit1("tanh", {wide})}, AttrMap{{"axis", std::int64_t{1}}});
  const Value padded = g.emit1("pad", {joined}, AttrMap{{"paddings", Ints{0, 0, 2, 1, 0, 1, 0, 0}}});
  g.output(g.emit1("softmax", {g.emit1("average_pool", {padded})}));
  g.output(gated);
  // the rows of a view are not those of its source
  const Value sums = g.emit1("tanh", {g.emit1("mean", {wide}, rows)});
  const Value few = g.emit1("reshape", {sums}, AttrMap{{"shape", Ints{-1, 3, 4}}});
  const Value centred = g.emit1("subtract", {few, g.emit1("mean", {few}, AttrMap{{"axes", Ints{2}}, {"keepdims", true}})});
  const Value many = g.emit1("reshape", {g.emit1("exp", {centred})}, AttrMap{{"shape", Ints{-1, 12, 1, 1}}});
  g.output(g.emit1("add", {many, g.emit1("sigmoid", {many})}));
  for (const std::int64_t images : {1, 4}) {
    const Shape shape{images, 12, 10, 4};
    const Result whole = run(g, shape, 0);
    for (const std::int64_t bands : {1, 2, 3}) {
      const Result cut = run(g, shape, bands);
      CHECK(cut.outputs == whole.outputs);
      if (bands == 1) CHECK(cut.steps >= 6);
    }
  }
}

TEST("bands: more threads than when they were planned") {
  const Graph graph = network(40, 12);
  const Shape shape{2, 40, 12, 3};
  const Result whole = run(graph, shape, 0);
  const int threads = thread_count();
  set_thread_count(2);
  Executor executor(make_plan(graph, {shape}, {.slice_images = 2, .bands = 4}));
  set_thread_count(5);
  const Outputs outputs = run_plan(executor);
  set_thread_count(threads);
  CHECK(outputs == whole.outputs);
}
