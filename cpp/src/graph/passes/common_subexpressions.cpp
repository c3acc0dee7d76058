// Nodes of equal op, attributes and inputs are one node. Gradient rules and composed losses repeat themselves a lot.
#include <unordered_map>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

// Bytes that are equal for equal nodes.
std::string key(const Node& node) {
  std::string bytes(reinterpret_cast<const char*>(&node.op), sizeof node.op);
  bytes.append(reinterpret_cast<const char*>(node.in.data()), node.in.size() * sizeof(Value));
  if (!node.op->defaults.empty()) bytes += '(' + node.attrs.str();
  return bytes;
}

}  // namespace

void merge_common_subexpressions(Graph& graph) {
  std::unordered_map<std::string, Values> seen;
  rewrite(graph, [&](const Node& node) {
    const auto [place, fresh] = seen.try_emplace(key(node), node.out);
    return fresh ? Values{} : place->second;
  });
}

}  // namespace convcore::passes
