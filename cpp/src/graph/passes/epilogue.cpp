// A bias and an activation that follow a convolution or a dense product are applied by its kernel, before the value leaves
// the cache. Only where nothing else reads the value in between.
#include <unordered_map>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

class EpilogueFuser {
 public:
  explicit EpilogueFuser(Graph& graph) : graph_(graph), uses_(count_uses(graph)) {}

  void run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      Node& node = *graph_.nodes[i];
      if (node.op->elementwise && node.op->immediates == nullptr) fuse(node, i);
      if (graph_.nodes[i]->op->activation_epilogue) place_[graph_.nodes[i].get()] = i;
    }
    std::erase(graph_.nodes, nullptr);
  }

 private:
  void fuse(Node& node, std::size_t i) {
    const Node* host = nullptr;
    if (node.in.size() == 1) {
      host = open_host(node.in[0]);
      Attrs attrs;
      if (host != nullptr && accepts(*host, node, attrs)) absorb(*host, node, i, host->in, std::move(attrs));
    } else if (node.in.size() == 2 && node.op->name == "add") {
      for (int side = 0; side < 2; ++side) {
        const Value value = node.in[static_cast<std::size_t>(side)], bias = node.in[static_cast<std::size_t>(1 - side)];
        host = open_host(value);
        if (host == nullptr || !takes_bias(*host, node, bias)) continue;
        Values in = host->in;
        in.push_back(bias);
        return absorb(*host, node, i, in, host->attrs);
      }
    }
  }

  // The node before, if it takes epilogues, has none yet, and this is the only reader of its result.
  const Node* open_host(Value value) const {
    const Node* host = graph_.info(value).producer;
    if (host == nullptr || !host->op->activation_epilogue || uses_[static_cast<std::size_t>(value.id)] != 1) return nullptr;
    const AttrMap map = host->attrs.to_map();
    return *find_attr(map, "activation") == *find_attr(host->op->defaults, "activation") ? host : nullptr;
  }

  bool takes_bias(const Node& host, const Node& node, Value bias) const {
    const Type &y = graph_.type(host.out[0]), &b = graph_.type(bias);
    return host.op->bias_input == static_cast<int>(host.in.size()) && graph_.type(node.out[0]) == y && b.dtype == y.dtype &&
           b.shape.rank() == 1 && b.shape[0] == y.shape[y.shape.rank() - 1];
  }

  // Whether the name of the elementwise op is one of the words of the host's attribute "activation".
  bool accepts(const Node& host, const Node& node, Attrs& attrs) {
    const auto [known, fresh] = words_.try_emplace(host.op->name + ' ' + node.op->name, false);
    try {
      if (!fresh && !known->second) return false;
      attrs = with_attr(host, "activation", node.op->name);
      return known->second = true;
    } catch (const Error&) {
      return false;
    }
  }

  // The host moves down to where `node` was, since a bias may be made in between, and takes over its result.
  void absorb(const Node& host, const Node& node, std::size_t i, Values in, Attrs attrs) {
    auto made = std::make_unique<Node>(Node{host.op, std::move(attrs), std::move(in), node.out, host.scope});
    graph_.info(host.out[0]).producer = nullptr;
    graph_.info(node.out[0]).producer = made.get();
    graph_.nodes[place_.at(&host)].reset();
    graph_.nodes[i] = std::move(made);
  }

  Graph& graph_;
  std::vector<int> uses_;
  std::unordered_map<const Node*, std::size_t> place_;
  std::unordered_map<std::string, bool> words_;
};

}  // namespace

void fuse_epilogues(Graph& graph) { EpilogueFuser(graph).run(); }

}  // namespace convcore::passes
