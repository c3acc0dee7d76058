// Nodes that neither an output nor an update depends on go.
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

void drop_dead_code(Graph& graph) {
  const auto at = [](Value value) { return static_cast<std::size_t>(value.id); };
  std::vector<bool> read(graph.value_count());
  for (Value value : graph.outputs) read[at(value)] = true;
  for (const Update& update : graph.updates) read[at(update.value)] = true;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = *graph.nodes[i];
    if (std::any_of(node.out.begin(), node.out.end(), [&](Value out) { return read[at(out)]; })) {
      for (Value in : node.in) read[at(in)] = true;
    } else {
      for (Value out : node.out) graph.info(out).producer = nullptr;
      graph.nodes[i].reset();
    }
  }
  graph.nodes.erase(std::remove(graph.nodes.begin(), graph.nodes.end(), nullptr), graph.nodes.end());
}

}  // namespace convcore::passes
