// Nodes of equal op, attributes and inputs are one node. Gradient rules and composed losses repeat themselves a lot.
#include <unordered_map>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

std::string key(const Node& node) {
  std::string text = cat(node.op->name, '(');
  for (Value value : node.in) text += cat(value.id, ',');
  return text + node.attrs.str();
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
