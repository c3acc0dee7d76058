// Grouping by levels: a value's level grows by one wherever a path leaves a group (through a node that is not elementwise,
// or to another shape). Nodes of equal level and shape therefore never depend on each other through an outsider, so any of
// them may become one node, and finding them takes linear time.
#include "graph/passes/elementwise_groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }
std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

bool computes_float32(const Graph& graph, const Node& node) {
  const auto fits = [&](Value value) {
    const DType dtype = graph.type(value).dtype;
    return dtype == DType::f32 || dtype == DType::boolean;
  };
  return node.op->elementwise && node.out.size() == 1 && fits(node.out[0]) &&
         std::all_of(node.in.begin(), node.in.end(), fits);
}

class Grouper {
 public:
  explicit Grouper(const Graph& graph)
      : graph_(graph),
        count_(static_cast<int>(graph.nodes.size())),
        uses_(count_uses(graph)),
        maker_(graph.value_count(), -1) {
    // What stays the same from run to run is kept apart from what does not.
    const std::vector<bool> steady = steady_values(graph);
    std::map<std::pair<bool, std::vector<std::int64_t>>, int> shapes;
    for (int n = 0; n < count_; ++n) {
      const Node& node = *graph.nodes[at(n)];
      for (Value out : node.out) maker_[at(out)] = n;
      const bool fits = computes_float32(graph, node);
      const auto& dims = graph.type(node.out[0]).shape.dims();
      shape_.push_back(
          fits ? shapes.try_emplace({steady[at(node.out[0])], dims}, static_cast<int>(shapes.size())).first->second : -1);
    }
    readers_.resize(at(count_));
    for (int n = 0; n < count_; ++n)
      for (Value in : graph.nodes[at(n)]->in)
        if (maker_[at(in)] >= 0) readers_[at(maker_[at(in)])].push_back(n);
  }

  // A bool result cannot leave a group; its node stays alone then, and the rest is grouped anew.
  std::vector<std::vector<int>> run() {
    while (true) {
      find_levels();
      std::vector<std::vector<int>> groups = cut(components());
      if (!exclude_escaping_bools(groups)) return groups;
    }
  }

 private:
  bool together(int a, int b) const { return shape_[at(a)] >= 0 && shape_[at(a)] == shape_[at(b)]; }

  void find_levels() {
    level_.assign(at(count_), 0);
    for (int n = 0; n < count_; ++n)
      for (Value in : graph_.nodes[at(n)]->in)
        if (const int from = maker_[at(in)]; from >= 0)
          level_[at(n)] = std::max(level_[at(n)], level_[at(from)] + !together(from, n));
    for (int n = count_; n-- > 0;)
      if (shape_[at(n)] >= 0 && !readers_[at(n)].empty()) sink(n);
  }

  // Down to the level of its readers, where that lets it join them.
  void sink(int n) {
    int limit = std::numeric_limits<int>::max();
    bool joins = false;
    for (int reader : readers_[at(n)]) {
      const int bound = level_[at(reader)] - !together(n, reader);
      if (bound <= limit) joins = (bound == limit && joins) || together(n, reader), limit = bound;
    }
    if (joins) level_[at(n)] = std::max(level_[at(n)], limit);
  }

  int root(int n) {
    while (parent_[at(n)] != n) n = parent_[at(n)] = parent_[at(parent_[at(n)])];
    return n;
  }
  void join(int a, int b) {
    a = root(a), b = root(b);
    parent_[at(std::max(a, b))] = std::min(a, b);
  }

  // Connected by a value that one makes and the other reads, or that both read in full.
  std::vector<std::vector<int>> components() {
    parent_.resize(at(count_));
    std::iota(parent_.begin(), parent_.end(), 0);
    std::map<std::pair<std::int32_t, int>, int> reader_of;  // (value, level)
    for (int n = 0; n < count_; ++n) {
      if (shape_[at(n)] < 0) continue;
      const Node& node = *graph_.nodes[at(n)];
      for (Value in : node.in) {
        const int from = maker_[at(in)];
        if (from >= 0 && together(from, n) && level_[at(from)] == level_[at(n)]) join(from, n);
        if (graph_.type(in).shape != graph_.type(node.out[0]).shape || is_scalar_constant(graph_, in)) continue;
        const auto [other, fresh] = reader_of.try_emplace({in.id, level_[at(n)]}, n);
        if (!fresh && together(other->second, n)) join(other->second, n);
      }
    }
    std::map<int, std::vector<int>> found;
    for (int n = 0; n < count_; ++n)
      if (shape_[at(n)] >= 0) found[root(n)].push_back(n);
    std::vector<std::vector<int>> made;
    for (auto& [first, members] : found)
      if (members.size() > 1) made.push_back(std::move(members));
    return made;
  }

  // Pieces that keep the limits. Cutting in the order of the nodes makes no cycle.
  std::vector<std::vector<int>> cut(const std::vector<std::vector<int>>& components) const {
    std::vector<std::vector<int>> pieces;
    for (const std::vector<int>& members : components) {
      for (auto from = members.begin(); from != members.end();) {
        std::vector<int> piece(from, std::min(from + max_fused_steps, members.end()));
        while (piece.size() > 1 && !fits(piece)) piece.pop_back();
        from += static_cast<std::ptrdiff_t>(piece.size());
        if (piece.size() > 1) pieces.push_back(std::move(piece));
      }
    }
    return pieces;
  }

  bool fits(const std::vector<int>& piece) const {
    std::size_t immediates = 0;
    for (int n : piece) {
      const Node& node = *graph_.nodes[at(n)];
      immediates += node.op->immediates != nullptr ? node.op->immediates(node.attrs).size() : 0;
      for (Value in : node.in) immediates += is_scalar_constant(graph_, in);
    }
    const std::size_t inputs = group_inputs(graph_, piece).size();
    return immediates <= max_fused_immediates && inputs >= 1 && inputs <= max_fused_inputs &&
           group_outputs(graph_, piece, uses_).size() <= max_fused_outputs;
  }

  bool exclude_escaping_bools(const std::vector<std::vector<int>>& groups) {
    bool any = false;
    for (const std::vector<int>& group : groups)
      for (Value out : group_outputs(graph_, group, uses_))
        if (graph_.type(out).dtype == DType::boolean) shape_[at(maker_[at(out)])] = -1, any = true;
    return any;
  }

  const Graph& graph_;
  const int count_;
  const std::vector<int> uses_;
  std::vector<int> maker_;  // value to node
  std::vector<int> shape_;  // node to the number of its shape; -1: not to be grouped
  std::vector<std::vector<int>> readers_;
  std::vector<int> level_, parent_;
};

}  // namespace

std::vector<std::vector<int>> elementwise_groups(const Graph& graph) { return Grouper(graph).run(); }

Values group_inputs(const Graph& graph, const std::vector<int>& group) {
  Values made, inputs;
  const auto has = [](const Values& values, Value value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  for (int n : group) {
    const Node& node = *graph.nodes[at(n)];
    for (Value in : node.in)
      if (!has(made, in) && !has(inputs, in) && !is_scalar_constant(graph, in)) inputs.push_back(in);
    made.push_back(node.out[0]);
  }
  return inputs;
}

Values group_outputs(const Graph& graph, const std::vector<int>& group, const std::vector<int>& uses) {
  std::unordered_map<std::int32_t, int> inside;
  for (int n : group)
    for (Value in : graph.nodes[at(n)]->in) ++inside[in.id];
  Values outputs;
  for (int n : group) {
    const Value out = graph.nodes[at(n)]->out[0];
    const auto found = inside.find(out.id);
    if (uses[at(out)] > (found == inside.end() ? 0 : found->second)) outputs.push_back(out);
  }
  return outputs;
}

}  // namespace convcore::passes
