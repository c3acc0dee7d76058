// Training steps for the tests of passes and plans: weights of made-up numbers, plain updates, and what two steps make.
#pragma once

#include <cstring>
#include <vector>

#include "graph/graph.h"
#include "graph_helpers.h"
#include "plan/plan.h"
#include "run_op.h"
#include "runtime/executor.h"

namespace convcore {

struct TrainingStep {
  Graph graph;
  Values weights;

  Value weight(const Shape& shape, bool ones = false) {
    const VariablePtr made = variable(shape, 1);
    const Tensor values = random_tensor(shape, static_cast<unsigned>(weights.size()) + 1, -0.5, 0.5);
    if (!ones) std::memcpy(made->data(), values.at(), static_cast<std::size_t>(values.type.bytes()));
    return weights.emplace_back(graph.variable(made));
  }

  Value norm(Value x, std::int64_t channels) {
    const Value gamma = weight({channels}, true), beta = weight({channels});
    return graph.emit1("batch_norm_training", {x, gamma, beta});
  }

  // The mean of the squares is the loss and the output; every weight takes a step down its slope.
  void descend(Value result) {
    const Value loss = graph.emit1("mean", {graph.emit1("square", {result})});
    const Values slopes = gradients(graph, loss, weights);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Value change = graph.emit1("multiply", {slopes[i], graph.scalar(0.1)});
      graph.update(graph.info(weights[i]).variable, graph.emit1("subtract", {weights[i], change}));
    }
    graph.output(loss);
  }
};

struct Trained {
  std::vector<float> numbers;  // the loss and the weights after two steps
  std::size_t groups = 0;      // of the plan
};

inline Trained train(const Graph& graph, const PlanSettings& settings) {
  const Shape& shape = graph.type(graph.inputs[0]).shape;
  Executor executor(make_plan(graph, {shape}, settings));
  const Plan& plan = executor.plan();
  const Tensor x = random_tensor(shape, 9);
  Buffer arena(plan.arena_bytes);
  Trained made{std::vector<float>(1), plan.groups.size()};
  const void* from = x.at();
  void* to = made.numbers.data();
  for (int repeat = 0; repeat < 2; ++repeat) executor.run(static_cast<std::byte*>(arena.data()), &from, &to);
  for (const Update& update : graph.updates) {
    const auto* data = static_cast<const float*>(update.variable->data());
    made.numbers.insert(made.numbers.end(), data, data + update.variable->type().shape.elements());
  }
  return made;
}

}  // namespace convcore
