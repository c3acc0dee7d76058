// What follows a batch normalisation in training goes into its last pass over memory: the sum with another tensor, then
// limits (relu, clip). The gradient of the limits goes into the normalisation's gradient, which can tell from x where they
// were reached: the value before the limits need not exist, nor its gradient.
#include <limits>
#include <optional>
#include <unordered_map>

#include "graph/passes/elementwise_groups.h"
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

struct Limits {
  double low, high;
  std::string text;  // as the attribute "activation" says it
};

class NormFuser {
 public:
  explicit NormFuser(Graph& graph) : graph_(graph), uses_(count_uses(graph)), reader_(graph.value_count(), -1) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      place_[graph.nodes[i].get()] = i;
      for (const Value in : graph.nodes[i]->in) reader_[at(in)] = static_cast<int>(i);
    }
  }

  void run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i] == nullptr) continue;
      if (graph_.nodes[i]->op == &norm_ && over_last_axis(*graph_.nodes[i])) {
        take_sum(i);
        take_limits(i);
      } else if (graph_.nodes[i]->op == &gradient_) {
        take_gradient(*graph_.nodes[i]);
      }
    }
    std::erase(graph_.nodes, nullptr);
  }

 private:
  static std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

  bool over_last_axis(const Node& node) const {
    const int rank = graph_.type(node.in[0]).shape.rank();
    return normalize_axis(std::get<std::int64_t>(*find_attr(node.attrs.to_map(), "axis")), rank, "axis") == rank - 1;
  }

  // The node that alone reads a value; null if there are several, or an output or an update reads it.
  const Node* only_reader(Value value) const {
    const int reader = reader_[at(value)];
    return uses_[at(value)] == 1 && reader >= 0 ? graph_.nodes[static_cast<std::size_t>(reader)].get() : nullptr;
  }

  // Node i with other attributes or inputs takes the place of itself and of the node that read its first result.
  void replace(std::size_t i, Attrs attrs, Values in, const Node& reader) {
    const Node& old = *graph_.nodes[i];
    Values out = old.out;
    graph_.info(out[0]).producer = nullptr;
    out[0] = reader.out[0];
    auto made = std::make_unique<Node>(Node{old.op, std::move(attrs), std::move(in), out, old.scope});
    for (const Value value : out) graph_.info(value).producer = made.get();
    graph_.nodes[place_.at(&reader)].reset();
    place_[made.get()] = i;
    graph_.nodes[i] = std::move(made);
  }

  // add(norm, other), if the other side is there already when the norm is computed.
  void take_sum(std::size_t i) {
    const Node& norm = *graph_.nodes[i];
    const Node* sum = only_reader(norm.out[0]);
    if (sum == nullptr || sum->op != &add_ || norm.in.size() != 3) return;
    const Value other = sum->in[sum->in[0] == norm.out[0] ? 1 : 0];
    const Type& type = graph_.type(norm.out[0]);
    if (graph_.type(other) != type || graph_.type(sum->out[0]) != type) return;
    const Node* maker = graph_.info(other).producer;
    if (maker != nullptr && place_.at(maker) >= i) return;
    Values in = norm.in;
    in.push_back(other);
    replace(i, norm.attrs, std::move(in), *sum);
  }

  void take_limits(std::size_t i) {
    const Node& norm = *graph_.nodes[i];
    const Node* reader = only_reader(norm.out[0]);
    if (reader == nullptr) return;
    std::optional<Limits> limits = limits_of(*reader, norm.out[0]);
    if (!limits) return;
    const bool plain = norm.in.size() == 3;
    replace(i, with_attr(norm, "activation", limits->text), norm.in, *reader);
    if (plain) limited_[graph_.nodes[i].get()] = std::move(*limits);
  }

  std::optional<Limits> limits_of(const Node& node, Value x) const {
    if (node.op == &relu_) return Limits{0, std::numeric_limits<double>::infinity(), "relu"};
    if (node.op != &clip_) return {};
    const AttrMap attrs = node.attrs.to_map();
    return Limits{std::get<double>(*find_attr(attrs, "min")), std::get<double>(*find_attr(attrs, "max")),
                  program_text(graph_, {static_cast<int>(place_.at(&node))}, {x}, node.out)};
  }

  // gradient(x, gamma, mean, variance, where(y is inside the limits, dy, 0)), where y = limits(norm(x)).
  void take_gradient(Node& node) {
    const Value masked = node.in[4];
    const Node *where = producer(graph_, masked, where_), *norm = nullptr;
    if (where == nullptr || uses_[at(masked)] != 1 || !is_number(where->in[2], 0)) return;
    if (graph_.type(where->in[1]) != graph_.type(masked)) return;
    for (const auto& [candidate, limits] : limited_)
      if (candidate->in[0] == node.in[0] && inside(where->in[0], candidate->out[0], limits)) norm = candidate;
    if (norm == nullptr || norm->in[1] != node.in[1] || norm->out[1] != node.in[2] || norm->out[2] != node.in[3]) return;
    node.attrs = with_attr(node, "activation", limited_.at(norm).text);
    node.in[4] = where->in[1];
    node.in.push_back(norm->in[2]);
  }

  bool is_number(Value value, double number) const {
    return is_scalar_constant(graph_, value) && scalar_constant(graph_, value) == number;
  }

  // Whether `condition` asks if y lies between the limits, as the gradients of relu and clip do.
  bool inside(Value condition, Value y, const Limits& limits) const {
    const auto compares = [&](Value value, const OpDef& op, double limit) {
      const Node* node = producer(graph_, value, op);
      return node != nullptr && node->in[0] == y && is_number(node->in[1], limit);
    };
    if (limits.text == "relu") return compares(condition, greater_, limits.low);
    const Node* both = producer(graph_, condition, and_);
    return both != nullptr && compares(both->in[0], greater_, limits.low) && compares(both->in[1], less_, limits.high);
  }

  Graph& graph_;
  std::vector<int> uses_;
  std::vector<int> reader_;  // per value, the last node that reads it
  std::unordered_map<const Node*, std::size_t> place_;
  std::unordered_map<const Node*, Limits> limited_;  // norms with limits and nothing added before them
  const OpDef &norm_ = find_op("batch_norm_training"), &gradient_ = find_op("batch_norm_training_backward");
  const OpDef &add_ = find_op("add"), &relu_ = find_op("relu"), &clip_ = find_op("clip"), &where_ = find_op("where");
  const OpDef &greater_ = find_op("greater"), &less_ = find_op("less"), &and_ = find_op("logical_and");
};

}  // namespace

void fuse_norm_activations(Graph& graph) { NormFuser(graph).run(); }

}  // namespace convcore::passes
