// The graph: what a model computes, before anyone decides how.
//
// Values are inputs, variables, constants, or outputs of nodes. Nodes are stored in topological order. The graph is
// functional: every read of a variable sees the value from before the run; `updates` are written when all reads are done
// (the planner makes that free where it can).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shape.h"
#include "graph/attrs.h"

namespace convcore {

struct OpDef;    // graph/op_def.h
class Variable;  // graph/variable.h
class Graph;
using VariablePtr = std::shared_ptr<Variable>;

// A handle to one value of one graph.
struct Value {
  std::int32_t id = -1;
  explicit operator bool() const { return id >= 0; }
  bool operator==(const Value&) const = default;
};
using Values = std::vector<Value>;

enum class Source : std::uint8_t { input, variable, constant, node };

struct Node {
  const OpDef* op = nullptr;
  Attrs attrs;
  Values in, out;
  std::string scope;  // the layer that emitted it, e.g. "sequential/conv2d"; informative
};

struct ValueInfo {
  Type type;
  Source source = Source::node;
  std::string name;                                    // inputs only
  VariablePtr variable;                                // variables only
  std::shared_ptr<const std::vector<std::byte>> data;  // constants only; null: only the shape is ever read
  Node* producer = nullptr;                            // nodes only
};

struct Update {
  VariablePtr variable;
  Value value;  // same type as the variable
};

class Graph {
 public:
  Graph() = default;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  Graph clone() const;  // nodes and types are copied; variables and the bytes of constants are shared

  Value input(Type type, std::string name);
  Value variable(const VariablePtr& variable);   // one value per variable: a second call returns the first
  Value constant(Type type, const void* bytes);  // copies; the shape must be known
  Value placeholder(Type type);                  // a constant without bytes, for inputs of which only the shape is read
  Value scalar(double value, DType dtype = DType::f32);  // a rank-0 constant; equal scalars share one value

  // Adds a node: checks the inputs through the op's infer() and returns the new node's outputs.
  Values emit(std::string_view op, const Values& in, const AttrMap& attrs = {});
  Values emit(const OpDef& op, const Values& in, Attrs attrs);
  // emit for ops with one output
  Value emit1(std::string_view op, const Values& in, const AttrMap& attrs = {}) { return emit(op, in, attrs)[0]; }
  template <class A>
  Value emit1(std::string_view op, const Values& in, A attrs) {
    return emit_typed(op, in, Attrs::of(std::move(attrs)))[0];
  }
  Values emit_typed(std::string_view op, const Values& in, Attrs attrs);

  void output(Value value) { outputs.push_back(value); }
  // The variable takes this value after the run. Throws Error if the types differ (dimensions still unknown are checked by
  // bind()). A second update replaces the first.
  void update(const VariablePtr& variable, Value value);

  const ValueInfo& info(Value value) const { return values_[static_cast<std::size_t>(value.id)]; }
  ValueInfo& info(Value value) { return values_[static_cast<std::size_t>(value.id)]; }
  const Type& type(Value value) const { return info(value).type; }
  std::size_t value_count() const { return values_.size(); }
  bool contains(Value value) const { return value.id >= 0 && static_cast<std::size_t>(value.id) < values_.size(); }

  std::vector<std::unique_ptr<Node>> nodes;  // in topological order; passes rewrite this list
  Values inputs;                             // in the order of the calls to input()
  Values outputs;
  std::vector<Update> updates;
  std::string scope;  // copied to every node emitted from now on

 private:
  Value add(ValueInfo info);

  std::deque<ValueInfo> values_;                              // a deque: references to types outlive later emits
  std::map<std::pair<DType, std::uint64_t>, Value> scalars_;  // by the bits of the value
  std::map<const Variable*, Value> variables_;
};

// d loss / d wrt[i] as new nodes of the same graph; an invalid Value where loss does not depend on wrt[i]. `loss` must be a
// float scalar. Throws Error naming the op where a needed gradient is not defined. (autodiff.cpp)
Values gradients(Graph& graph, Value loss, const Values& wrt);

// A copy whose inputs have the given, fully known shapes; every type is inferred anew. Throws Error naming the input where
// a shape contradicts the declared one. (graph.cpp)
Graph bind(const Graph& graph, std::span<const Shape> input_shapes);

// The types that a node's op infers from the present types of its inputs; errors name the node's scope. (graph.cpp)
Types infer_types(const Graph& graph, const Node& node);

// Checks every invariant a pass must keep; throws Error with the graph's text. (verify.cpp)
void verify(const Graph& graph);

// One line per value read and per node: "%5 = conv(%0, %1) strides=[2, 2] : float32 (None, 13, 13, 32)  # conv2d".
// Attributes that have their default are left out. (print.cpp)
std::string print(const Graph& graph);

}  // namespace convcore
