// A graph that can be called: plans cached by input shapes, one arena per plan, thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/op_def.h"

namespace convcore {

// Memory of the caller: never freed, resized or kept.
struct ConstTensor {
  Type type;
  const void* data = nullptr;
};
struct MutTensor {
  Type type;
  void* data = nullptr;
};

struct StepProfile {
  std::string op, scope, implementation, output;
  double milliseconds = 0;  // median over the repeats
  double operations = 0, bytes = 0;
};

class Function {
 public:
  explicit Function(Graph graph);
  ~Function();

  const Graph& graph() const;
  // The output types for these inputs, planning if the shapes are new. Throws Error if the inputs do not fit the graph.
  const Types& output_types(const std::vector<ConstTensor>& inputs);
  // Runs; `outputs` must have the types that output_types() told. Holds no lock of the interpreter; calls are serialised.
  void run(const std::vector<ConstTensor>& inputs, const std::vector<MutTensor>& outputs);

  std::string explain(const std::vector<Shape>& input_shapes);
  std::vector<StepProfile> profile(const std::vector<ConstTensor>& inputs, int repeats);
  std::size_t arena_bytes(const std::vector<Shape>& input_shapes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace convcore
