// What the passes share: one walk over the nodes that may replace each, and questions about values.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "graph/graph.h"
#include "graph/op_def.h"

namespace convcore::passes {

// Called with every node in order, its inputs already replaced. Returns what replaces its outputs, or nothing to keep it.
// What it emits comes before the node and is not visited.
using Rule = std::function<Values(Node&)>;
void rewrite(Graph& graph, const Rule& rule);

// How often each value is read: by nodes (data or shape), outputs and updates.
std::vector<int> count_uses(const Graph& graph);

// Per value: whether it depends on constants and on variables that the graph does not write, and on nothing else. It stays
// the same from run to run until somebody changes a variable.
std::vector<bool> steady_values(const Graph& graph);

// The node that makes a value, if it is a node of `op`; otherwise null.
const Node* producer(const Graph& graph, Value value, const OpDef& op);

// The number in a rank-0 constant of a float dtype.
bool is_scalar_constant(const Graph& graph, Value value);
double scalar_constant(const Graph& graph, Value value);

// The attributes of a node with one of them changed; throws Error if the op does not accept the value.
Attrs with_attr(const Node& node, std::string_view name, AttrValue value);
// The attribute's value, or null if the op has none of that name.
const AttrValue* find_attr(const AttrMap& map, std::string_view name);

// The order of the axes of a transpose: axis i of the result is axis order[i] of the input.
Ints transpose_order(const Graph& graph, const Node& transpose);

// The node's outputs as constants, computed now. All inputs whose data is read must be constants. Empty if no CPU
// implementation accepts the node.
Values compute(Graph& graph, const Node& node);

}  // namespace convcore::passes
