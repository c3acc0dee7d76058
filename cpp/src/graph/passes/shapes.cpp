// What is decided once all shapes are known: sizes become constants, changes of shape that change nothing vanish, views of
// views become one, and inputs of which only the shape is read let go of the value.
#include <map>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

class ShapeFolder {
 public:
  explicit ShapeFolder(Graph& graph) : graph_(graph) {}

  Values operator()(Node& node) {
    for (std::size_t i = 0; i < node.in.size(); ++i)
      if (!reads_data(*node.op, i)) node.in[i] = placeholder(graph_.type(node.in[i]));
    if (node.op->constant_from_shapes) return compute(graph_, node);
    const bool may_vanish = node.op->view || node.op->identity_on_same_type;
    if (may_vanish && graph_.type(node.out[0]) == graph_.type(node.in[0])) return {node.in[0]};
    if (node.op == &sum_to_shape_) return as_sum(node);
    return node.op->view ? view_of_view(node) : Values{};
  }

 private:
  Value placeholder(const Type& type) {
    const auto [place, fresh] = placeholders_.try_emplace({type.dtype, type.shape.dims()});
    if (fresh) place->second = graph_.placeholder(type);
    return place->second;
  }

  Values view_of_view(const Node& node) {
    const Node* inner = graph_.info(node.in[0]).producer;
    if (inner == nullptr || !inner->op->view) return {};
    const Value from = inner->in[0];
    const Type& type = graph_.type(node.out[0]);
    if (graph_.type(from) == type) return {from};
    return graph_.emit("reshape", {from}, {{"shape", type.shape.dims()}});
  }

  // The axes are known now, so that later passes see a sum and a reshape.
  Values as_sum(const Node& node) {
    const Shape &x = graph_.type(node.in[0]).shape, &y = graph_.type(node.out[0]).shape;
    const int fresh = x.rank() - y.rank();
    Ints axes;
    for (int axis = 0; axis < x.rank(); ++axis)
      if (axis < fresh || (y[axis - fresh] == 1 && x[axis] != 1)) axes.push_back(axis);
    if (axes.empty() || !is_float(graph_.type(node.in[0]).dtype)) return {};
    const Value sum = graph_.emit1("sum", {node.in[0]}, {{"axes", axes}});
    return graph_.type(sum).shape == y ? Values{sum} : graph_.emit("reshape", {sum}, {{"shape", y.dims()}});
  }

  Graph& graph_;
  const OpDef& sum_to_shape_ = find_op("sum_to_shape");
  std::map<std::pair<DType, std::vector<std::int64_t>>, Value> placeholders_;
};

}  // namespace

void fold_shapes(Graph& graph) { rewrite(graph, ShapeFolder(graph)); }

}  // namespace convcore::passes
