// Kernels compute in float32 and int32: a node that reads or makes a type for storage (float16, bfloat16, int8, int16,
// uint16) becomes casts around the same node in the type that it is computed in.
//
// A cast back that the next node's cast would undo is left out where it rounds, and with it the rounding: a chain of nodes
// on halves computes as if it had been written in float32, and rounds where a value leaves it. Only what the graph itself
// casts down and up again is rounded to the bit. Integers wrap round at every node.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/stored.h"
#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

class Widener {
 public:
  explicit Widener(Graph& graph) : graph_(graph), cast_(find_op("cast")) {}

  Values operator()(const Node& node) {
    if (node.op == &cast_) return of_cast(node);
    const auto narrow = [&](Value value) { return is_narrow(graph_.type(value).dtype); };
    if (std::none_of(node.in.begin(), node.in.end(), narrow) && std::none_of(node.out.begin(), node.out.end(), narrow))
      return {};
    Values in;
    for (const Value value : node.in) in.push_back(narrow(value) ? wide(value) : value);
    Values out = graph_.emit(*node.op, in, widened(node));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const DType declared = graph_.type(node.out[i]).dtype;
      if (graph_.type(out[i]).dtype == declared) continue;
      out[i] = cast(out[i], declared);
      if (is_half(declared)) rounded_.insert(out[i].id);
    }
    return out;
  }

 private:
  // What was rounded only because its maker is declared to make a half is read as it was before.
  Values of_cast(const Node& node) {
    if (!rounded_.contains(node.in[0].id)) return {};
    const Value from = graph_.info(node.in[0]).producer->in[0];
    const DType to = graph_.type(node.out[0]).dtype;
    return {graph_.type(from).dtype == to ? from : cast(from, to)};
  }

  // A narrow value in the type it is computed in; halves unrounded if they were made from float32.
  Value wide(Value value) {
    const DType dtype = graph_.type(value).dtype;
    if (const Node* maker = producer(graph_, value, cast_);
        maker != nullptr && is_half(dtype) && graph_.type(maker->in[0]).dtype == DType::f32)
      return maker->in[0];
    Value& known = wide_[value.id];
    if (!known)
      known = graph_.info(value).source == Source::constant ? constant(value, dtype) : cast(value, computed_in(dtype));
    return known;
  }

  Value constant(Value value, DType dtype) {
    const ValueInfo& info = graph_.info(value);
    const Type type{computed_in(dtype), info.type.shape};
    if (info.data == nullptr) return graph_.placeholder(type);
    const auto* from = reinterpret_cast<const std::byte*>(info.data->data());
    const auto converted = [&]<class T>(T) {
      std::vector<T> values(info.data->size() / size_of(dtype));
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = load_element<T>(dtype, from + i * size_of(dtype));
      return graph_.constant(type, values.data());
    };
    return is_half(dtype) ? converted(float{}) : converted(std::int32_t{});
  }

  Value cast(Value value, DType to) {
    return graph_.emit(cast_, {value}, cast_.make_attrs({{"dtype", std::string(name(to))}}))[0];
  }

  // The attributes, with the wide type for the narrow one that one of them may ask for.
  Attrs widened(const Node& node) const {
    const AttrMap map = node.attrs.to_map();
    const AttrValue* dtype = find_attr(map, "dtype");
    if (dtype == nullptr) return node.attrs;
    for (int d = 0; d < dtype_count; ++d)
      if (const auto asked = static_cast<DType>(d); is_narrow(asked) && *dtype == AttrValue(std::string(name(asked))))
        return with_attr(node, "dtype", std::string(name(computed_in(asked))));
    return node.attrs;
  }

  Graph& graph_;
  const OpDef& cast_;
  std::unordered_map<std::int32_t, Value> wide_;
  std::unordered_set<std::int32_t> rounded_;  // what the casts back to halves make
};

bool has_narrow(const Graph& graph) {
  for (std::size_t v = 0; v < graph.value_count(); ++v)
    if (is_narrow(graph.type({static_cast<std::int32_t>(v)}).dtype)) return true;
  return false;
}

}  // namespace

void widen_narrow(Graph& graph) {
  if (has_narrow(graph)) rewrite(graph, Widener(graph));
}

}  // namespace convcore::passes
