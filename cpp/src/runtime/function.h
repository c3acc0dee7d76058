// A graph that can be called from any thread: plans cached by input shapes, an arena for each run at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/op_def.h"

namespace convcore {

// Memory of the caller: never freed, resized or kept. Outputs must not overlap inputs.
struct ConstTensor {
  Type type;
  const void* data = nullptr;
};
struct MutTensor {
  Type type;
  void* data = nullptr;
};
// The same without memory of its own: for callers that must not allocate.
struct ArrayView {
  DType dtype = DType::f32;
  std::span<const std::int64_t> dims;
  const void* data = nullptr;
};

struct StepProfile {
  std::string op, scope, implementation, output;
  double milliseconds = 0;  // median over the repeats
  double operations = 0, bytes = 0;
};

// Bytes that a run with certain input shapes needs.
struct FunctionMemory {
  std::size_t inputs = 0, outputs = 0, variables = 0;
  std::size_t arena = 0;   // what lives between the steps
  std::size_t packed = 0;  // copies of weights in the order of the kernels, and folded ones: kept from run to run
};

class Executor;   // runtime/executor.h
struct Measured;  // plan/choices.h

class Function {
 public:
  explicit Function(Graph graph);
  ~Function();
  Function(Function&&) noexcept;

  const Graph& graph() const;

  // Calls from several threads run at the same time, those of a graph that updates variables one after the other. None
  // needs a lock of the caller's, an interpreter's least of all.
  // The output types for these inputs, planning if the shapes are new. Throws Error if the inputs do not fit the graph.
  Types output_types(const std::vector<ConstTensor>& inputs);
  // Runs; `outputs` must have the types that output_types() told.
  void run(const std::vector<ConstTensor>& inputs, const std::vector<MutTensor>& outputs);

  // The same in two halves, without an allocation if the shapes are known: prepare() checks the inputs and gives the plan
  // (its output types tell what to allocate), run() runs it.
  std::shared_ptr<Executor> prepare(std::span<const ArrayView> inputs);
  // Null where prepare() would make a plan, wait for another thread, or throw.
  std::shared_ptr<Executor> try_prepare(std::span<const ArrayView> inputs);
  void run(Executor& executor, const void* const* inputs, void* const* outputs);

  std::string explain(const std::vector<Shape>& input_shapes);
  // Times every step. Variables that the function updates have their old values afterwards.
  std::vector<StepProfile> profile(std::span<const ArrayView> inputs, int repeats);
  // What computes each problem of the plan fastest; see plan/choices.h.
  std::vector<Measured> measure_choices(std::span<const ArrayView> inputs);
  // The median wall-clock seconds of one run; variables as in profile().
  double seconds(std::span<const ArrayView> inputs, int repeats);
  std::size_t arena_bytes(const std::vector<Shape>& input_shapes);
  FunctionMemory memory(const std::vector<Shape>& input_shapes);
  std::size_t plan_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace convcore
