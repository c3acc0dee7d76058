// Reverse accumulation, graph to graph: the gradient is more nodes, which the passes then treat like any others.
#include <algorithm>

#include "base/error.h"
#include "graph/graph.h"
#include "graph/op_def.h"

namespace convcore {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

class Backward {
 public:
  Backward(Graph& graph, Value loss, const Values& wrt)
      : graph_(graph), scope_(graph.scope), depends_(graph.value_count()), parts_(graph.value_count()) {
    mark(wrt);
    if (depends_[at(loss)]) parts_[at(loss)].push_back(graph.scalar(1.0, graph.type(loss).dtype));
  }
  ~Backward() { graph_.scope = scope_; }
  Backward(const Backward&) = delete;
  Backward& operator=(const Backward&) = delete;

  Values run(const Values& wrt) {
    const std::size_t forward = graph_.nodes.size();
    for (std::size_t i = forward; i-- > 0;) visit(*graph_.nodes[i]);
    graph_.scope = scope_;
    Values made;
    for (Value value : wrt) made.push_back(total(value));
    drop_unread(forward, made);
    return made;
  }

 private:
  // Which values change with `wrt`: only nodes between those and the loss are visited.
  void mark(const Values& wrt) {
    for (Value value : wrt) depends_[at(value)] = is_float(graph_.type(value).dtype);
    for (const auto& node : graph_.nodes) {
      const bool moves = needs_gradient(*node);
      for (Value out : node->out)
        if (moves && is_float(graph_.type(out).dtype)) depends_[at(out)] = true;
    }
  }

  bool needs_gradient(const Node& node) const {
    for (std::size_t i = 0; i < node.in.size(); ++i)
      if (reads_data(*node.op, i) && depends_[at(node.in[i])]) return true;
    return false;
  }

  // The sum of what all readers of a value sent back; invalid if none did.
  Value total(Value value) {
    Values& parts = parts_[at(value)];
    while (parts.size() > 1) {
      const Value last = parts.back();
      parts.pop_back();
      parts.back() = graph_.emit1("add", {parts.back(), last});
    }
    return parts.empty() ? Value{} : parts[0];
  }

  void visit(const Node& node) {
    if (!needs_gradient(node)) return;
    graph_.scope = node.scope;
    Values dy;
    for (Value out : node.out) dy.push_back(total(out));
    if (std::none_of(dy.begin(), dy.end(), [](Value value) { return static_cast<bool>(value); })) return;
    if (node.op->grad == nullptr)
      fail(where(node), "an op with a gradient between the loss and the variables",
           cat("\"", node.op->name, "\" without one"), "Use stop_gradient where no gradient should flow.");
    const Values dx = node.op->grad(graph_, node, dy);
    if (dx.size() != node.in.size())
      fail(where(node), cat(node.in.size(), " gradients from its rule"), std::to_string(dx.size()));
    for (std::size_t i = 0; i < dx.size(); ++i)
      if (dx[i] && reads_data(*node.op, i) && depends_[at(node.in[i])]) accept_part(node, node.in[i], dx[i]);
  }

  void accept_part(const Node& node, Value value, Value part) {
    const Type &wanted = graph_.type(value), &given = graph_.type(part);
    const bool known = wanted.shape.known() && given.shape.known();
    if (given.dtype != wanted.dtype || given.shape.rank() != wanted.shape.rank() || (known && given.shape != wanted.shape))
      fail(where(node), cat("a gradient of type ", wanted.str()), given.str());
    parts_[at(value)].push_back(part);
  }

  static std::string where(const Node& node) {
    return cat("gradients: ", node.scope.empty() ? "" : node.scope + ": ", node.op->name);
  }

  // Rules emit the gradients of all their inputs; what nobody asked for goes again.
  void drop_unread(std::size_t first, const Values& made) {
    std::vector<bool> read(graph_.value_count());
    for (Value value : made)
      if (value) read[at(value)] = true;
    auto& nodes = graph_.nodes;
    for (std::size_t i = nodes.size(); i-- > first;) {
      if (std::any_of(nodes[i]->out.begin(), nodes[i]->out.end(), [&](Value out) { return read[at(out)]; })) {
        for (Value in : nodes[i]->in) read[at(in)] = true;
      } else {
        for (Value out : nodes[i]->out) graph_.info(out).producer = nullptr;
        nodes[i].reset();
      }
    }
    nodes.erase(std::remove(nodes.begin() + static_cast<std::ptrdiff_t>(first), nodes.end(), nullptr), nodes.end());
  }

  Graph& graph_;
  const std::string scope_;
  std::vector<bool> depends_;
  std::vector<Values> parts_;
};

}  // namespace

Values gradients(Graph& graph, Value loss, const Values& wrt) {
  for (Value value : wrt)
    if (!graph.contains(value)) fail("gradients", "values of this graph", cat("value ", value.id));
  if (!graph.contains(loss)) fail("gradients", "a loss of this graph", cat("value ", loss.id));
  const Type& type = graph.type(loss);
  if (!is_float(type.dtype) || type.shape.rank() != 0)
    fail("gradients", "a loss that is one float (shape ())", type.str(), "Reduce it, for example with mean or sum.");
  return Backward(graph, loss, wrt).run(wrt);
}

}  // namespace convcore
