// Evaluates single ops on small arrays, by the implementation of a given name.
#pragma once

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/op_def.h"
#include "graph/run_once.h"
#include "graph/variable.h"

namespace eval {

using namespace convcore;

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>) return DType::boolean;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::u8;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::i32;
  if constexpr (std::is_same_v<T, std::uint32_t>) return DType::u32;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::i64;
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  return DType::f64;
}

struct Array {
  Type type;
  std::vector<std::byte> bytes;

  template <class T>
  static Array of(Shape shape, const std::vector<T>& values) {
    Array made;
    made.type.dtype = dtype_of<T>(), made.type.shape = std::move(shape);
    made.bytes.resize(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(made.bytes.data(), values.data(), made.bytes.size());
    return made;
  }
  // 0, 1, 2, ... + start
  template <class T = float>
  static Array range(Shape shape, int start = 0) {
    std::vector<T> values(static_cast<std::size_t>(shape.elements()));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(static_cast<int>(i) + start);
    return of(std::move(shape), values);
  }
  template <class T = float>
  std::vector<T> values() const {
    std::vector<T> made(bytes.size() / sizeof(T));
    if (!made.empty()) std::memcpy(made.data(), bytes.data(), bytes.size());
    return made;
  }
};

// The outputs of one node of `op`. An empty name takes the first implementation that accepts.
inline std::vector<Array> run(std::string_view op, const std::vector<Array>& in, const AttrMap& attrs = {},
                              std::string_view implementation = {}) {
  Graph g;
  Values values;
  std::vector<const void*> pointers;
  NodeView view;
  Types in_types, out_types;
  for (const Array& array : in) {
    values.push_back(g.input(array.type, "x"));
    in_types.push_back(array.type), pointers.push_back(array.bytes.data());
  }
  std::vector<Array> out;
  for (Value value : g.emit(op, values, attrs)) {
    out_types.push_back(g.type(value));
    out.push_back({g.type(value), std::vector<std::byte>(static_cast<std::size_t>(g.type(value).bytes()))});
  }
  std::vector<void*> results;
  for (Array& array : out) results.push_back(array.bytes.data());
  view.node = g.nodes.back().get(), view.in = in_types, view.out = out_types;
  for (const Implementation& one : view.node->op->implementations) {
    if (one.run == nullptr || (!implementation.empty() && one.name != implementation)) continue;
    if (one.refuses != nullptr && one.refuses(view)) continue;
    run_once(one, view, pointers, results);
    return out;
  }
  fail(op, "an implementation that accepts", implementation.empty() ? "none" : implementation);
}

// The outputs and then the updates of a graph of known shapes, node by node, with every value in memory of its own.
inline std::vector<Array> interpret(const Graph& graph, const std::vector<Array>& inputs) {
  std::vector<Array> values(graph.value_count());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ValueInfo& info = graph.info(Value{static_cast<std::int32_t>(i)});
    if (!info.type.shape.known()) continue;  // of a node that is gone
    values[i].type = info.type;
    values[i].bytes.resize(static_cast<std::size_t>(info.type.bytes()));
    if (info.source == Source::constant && info.data != nullptr) values[i].bytes = *info.data;
    if (info.source == Source::variable && !values[i].bytes.empty())
      std::memcpy(values[i].bytes.data(), info.variable->data(), values[i].bytes.size());
  }
  const auto of = [&](Value value) -> Array& { return values[static_cast<std::size_t>(value.id)]; };
  for (std::size_t i = 0; i < inputs.size(); ++i) of(graph.inputs[i]) = inputs[i];
  for (const auto& node : graph.nodes) {
    NodeView view;
    Types in_types, out_types;
    std::vector<const void*> in;
    std::vector<void*> out;
    for (Value value : node->in) in_types.push_back(graph.type(value)), in.push_back(of(value).bytes.data());
    for (Value value : node->out) out_types.push_back(graph.type(value)), out.push_back(of(value).bytes.data());
    view.node = node.get(), view.in = in_types, view.out = out_types;
    for (const Implementation& one : node->op->implementations) {
      if (one.run == nullptr || (one.refuses != nullptr && one.refuses(view))) continue;
      run_once(one, view, in, out);
      break;
    }
  }
  std::vector<Array> results;
  for (Value value : graph.outputs) results.push_back(of(value));
  for (const Update& update : graph.updates) results.push_back(of(update.value));
  return results;
}

}  // namespace eval
