// Groups of elementwise nodes become one fused_elementwise node each: one pass over memory instead of one per node.
#include <charconv>
#include <unordered_map>

#include "graph/passes/elementwise_groups.h"
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

std::string immediate(double value) {
  char text[32];
  return cat('#', std::string_view(text, std::to_chars(text, text + sizeof text, value).ptr));
}

}  // namespace

std::string program_text(const Graph& graph, const std::vector<int>& group, const Values& inputs, const Values& outputs) {
  std::unordered_map<std::int32_t, int> registers;
  for (Value input : inputs) registers.emplace(input.id, static_cast<int>(registers.size()));
  std::string text;
  for (int n : group) {
    const Node& node = *graph.nodes[at(n)];
    text += cat(text.empty() ? "" : ";", node.op->name);
    for (Value in : node.in) {
      const auto found = registers.find(in.id);
      text += ' ' + (found != registers.end() ? std::to_string(found->second) : immediate(scalar_constant(graph, in)));
    }
    if (node.op->immediates != nullptr)
      for (double value : node.op->immediates(node.attrs)) text += ' ' + immediate(value);
    registers.emplace(node.out[0].id, static_cast<int>(registers.size()));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) text += cat(i == 0 ? '|' : ',', registers.at(outputs[i].id));
  return text;
}

namespace {

// Puts nodes in an order in which every value is made before it is read, as close to the given one as that allows.
class Sorter {
 public:
  Sorter(Graph& graph, std::vector<std::unique_ptr<Node>> nodes) : graph_(graph), from_(std::move(nodes)) {
    for (std::size_t i = 0; i < from_.size(); ++i) place_.emplace(from_[i].get(), i);
  }

  void run() {
    for (std::size_t i = 0; i < from_.size(); ++i) place_with_needs(i);
  }

 private:
  void place_with_needs(std::size_t last) {
    std::vector<std::size_t> stack{last};
    while (!stack.empty()) {
      const std::size_t top = stack.back();
      if (from_[top] == nullptr) {
        stack.pop_back();
        continue;
      }
      const std::size_t before = stack.size();
      for (Value in : from_[top]->in)
        if (const Node* maker = graph_.info(in).producer; maker != nullptr && from_[place_.at(maker)] != nullptr)
          stack.push_back(place_.at(maker));
      if (stack.size() > before) continue;
      stack.pop_back();
      graph_.nodes.push_back(std::move(from_[top]));
    }
  }

  Graph& graph_;
  std::vector<std::unique_ptr<Node>> from_;
  std::unordered_map<const Node*, std::size_t> place_;
};

}  // namespace

void fuse_elementwise(Graph& graph) {
  const std::vector<std::vector<int>> groups = elementwise_groups(graph);
  if (groups.empty()) return;
  const std::vector<int> uses = count_uses(graph);
  const OpDef& op = find_op("fused_elementwise");
  for (const std::vector<int>& group : groups) {
    const Values inputs = group_inputs(graph, group), outputs = group_outputs(graph, group, uses);
    const std::string text = program_text(graph, group, inputs, outputs);
    auto fused = std::make_unique<Node>();
    fused->op = &op, fused->attrs = op.make_attrs({{"program", text}});
    fused->in = inputs, fused->out = outputs, fused->scope = graph.nodes[at(group.back())]->scope;
    for (int n : group) {
      graph.info(graph.nodes[at(n)]->out[0]).producer = nullptr;
      if (n != group.back()) graph.nodes[at(n)].reset();
    }
    for (Value out : outputs) graph.info(out).producer = fused.get();
    graph.nodes[at(group.back())] = std::move(fused);
  }
  std::erase(graph.nodes, nullptr);
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.swap(graph.nodes);
  Sorter(graph, std::move(nodes)).run();
}

}  // namespace convcore::passes
