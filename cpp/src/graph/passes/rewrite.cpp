// The walk that passes are written as, and small questions about graphs.
#include "graph/passes/rewrite.h"

#include <unordered_set>

#include "base/stored.h"
#include "graph/run_once.h"

namespace convcore::passes {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

class Replacements {
 public:
  void set(Value from, Value to) {
    if (at(from) >= to_.size()) to_.resize(at(from) + 1);
    to_[at(from)] = to;
  }
  void apply(Value& value) const {
    if (at(value) < to_.size() && to_[at(value)]) value = to_[at(value)];
  }

 private:
  Values to_;
};

}  // namespace

void rewrite(Graph& graph, const Rule& rule) {
  std::vector<std::unique_ptr<Node>> old;
  old.swap(graph.nodes);
  graph.nodes.reserve(old.size());
  const std::string scope = graph.scope;
  Replacements replaced;
  for (std::unique_ptr<Node>& node : old) {
    for (Value& value : node->in) replaced.apply(value);
    graph.scope = node->scope;
    const Values with = rule(*node);
    if (with.empty()) {
      graph.nodes.push_back(std::move(node));
      continue;
    }
    for (std::size_t i = 0; i < with.size(); ++i) {
      replaced.set(node->out[i], with[i]);
      graph.info(node->out[i]).producer = nullptr;
    }
  }
  for (Value& value : graph.outputs) replaced.apply(value);
  for (Update& update : graph.updates) replaced.apply(update.value);
  graph.scope = scope;
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.value_count());
  for (const auto& node : graph.nodes)
    for (Value value : node->in) ++uses[at(value)];
  for (Value value : graph.outputs) ++uses[at(value)];
  for (const Update& update : graph.updates) ++uses[at(update.value)];
  return uses;
}

std::vector<bool> steady_values(const Graph& graph) {
  std::unordered_set<const Variable*> written;
  for (const Update& update : graph.updates) written.insert(update.variable.get());
  std::vector<bool> steady(graph.value_count());
  for (std::size_t v = 0; v < steady.size(); ++v) {
    const ValueInfo& info = graph.info(Value{static_cast<std::int32_t>(v)});
    steady[v] =
        info.source == Source::constant || (info.source == Source::variable && !written.contains(info.variable.get()));
  }
  for (const auto& node : graph.nodes) {
    bool all = node->op->foldable;
    for (std::size_t i = 0; i < node->in.size(); ++i) all &= !reads_data(*node->op, i) || steady[at(node->in[i])];
    for (const Value out : node->out) steady[at(out)] = all;
  }
  return steady;
}

const Node* producer(const Graph& graph, Value value, const OpDef& op) {
  const Node* node = graph.info(value).producer;
  return node != nullptr && node->op == &op ? node : nullptr;
}

bool is_scalar_constant(const Graph& graph, Value value) {
  const ValueInfo& info = graph.info(value);
  return info.source == Source::constant && info.data != nullptr && info.type.shape.rank() == 0 && is_float(info.type.dtype);
}

double scalar_constant(const Graph& graph, Value value) {
  const ValueInfo& info = graph.info(value);
  return element_value(info.type.dtype, info.data->data());
}

const AttrValue* find_attr(const AttrMap& map, std::string_view name) {
  for (const NamedAttr& attr : map)
    if (attr.name == name) return &attr.value;
  return nullptr;
}

Attrs with_attr(const Node& node, std::string_view name, AttrValue value) {
  AttrMap map = node.attrs.to_map();
  for (NamedAttr& attr : map)
    if (attr.name == name) attr.value = value;
  return node.op->make_attrs(map);
}

Ints transpose_order(const Graph& graph, const Node& transpose) {
  const AttrMap map = transpose.attrs.to_map();
  Ints order = std::get<Ints>(*find_attr(map, "axes"));
  const int rank = graph.type(transpose.in[0]).shape.rank();
  for (int i = static_cast<int>(order.size()); i < rank; ++i) order.push_back(rank - 1 - i);
  for (std::int64_t& axis : order) axis = normalize_axis(axis, rank, "transpose");
  return order;
}

Values compute(Graph& graph, const Node& node) {
  Types in_types, out_types;
  std::vector<const void*> in;
  for (Value value : node.in) {
    const ValueInfo& info = graph.info(value);
    in_types.push_back(info.type);
    in.push_back(info.data != nullptr ? info.data->data() : nullptr);
  }
  std::vector<std::vector<std::byte>> results;
  std::vector<void*> out;
  for (Value value : node.out) {
    out_types.push_back(graph.type(value));
    results.emplace_back(static_cast<std::size_t>(graph.type(value).bytes()));
    out.push_back(results.back().data());
  }
  // The most exact algorithms, whatever may be used elsewhere: it is done once, and what it costs is little.
  const NodeView view{&node, in_types, out_types, {Precision::strict, current_settings().threads}};
  for (const Implementation& one : node.op->implementations) {
    if (one.device != Device::cpu || one.run == nullptr || (one.refuses != nullptr && one.refuses(view))) continue;
    run_once(one, view, in, out);
    Values made;
    for (std::size_t i = 0; i < results.size(); ++i) made.push_back(graph.constant(out_types[i], results[i].data()));
    return made;
  }
  return {};
}

}  // namespace convcore::passes
