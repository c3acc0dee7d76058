// Values are numbered: the inputs first, then variables and constants, then the outputs of every node in order.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "base/stored.h"
#include "graph/op_def.h"
#include "graph/variable.h"
#include "io/graph_json.h"

namespace convcore {

namespace {

template <class Range, class F>
std::string joined(const Range& range, F&& text) {
  std::string made;
  for (const auto& item : range) made += (made.empty() ? "" : ",") + text(item);
  return made;
}

std::string shape_json(const Shape& shape) {
  return '[' + joined(shape.dims(), [](std::int64_t n) { return n == unknown ? "null" : std::to_string(n); }) + ']';
}

std::string type_json(const Type& type) {
  return cat("\"dtype\":\"", name(type.dtype), "\",\"shape\":", shape_json(type.shape));
}

struct AttrJson {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return json_number(value); }
  std::string operator()(const std::string& value) const { return json_quoted(value); }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    return '[' + joined(values, *this) + ']';
  }
};

class Writer {
 public:
  Writer(const NamedGraph& named, const NamedVariables& variables, std::map<std::string, TensorBytes>& constants)
      : named_(named), graph_(named.graph), constants_(constants) {
    for (const NamedVariable& v : variables) names_[v.variable.get()] = v.name;
  }

  std::string text() {
    for (const Value input : graph_.inputs) number(input);
    number_sources();
    const std::string nodes = joined(graph_.nodes, [&](const auto& node) { return node_json(*node); });
    std::size_t i = 0, o = 0;
    const std::string inputs = joined(graph_.inputs, [&](Value v) {
      return cat("{\"name\":", json_quoted(named_.inputs.at(i++)), ',', type_json(graph_.type(v)), '}');
    });
    const std::string outputs = joined(graph_.outputs, [&](Value v) {
      return cat("{\"name\":", json_quoted(named_.outputs.at(o++)), ",\"value\":", ids_.at(v.id), '}');
    });
    const std::string updates = joined(graph_.updates, [&](const Update& u) {
      return cat("{\"variable\":", json_quoted(name_of(u.variable)), ",\"value\":", ids_.at(u.value.id), '}');
    });
    return cat("{\"inputs\":[", inputs, "],\"values\":[", sources_, "],\"nodes\":[", nodes, "],\"outputs\":[", outputs,
               "],\"updates\":[", updates, "]}");
  }

 private:
  void number(Value value) { ids_.emplace(value.id, static_cast<std::int64_t>(ids_.size())); }

  void number_sources() {
    const auto source = [&](Value value) {
      if (graph_.info(value).source == Source::node || ids_.count(value.id) > 0) return;
      sources_ += (sources_.empty() ? "" : ",") + source_json(graph_.info(value));
      number(value);
    };
    for (const auto& node : graph_.nodes)
      for (const Value value : node->in) source(value);
    for (const Value value : graph_.outputs) source(value);
    for (const Update& update : graph_.updates) source(update.value);
  }

  const std::string& name_of(const VariablePtr& variable) const {
    const auto found = names_.find(variable.get());
    if (found == names_.end())
      fail("model file", "variables that the file names", cat("variable \"", variable->name(), '"'));
    return found->second;
  }

  std::string source_json(const ValueInfo& info) {
    if (info.source == Source::variable) return cat("{\"variable\":", json_quoted(name_of(info.variable)), '}');
    if (info.data == nullptr) return cat('{', type_json(info.type), '}');
    if (info.type.shape.rank() == 0 && is_float(info.type.dtype)) {
      const double value = element_value(info.type.dtype, info.data->data());
      if (!std::isnan(value)) return cat("{\"scalar\":", json_number(value), ",\"dtype\":\"", name(info.type.dtype), "\"}");
    }
    const std::string key = cat("#constant/", constants_.size());
    constants_[key] = {info.type, {info.data->data(), static_cast<std::size_t>(info.type.bytes())}};
    return cat("{\"constant\":", json_quoted(key), '}');
  }

  std::string node_json(const Node& node) {
    std::string attrs;
    for (const NamedAttr& attr : node.attrs.to_map()) {
      if (std::find(node.op->defaults.begin(), node.op->defaults.end(), attr) != node.op->defaults.end()) continue;
      attrs += cat(attrs.empty() ? "" : ",", json_quoted(attr.name), ':', std::visit(AttrJson{}, attr.value));
    }
    const std::string in = joined(node.in, [&](Value v) { return std::to_string(ids_.at(v.id)); });
    for (const Value out : node.out) number(out);
    return cat("{\"op\":", json_quoted(node.op->name), ",\"in\":[", in, ']',
               attrs.empty() ? "" : cat(",\"attrs\":{", attrs, '}'),
               node.scope.empty() ? "" : cat(",\"scope\":", json_quoted(node.scope)), '}');
  }

  const NamedGraph& named_;
  const Graph& graph_;
  std::map<std::string, TensorBytes>& constants_;
  std::unordered_map<const Variable*, std::string> names_;
  std::unordered_map<std::int32_t, std::int64_t> ids_;
  std::string sources_;
};

}  // namespace

std::string write_graph(const NamedGraph& named, const NamedVariables& variables,
                        std::map<std::string, TensorBytes>& constants) {
  return Writer(named, variables, constants).text();
}

}  // namespace convcore
