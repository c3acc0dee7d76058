// channels_last is the one layout that kernels know. A node with data_format="channels_first" becomes a channels_last node
// between transposes; those then move down through everything that does not care about the order of axes, and meet their
// inverses. What is left stands at the edges of the model.
#include <algorithm>
#include <optional>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
bool bit(std::uint32_t mask, std::size_t i) { return i < 32 && (mask >> i & 1) != 0; }

Ints inverse(const Ints& order) {
  Ints made(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) made[at(order[i])] = static_cast<std::int64_t>(i);
  return made;
}

// channels_first from channels_last: (0, last, 1, 2, ...)
Ints to_first(int rank) {
  Ints order{0, rank - 1};
  for (int axis = 1; axis < rank - 1; ++axis) order.push_back(axis);
  return order;
}

class Mover {
 public:
  explicit Mover(Graph& graph) : graph_(graph), transpose_(find_op("transpose")), wanted_(graph.value_count()) {
    for (std::size_t i = graph.nodes.size(); i-- > 0;) mark_wanted(*graph.nodes[i]);
  }

  Values operator()(const Node& node) {
    const AttrMap map = node.attrs.to_map();
    if (node.op->channels_in != 0) {
      const AttrValue* format = find_attr(map, "data_format");
      if (format != nullptr) return is_channels_first(*format) ? to_channels_last(node) : Values{};
      if (const AttrValue* axis = find_attr(map, "axis")) return below_axis(node, std::get<std::int64_t>(*axis));
    }
    if (node.op->elementwise && node.out.size() == 1) return below_elementwise(node);
    return node.op->reduces ? below_reduction(node, map) : Values{};
  }

 private:
  static bool is_channels_first(const AttrValue& format) { return format == AttrValue(std::string("channels_first")); }

  // Values that a channels_first node reads, if only after further elementwise nodes: they will be turned anyway.
  void mark_wanted(const Node& node) {
    if (node.op->channels_in != 0) {
      const AttrMap map = node.attrs.to_map();
      const AttrValue* format = find_attr(map, "data_format");
      if (format == nullptr || !is_channels_first(*format)) return;
      for (std::size_t i = 0; i < node.in.size(); ++i)
        if (bit(node.op->channels_in, i) && reads_data(*node.op, i)) wanted_[at(node.in[i].id)] = true;
    } else if (node.op->elementwise && wanted_[at(node.out[0].id)]) {
      for (Value in : node.in)
        if (shape(in) == shape(node.out[0])) wanted_[at(in.id)] = true;
    }
  }

  const Shape& shape(Value value) const { return graph_.type(value).shape; }

  // The order of the transpose that makes a value.
  std::optional<Ints> order_of(Value value) const {
    const Node* node = producer(graph_, value, transpose_);
    return node != nullptr ? std::optional(transpose_order(graph_, *node)) : std::nullopt;
  }
  Value below(Value value) const { return graph_.info(value).producer->in[0]; }

  // transpose(value, order), or what that is if the value is a transpose itself.
  Value turned(Value value, const Ints& order) {
    if (order_of(value) == inverse(order)) return below(value);
    return graph_.emit1("transpose", {value}, {{"axes", order}});
  }

  // An input in the layout it has before transpose(., order); inputs of which only the shape is read stay without data.
  Value before(const Node& node, std::size_t i, const Ints& order) {
    if (reads_data(*node.op, i)) return turned(node.in[i], inverse(order));
    Type type = graph_.type(node.in[i]);
    for (std::size_t axis = 0; axis < order.size(); ++axis)
      type.shape[static_cast<int>(order[axis])] = shape(node.in[i])[static_cast<int>(axis)];
    return graph_.placeholder(type);
  }

  // Emits the node one transpose earlier: on inputs before it, with its marked outputs transposed.
  Values moved(const Node& node, const Ints& order, Attrs attrs) {
    Values in = node.in;
    for (std::size_t i = 0; i < in.size(); ++i)
      if (bit(node.op->channels_in, i)) in[i] = before(node, i, order);
    Values out = graph_.emit(*node.op, in, std::move(attrs));
    for (std::size_t i = 0; i < out.size(); ++i)
      if (bit(node.op->channels_out, i)) out[i] = turned(out[i], order);
    return out;
  }

  Values to_channels_last(const Node& node) {
    const int rank = shape(node.in[0]).rank();
    return moved(node, to_first(rank), with_attr(node, "data_format", std::string("channels_last")));
  }

  // Batch normalisation and the like: the axis is renamed, if all data comes through one transpose.
  Values below_axis(const Node& node, std::int64_t axis) {
    std::optional<Ints> order;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (!bit(node.op->channels_in, i) || !reads_data(*node.op, i)) continue;
      const std::optional<Ints> found = order_of(node.in[i]);
      if (!found || (order && order != found)) return {};
      order = found;
    }
    if (!order) return {};
    const std::int64_t renamed = (*order)[at(normalize_axis(axis, static_cast<int>(order->size()), "layout"))];
    return moved(node, *order, with_attr(node, "axis", renamed));
  }

  // All inputs of full size must come through one transpose; where the result is turned back anyway, half of them will do.
  // Small inputs are transposed instead.
  Values below_elementwise(const Node& node) {
    const int rank = shape(node.out[0]).rank();
    std::optional<Ints> order;
    int through = 0, plain = 0;
    for (Value in : node.in) {
      if (shape(in) != shape(node.out[0])) continue;
      const std::optional<Ints> found = order_of(in);
      (found ? through : plain) += 1;
      if (found && order && order != found) return {};
      if (found) order = found;
    }
    if (!order || (plain > 0 && (!wanted_[at(node.out[0].id)] || plain > through))) return {};
    Values in = node.in;
    for (Value& value : in) {
      if (shape(value).rank() == 0) continue;
      if (shape(value).rank() < rank) {
        Ints dims(at(rank - shape(value).rank()), 1);
        dims.insert(dims.end(), shape(value).dims().begin(), shape(value).dims().end());
        value = graph_.emit1("reshape", {value}, AttrMap{{"shape", dims}});
      }
      value = turned(value, inverse(*order));
    }
    return {turned(graph_.emit(*node.op, in, node.attrs)[0], *order)};
  }

  // The axes are renamed. Without kept axes, those that remain must be in order already.
  Values below_reduction(const Node& node, const AttrMap& map) {
    const std::optional<Ints> order = order_of(node.in[0]);
    if (!order) return {};
    const int rank = static_cast<int>(order->size());
    Ints axes = std::get<Ints>(*find_attr(map, "axes"));
    const bool keeps = std::get<bool>(*find_attr(map, "keepdims"));
    for (std::int64_t& axis : axes) axis = normalize_axis(axis, rank, "layout");
    Ints rest;
    for (int axis = 0; axis < rank && !axes.empty(); ++axis)
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) rest.push_back((*order)[at(axis)]);
    if (!keeps && !std::is_sorted(rest.begin(), rest.end())) return {};
    for (std::int64_t& axis : axes) axis = (*order)[at(axis)];
    const Value y = graph_.emit(*node.op, {below(node.in[0])}, with_attr(node, "axes", axes))[0];
    return {keeps ? turned(y, *order) : y};
  }

  Graph& graph_;
  const OpDef& transpose_;
  std::vector<bool> wanted_;
};

}  // namespace

void move_layout(Graph& graph) { rewrite(graph, Mover(graph)); }

}  // namespace convcore::passes
