// Graphs as text, for people and for error messages.
#include <algorithm>

#include "base/error.h"
#include "base/stored.h"
#include "graph/graph.h"
#include "graph/op_def.h"
#include "graph/variable.h"

namespace convcore {

namespace {

std::string list(const Values& values) {
  std::string text;
  for (Value value : values) text += cat(text.empty() ? "%" : ", %", value.id);
  return text;
}

// The number in a rank-0 constant.
std::string scalar_text(const ValueInfo& info) { return str(AttrValue(element_value(info.type.dtype, info.data->data()))); }

std::string source_line(const Graph& graph, Value value) {
  const ValueInfo& info = graph.info(value);
  std::string what;
  if (info.source == Source::input) {
    what = cat("input \"", info.name, '"');
  } else if (info.source == Source::variable) {
    what = cat("variable \"", info.variable->name(), '"');
  } else if (info.data == nullptr) {
    what = "shape";
  } else {
    what = info.type.shape.rank() == 0 ? cat("constant ", scalar_text(info)) : "constant";
  }
  return cat('%', value.id, " = ", what, " : ", info.type.str(), '\n');
}

std::string attributes(const Node& node) {
  std::string text;
  for (const NamedAttr& attr : node.attrs.to_map()) {
    const AttrMap& defaults = node.op->defaults;
    if (std::find(defaults.begin(), defaults.end(), attr) == defaults.end())
      text += cat(text.empty() ? " " : ", ", attr.name, '=', str(attr.value));
  }
  return text;
}

std::string node_line(const Graph& graph, const Node& node) {
  std::string text = cat(list(node.out), " = ", node.op->name, '(', list(node.in), ')', attributes(node), " :");
  for (std::size_t i = 0; i < node.out.size(); ++i) text += cat(i == 0 ? " " : ", ", graph.type(node.out[i]).str());
  return text + (node.scope.empty() ? "\n" : cat("  # ", node.scope, '\n'));
}

}  // namespace

std::string print(const Graph& graph) {
  std::vector<bool> seen(graph.value_count());
  std::string text;
  const auto source = [&](Value value) {
    if (!graph.contains(value) || graph.info(value).source == Source::node || seen[static_cast<std::size_t>(value.id)])
      return;
    seen[static_cast<std::size_t>(value.id)] = true;
    text += source_line(graph, value);
  };
  for (Value value : graph.inputs) source(value);
  for (const auto& node : graph.nodes) {
    for (Value value : node->in) source(value);
    text += node_line(graph, *node);
  }
  for (Value value : graph.outputs) source(value);
  for (const Update& update : graph.updates) source(update.value);
  text += cat("return ", list(graph.outputs), '\n');
  for (const Update& update : graph.updates)
    text += cat("update \"", update.variable->name(), "\" = %", update.value.id, '\n');
  return text;
}

}  // namespace convcore
