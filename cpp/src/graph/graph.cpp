// Building graphs: every value gets its type here, so a mistake is reported where the user made it.
#include "graph/graph.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/stored.h"
#include "graph/op_def.h"
#include "graph/variable.h"

namespace convcore {

namespace {

bool compatible(const Shape& declared, const Shape& given) {
  if (declared.rank() != given.rank()) return false;
  for (int axis = 0; axis < declared.rank(); ++axis)
    if (declared[axis] != unknown && given[axis] != unknown && declared[axis] != given[axis]) return false;
  return true;
}

bool is_variadic(const OpDef& op) { return !op.inputs.empty() && op.inputs.back().ends_with("..."); }

void check_count(const OpDef& op, std::size_t count) {
  const std::size_t most = op.inputs.size();
  std::size_t least = 0;
  std::string names;
  for (const std::string& input : op.inputs) {
    least += !input.ends_with('?') && !input.ends_with("...");
    names += cat(names.empty() ? "" : ", ", input);
  }
  const bool fits = is_variadic(op) ? count >= std::max<std::size_t>(least, 1) : count >= least && count <= most;
  if (!fits) fail(op.name, cat("inputs (", names, ')'), cat(count, count == 1 ? " input" : " inputs"));
}

// An error of infer() names the op; the layer that emitted the node is added here.
Types infer_in_scope(const OpDef& op, const Attrs& attrs, const Types& in, const std::string& scope) {
  try {
    return op.infer(attrs, in);
  } catch (const Error& error) {
    if (scope.empty()) throw;
    throw Error(cat(scope, ": ", error.what()));
  }
}

Types types_of(const Graph& graph, const Values& values) {
  Types types;
  types.reserve(values.size());
  for (Value value : values) types.push_back(graph.type(value));
  return types;
}

}  // namespace

Value Graph::add(ValueInfo info) {
  values_.push_back(std::move(info));
  return {static_cast<std::int32_t>(values_.size() - 1)};
}

Graph Graph::clone() const {
  Graph copy;
  copy.inputs = inputs, copy.outputs = outputs, copy.updates = updates, copy.scope = scope;
  copy.values_ = values_, copy.scalars_ = scalars_, copy.variables_ = variables_;
  for (ValueInfo& info : copy.values_) info.producer = nullptr;
  for (const auto& node : nodes) {
    copy.nodes.push_back(std::make_unique<Node>(*node));
    for (Value value : node->out) copy.info(value).producer = copy.nodes.back().get();
  }
  return copy;
}

Value Graph::input(Type type, std::string name) {
  ValueInfo info;
  info.type = std::move(type), info.source = Source::input, info.name = std::move(name);
  inputs.push_back(add(std::move(info)));
  return inputs.back();
}

Value Graph::variable(const VariablePtr& variable) {
  if (variable == nullptr) fail("graph", "a variable", "none");
  if (const auto found = variables_.find(variable.get()); found != variables_.end()) return found->second;
  ValueInfo info;
  info.type = variable->type(), info.source = Source::variable, info.variable = variable;
  return variables_[variable.get()] = add(std::move(info));
}

Value Graph::constant(Type type, const void* bytes) {
  if (!type.shape.known()) fail("constant", "a shape with known dimensions", type.shape.str());
  const auto size = static_cast<std::size_t>(type.bytes());
  auto data = std::make_shared<std::vector<std::byte>>(size);
  if (size > 0) std::memcpy(data->data(), bytes, size);
  ValueInfo info;
  info.type = std::move(type), info.source = Source::constant, info.data = std::move(data);
  return add(std::move(info));
}

Value Graph::placeholder(Type type) {
  ValueInfo info;
  info.type = std::move(type), info.source = Source::constant;
  return add(std::move(info));
}

Value Graph::scalar(double value, DType dtype) {
  std::uint64_t bits = 0;
  set_element(dtype, value, &bits);
  const auto [place, fresh] = scalars_.try_emplace({dtype, bits});
  if (fresh) place->second = constant({dtype, {}}, &bits);
  return place->second;
}

Values Graph::emit(std::string_view op, const Values& in, const AttrMap& attrs) {
  const OpDef& def = find_op(op);
  return emit(def, in, def.make_attrs(attrs));
}

Values Graph::emit_typed(std::string_view op, const Values& in, Attrs attrs) {
  return emit(find_op(op), in, std::move(attrs));
}

Values Graph::emit(const OpDef& op, const Values& in, Attrs attrs) {
  for (Value value : in)
    if (!contains(value)) fail(op.name, "values of this graph", cat("value ", value.id));
  check_count(op, in.size());
  Types types = infer_in_scope(op, attrs, types_of(*this, in), scope);
  auto node = std::make_unique<Node>(Node{&op, std::move(attrs), in, {}, scope});
  for (Type& type : types) {
    ValueInfo info;
    info.type = std::move(type), info.producer = node.get();
    node->out.push_back(add(std::move(info)));
  }
  nodes.push_back(std::move(node));
  return nodes.back()->out;
}

Types infer_types(const Graph& graph, const Node& node) {
  return infer_in_scope(*node.op, node.attrs, types_of(graph, node.in), node.scope);
}

void Graph::update(const VariablePtr& variable, Value value) {
  if (variable == nullptr || !contains(value))
    fail("update", "a variable and a value of this graph", cat("value ", value.id));
  const Type& given = type(value);
  const Type& wanted = variable->type();
  if (given.dtype != wanted.dtype || !compatible(wanted.shape, given.shape))
    fail(cat("update of \"", variable->name(), '"'), wanted.str(), given.str());
  for (Update& earlier : updates)
    if (earlier.variable == variable) return void(earlier.value = value);
  updates.push_back({variable, value});
}

namespace {

void check_inputs(const Graph& graph, std::span<const Shape> shapes) {
  if (shapes.size() != graph.inputs.size())
    fail("call", cat(graph.inputs.size(), graph.inputs.size() == 1 ? " input" : " inputs"), std::to_string(shapes.size()));
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const ValueInfo& input = graph.info(graph.inputs[i]);
    const std::string where = cat("input ", i, " (\"", input.name, "\")");
    if (!compatible(input.type.shape, shapes[i])) fail(where, cat("shape ", input.type.shape.str()), shapes[i].str());
    if (!shapes[i].known()) fail(where, "a shape with known dimensions", shapes[i].str());
  }
}

void check_updates(const Graph& graph) {
  for (const Update& update : graph.updates)
    if (graph.type(update.value) != update.variable->type())
      fail(cat("update of \"", update.variable->name(), '"'), update.variable->type().str(), graph.type(update.value).str());
}

}  // namespace

Graph bind(const Graph& graph, std::span<const Shape> input_shapes) {
  check_inputs(graph, input_shapes);
  Graph bound = graph.clone();
  for (std::size_t i = 0; i < input_shapes.size(); ++i) bound.info(bound.inputs[i]).type.shape = input_shapes[i];
  for (const auto& node : bound.nodes) {
    const Types types = infer_types(bound, *node);
    for (std::size_t i = 0; i < node->out.size(); ++i) bound.info(node->out[i]).type = types[i];
  }
  check_updates(bound);
  return bound;
}

}  // namespace convcore
