// Results that depend on constants alone are computed once, unless they are large: then the bytes would cost more than the
// time.
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

constexpr std::int64_t largest = 16 << 10;  // bytes of an output

bool foldable(const Graph& graph, const Node& node) {
  if (!node.op->foldable) return false;
  for (std::size_t i = 0; i < node.in.size(); ++i)
    if (reads_data(*node.op, i) && graph.info(node.in[i]).data == nullptr) return false;
  return std::all_of(node.out.begin(), node.out.end(), [&](Value out) { return graph.type(out).bytes() <= largest; });
}

}  // namespace

void fold_constants(Graph& graph) {
  rewrite(graph, [&](const Node& node) { return foldable(graph, node) ? compute(graph, node) : Values{}; });
}

}  // namespace convcore::passes
