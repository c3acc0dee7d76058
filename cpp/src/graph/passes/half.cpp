// Kernels compute in float32: a node that reads or makes float16 or bfloat16 becomes casts around the same node in float32.
//
// A cast back that the next node's cast would undo is left out, and with it a rounding: a chain of such nodes computes as if
// it had been written in float32, and rounds where a value leaves it. Only what the graph itself casts down and up again is
// rounded to the bit.
#include "base/half.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

class Widener {
 public:
  explicit Widener(Graph& graph) : graph_(graph), cast_(find_op("cast")) {}

  Values operator()(const Node& node) {
    if (node.op == &cast_) return of_cast(node);
    const auto half = [&](Value value) { return is_half(graph_.type(value).dtype); };
    if (std::none_of(node.in.begin(), node.in.end(), half) && std::none_of(node.out.begin(), node.out.end(), half))
      return {};
    Values in;
    for (const Value value : node.in) in.push_back(half(value) ? wide(value) : value);
    Values out = graph_.emit(*node.op, in, in_float32(node));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const DType declared = graph_.type(node.out[i]).dtype;
      if (graph_.type(out[i]).dtype == declared) continue;
      out[i] = cast(out[i], declared);
      added_.insert(out[i].id);
    }
    return out;
  }

 private:
  // What was rounded only because its maker is declared to make a half is read as it was before.
  Values of_cast(const Node& node) {
    if (!added_.contains(node.in[0].id)) return {};
    const Value from = graph_.info(node.in[0]).producer->in[0];
    const DType to = graph_.type(node.out[0]).dtype;
    return {graph_.type(from).dtype == to ? from : cast(from, to)};
  }

  // A half value in float32; unrounded if it was made from float32.
  Value wide(Value half) {
    if (const Node* maker = producer(graph_, half, cast_); maker != nullptr && graph_.type(maker->in[0]).dtype == DType::f32)
      return maker->in[0];
    Value& known = wide_[half.id];
    if (!known) known = graph_.info(half).source == Source::constant ? constant(half) : cast(half, DType::f32);
    return known;
  }

  Value constant(Value half) {
    const ValueInfo& info = graph_.info(half);
    const Type type{DType::f32, info.type.shape};
    if (info.data == nullptr) return graph_.placeholder(type);
    const auto* from = reinterpret_cast<const std::uint16_t*>(info.data->data());
    std::vector<float> values(info.data->size() / sizeof *from);
    std::transform(from, from + values.size(), values.begin(),
                   [&](std::uint16_t bits) { return float_of_half(info.type.dtype, bits); });
    return graph_.constant(type, values.data());
  }

  Value cast(Value value, DType to) {
    return graph_.emit(cast_, {value}, cast_.make_attrs({{"dtype", std::string(name(to))}}))[0];
  }

  // The attributes, with float32 for the half type that one of them may ask for.
  Attrs in_float32(const Node& node) const {
    const AttrMap map = node.attrs.to_map();
    const AttrValue* dtype = find_attr(map, "dtype");
    for (const DType half : {DType::f16, DType::bf16})
      if (dtype != nullptr && *dtype == AttrValue(std::string(name(half))))
        return with_attr(node, "dtype", std::string(name(DType::f32)));
    return node.attrs;
  }

  Graph& graph_;
  const OpDef& cast_;
  std::unordered_map<std::int32_t, Value> wide_;
  std::unordered_set<std::int32_t> added_;  // what the casts back make
};

bool has_halves(const Graph& graph) {
  for (std::size_t v = 0; v < graph.value_count(); ++v)
    if (is_half(graph.type({static_cast<std::int32_t>(v)}).dtype)) return true;
  return false;
}

}  // namespace

void widen_halves(Graph& graph) {
  if (has_halves(graph)) rewrite(graph, Widener(graph));
}

}  // namespace convcore::passes
