// Large batch normalisations in training become parts that work image by image, with a small step in between that joins the
// statistics: the first part runs where its input has just been made, the last where its result is read, so that the planner
// can run them slice by slice with the convolutions around them, out of the caches.
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

constexpr std::int64_t worth_bytes = 1 << 20;  // of x; less stays in a cache anyway
constexpr std::int64_t image_pixels = 16;      // fewer make statistics of an image too large

class Splitter {
 public:
  explicit Splitter(Graph& graph) : graph_(graph) {}

  Values operator()(Node& node) {
    if (node.op == &norm_ && splits(node)) return split(node);
    if (node.op == &gradient_ && splits(node)) return split_gradient(node);
    return {};
  }

  // Statistics come right after what they read, the rest right before its first reader.
  void arrange() {
    const OpDef *first = &find_op("batch_norm_statistics"), *backward_first = &find_op("batch_norm_backward_statistics");
    const OpDef *last = &find_op("batch_norm_apply"), *backward_last = &find_op("batch_norm_backward_apply");
    auto& nodes = graph_.nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i]->op == first || nodes[i]->op == backward_first) {
        std::size_t to = i;
        while (to > 0 && !makes_for(*nodes[to - 1], *nodes[i])) --to;
        std::rotate(nodes.begin() + at(to), nodes.begin() + at(i), nodes.begin() + at(i) + 1);
      }
    for (std::size_t i = nodes.size(); i-- > 0;)
      if (nodes[i]->op == last || nodes[i]->op == backward_last) {
        std::size_t to = i;
        while (to + 1 < nodes.size() && !makes_for(*nodes[i], *nodes[to + 1])) ++to;
        if (to + 1 < nodes.size()) std::rotate(nodes.begin() + at(i), nodes.begin() + at(i) + 1, nodes.begin() + at(to) + 1);
      }
  }

 private:
  static std::ptrdiff_t at(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }

  static bool makes_for(const Node& maker, const Node& reader) {
    return std::any_of(maker.out.begin(), maker.out.end(),
                       [&](Value made) { return std::find(reader.in.begin(), reader.in.end(), made) != reader.in.end(); });
  }

  bool splits(const Node& node) const {
    const Type& x = graph_.type(node.in[0]);
    const int rank = x.shape.rank();
    return x.dtype == DType::f32 && rank > 2 && x.bytes() >= worth_bytes && x.shape.elements(1, rank - 1) >= image_pixels &&
           normalize_axis(std::get<std::int64_t>(*find_attr(node.attrs.to_map(), "axis")), rank, "axis") == rank - 1;
  }

  static AttrMap attrs_of(const Node& node) {
    const AttrMap attrs = node.attrs.to_map();
    return {{"epsilon", *find_attr(attrs, "epsilon")}, {"activation", *find_attr(attrs, "activation")}};
  }

  Values split(const Node& node) {
    const Value x = node.in[0], statistics = graph_.emit1("batch_norm_statistics", {x});
    const Values joined = graph_.emit("batch_norm_join", {statistics, x});
    Values in = {x, joined[0], joined[1], node.in[1], node.in[2]};
    in.insert(in.end(), node.in.begin() + 3, node.in.end());
    return {graph_.emit1("batch_norm_apply", in, attrs_of(node)), joined[0], joined[1]};
  }

  Values split_gradient(const Node& node) {
    const Value x = node.in[0];
    AttrMap attrs = attrs_of(node);
    Values in = {x, node.in[4], node.in[2], node.in[3], node.in[1]};
    in.insert(in.end(), node.in.begin() + 5, node.in.end());
    const Values joined =
        graph_.emit("batch_norm_backward_join", {graph_.emit1("batch_norm_backward_statistics", in, attrs), x});
    in.insert(in.begin() + 5, joined.begin(), joined.end());
    const Shape& shape = graph_.type(x).shape;
    attrs.push_back({"count", shape.elements(0, shape.rank() - 1)});
    return {graph_.emit1("batch_norm_backward_apply", in, attrs), joined[0], joined[1]};
  }

  Graph& graph_;
  const OpDef &norm_ = find_op("batch_norm_training"), &gradient_ = find_op("batch_norm_training_backward");
};

}  // namespace

void split_norms(Graph& graph) {
  Splitter splitter(graph);
  rewrite(graph, [&](Node& node) { return splitter(node); });
  splitter.arrange();
}

}  // namespace convcore::passes
