// A small model file, written without Python: a classifier and a step of gradient descent over the same variables.
#pragma once

#include <cmath>
#include <cstring>

#include "graph/variable.h"
#include "io/model_file.h"
#include "ops/build.h"

namespace convcore::check_model {

inline VariablePtr filled(Shape shape, const char* name) {
  auto made = std::make_shared<Variable>(Type{DType::f32, shape}, name);
  auto* data = static_cast<float*>(made->data());
  for (std::int64_t i = 0; i < shape.elements(); ++i) data[i] = static_cast<float>(std::sin(static_cast<double>(i) * 0.7));
  return made;
}

inline Value network(Graph& g, Value x, const NamedVariables& v) {
  const Value image =
      g.emit1("conv", {x, g.variable(v[0].variable), g.variable(v[1].variable)}, {{"padding", std::string("same")}});
  const Value pooled = g.emit1("max_pool", {g.emit1("relu", {image})}, {{"pool_size", Ints{2, 2}}});
  const Value flat = g.emit1("flatten", {pooled});
  return g.emit1("softmax", {g.emit1("dense", {flat, g.variable(v[2].variable)})});
}

// Images (batch, 6, 6, 2), 3 classes.
inline ModelFile small_model() {
  ModelFile file;
  file.producer = "test";
  file.variables = {{"conv/kernel", filled({3, 3, 2, 4}, "kernel")},
                    {"conv/bias", filled({4}, "bias")},
                    {"dense/kernel", filled({36, 3}, "dense")}};
  NamedGraph predict{{}, {"image"}, {"probabilities"}};
  const Value x = predict.graph.input({DType::f32, Shape{unknown, 6, 6, 2}}, "image");
  predict.graph.output(network(predict.graph, x, file.variables));
  NamedGraph train{{}, {"image", "target"}, {"loss"}};
  Graph& g = train.graph;
  const Value image = g.input({DType::f32, Shape{unknown, 6, 6, 2}}, "image");
  const Value target = g.input({DType::f32, Shape{unknown, 3}}, "target");
  const Value error = g.emit1("subtract", {network(g, image, file.variables), target});
  const Value loss = g.emit1("mean", {g.emit1("square", {error})});
  Values weights;
  for (const NamedVariable& v : file.variables) weights.push_back(g.variable(v.variable));
  const Values d = gradients(g, loss, weights);
  for (std::size_t i = 0; i < weights.size(); ++i)
    g.update(file.variables[i].variable, g.emit1("subtract", {weights[i], g.emit1("multiply", {d[i], g.scalar(0.5)})}));
  g.output(loss);
  NamedGraph reset{{}, {}, {}};
  reset.graph.update(
      file.variables[1].variable,
      reset.graph.emit1("multiply", {reset.graph.variable(file.variables[1].variable), reset.graph.scalar(0)}));
  file.functions.emplace_back("predict", std::move(predict));
  file.functions.emplace_back("train_step", std::move(train));
  file.functions.emplace_back("reset_metrics", std::move(reset));
  return file;
}

inline std::vector<float> images(std::int64_t n) {
  std::vector<float> values(static_cast<std::size_t>(n * 72));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(std::cos(static_cast<double>(i) * 0.3));
  return values;
}

}  // namespace convcore::check_model
