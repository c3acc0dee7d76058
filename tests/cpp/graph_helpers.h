// Small graphs for the tests of passes: making them, and asking what became of them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "graph/op_def.h"
#include "graph/variable.h"

namespace convcore {

inline std::vector<std::string> op_names(const Graph& g) {
  std::vector<std::string> names;
  for (const auto& node : g.nodes) names.push_back(node->op->name);
  return names;
}
using Names = std::vector<std::string>;

inline const Node& maker(const Graph& g, Value value) { return *g.info(value).producer; }

inline AttrValue attr_or(const Node& node, std::string_view name, AttrValue otherwise) {
  for (const NamedAttr& one : node.attrs.to_map())
    if (one.name == name) return one.value;
  return otherwise;
}

inline AttrValue attr(const Node& node, std::string_view name) {
  return attr_or(node, name, std::string("no such attribute"));
}

inline Value float_input(Graph& g, Shape shape) { return g.input({DType::f32, std::move(shape)}, "x"); }

inline VariablePtr variable(Shape shape, float value = 0) {
  auto made = std::make_shared<Variable>(Type{DType::f32, shape}, "v");
  std::fill_n(static_cast<float*>(made->data()), shape.elements(), value);
  return made;
}

}  // namespace convcore
