// Batch normalisation at inference is a product with one number per channel and a sum with another. Behind a convolution or
// a dense product both go into its kernel and its bias: those then depend on variables alone, and the plan computes them
// again only when a variable has changed.
#include <string_view>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

class ChannelScaleFolder {
 public:
  explicit ChannelScaleFolder(Graph& graph) : graph_(graph), uses_(count_uses(graph)), steady_(steady_values(graph)) {}

  Values operator()(const Node& node) {
    const std::string_view op = node.op->name;
    const bool scales = op == "multiply" || op == "divide", shifts = op == "add" || op == "subtract";
    if (!scales && !shifts) return {};
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      if (side == 1 && (op == "divide" || op == "subtract")) break;
      const Node* host = open_host(node.in[side]);
      if (host == nullptr || graph_.type(node.out[0]) != graph_.type(host->out[0])) continue;
      const Value vector = channels_of(*host, node.in[1 - side]);
      if (!vector) continue;
      const Values in = scales ? scaled(*host, op, vector) : shifted(*host, op, vector);
      if (!in.empty()) return moved(*host, node, in);
    }
    return {};
  }

 private:
  // The node before, if nothing has been fused into it and this is the only reader of its result.
  const Node* open_host(Value value) const {
    const Node* host = graph_.info(value).producer;
    if (host == nullptr || host->op->filter_axis == 0 || uses_[at(value)] != 1) return nullptr;
    if (host->in.size() > static_cast<std::size_t>(host->op->bias_input) + 1) return nullptr;
    return *find_attr(host->attrs.to_map(), "activation") == AttrValue(std::string("linear")) ? host : nullptr;
  }

  bool steady(Value value) const { return at(value) < steady_.size() && steady_[at(value)]; }
  Value kept(Value made) {
    steady_.resize(graph_.value_count());
    return steady_[at(made)] = true, made;
  }
  Value emit(std::string_view op, Value a, Value b) { return kept(graph_.emit1(op, {a, b})); }
  Value reshaped(Value value, Ints dims) {
    if (graph_.type(value).shape == Shape(dims)) return value;
    return kept(graph_.emit1("reshape", {value}, AttrMap{{"shape", std::move(dims)}}));
  }

  // A steady number, or one per channel as a vector; invalid if `value` is neither.
  Value channels_of(const Node& host, Value value) {
    const Shape &s = graph_.type(value).shape, &y = graph_.type(host.out[0]).shape;
    if (!steady(value)) return {};
    if (s.rank() == 0) return value;
    const std::int64_t channels = y[y.rank() - 1];
    return s.elements() == channels && s[s.rank() - 1] == channels ? reshaped(value, {channels}) : Value{};
  }

  Values scaled(const Node& host, std::string_view op, Value factor) {
    const Value kernel = host.in[1];
    const Shape& shape = graph_.type(kernel).shape;
    Value along = factor;
    if (graph_.type(factor).shape.rank() == 1 && host.op->filter_axis == 2) {
      if (shape[shape.rank() - 2] != graph_.type(factor).shape[0]) return {};  // filters of several groups
      along = reshaped(factor, {shape[shape.rank() - 2], 1});
    }
    if (!steady(kernel) || (host.in.size() > 2 && !steady(host.in[2]))) return {};
    Values in = {host.in[0], emit(op, kernel, along)};
    if (host.in.size() > 2) in.push_back(emit(op, host.in[2], factor));
    return in;
  }

  Values shifted(const Node& host, std::string_view op, Value shift) {
    if (graph_.type(shift).shape.rank() == 0) return {};
    if (host.in.size() > 2) {
      if (!steady(host.in[2])) return {};
      return {host.in[0], host.in[1], emit(op, host.in[2], shift)};
    }
    return {host.in[0], host.in[1], op == "add" ? shift : kept(graph_.emit1("negative", {shift}))};
  }

  Values moved(const Node& host, const Node& node, const Values& in) {
    graph_.scope = host.scope;
    const Values made = graph_.emit(*host.op, in, host.attrs);
    uses_.resize(graph_.value_count());
    uses_[at(made[0])] = uses_[at(node.out[0])];
    return made;
  }

  Graph& graph_;
  std::vector<int> uses_;
  std::vector<bool> steady_;
};

}  // namespace

void fold_channel_scales(Graph& graph) { rewrite(graph, ChannelScaleFolder(graph)); }

}  // namespace convcore::passes
