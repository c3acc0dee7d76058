// The gradient of a max pool has one non-zero element per window, where x equals the window's maximum y. So what is done to
// it can be done to the pooled gradient, which is smaller by the size of the window:
//   where(x > 0, max_pool_backward(x, y, dy), 0)  is  max_pool_backward(x, y, where(y > 0, dy, 0))   (relu before the pool)
//   sum(max_pool_backward(x, y, dy))              is  sum(dy)   over axes that hold all of the window  (bias before the
//   pool)
#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

class Mover {
 public:
  explicit Mover(Graph& graph)
      : graph_(graph), where_(find_op("where")), sum_(find_op("sum")), backward_(find_op("max_pool_backward")) {}

  Values operator()(Node& node) const {
    if (node.op == &where_) return of_where(node);
    if (node.op == &sum_) return of_sum(node);
    return {};
  }

 private:
  Values of_where(const Node& node) const {
    const Node* pool = producer(graph_, node.in[1], backward_);
    const Node* condition = graph_.info(node.in[0]).producer;
    if (pool == nullptr || condition == nullptr || !is_zero(node.in[2]) || !asks_about(*condition, pool->in[0])) return {};
    Values asked = condition->in;
    std::replace(asked.begin(), asked.end(), pool->in[0], pool->in[1]);
    const Value kept = graph_.emit(*condition->op, asked, condition->attrs)[0];
    const Value dy = graph_.emit(where_, {kept, pool->in[2], node.in[2]}, node.attrs)[0];
    return graph_.emit(backward_, {pool->in[0], pool->in[1], dy}, pool->attrs);
  }

  bool is_zero(Value value) const { return is_scalar_constant(graph_, value) && scalar_constant(graph_, value) == 0; }

  // An elementwise question about x and scalars only has the same answer for y at the element that y was taken from.
  bool asks_about(const Node& condition, Value x) const {
    if (!condition.op->elementwise || graph_.type(condition.out[0]).dtype != DType::boolean) return false;
    return std::all_of(condition.in.begin(), condition.in.end(),
                       [&](Value value) { return value == x || is_scalar_constant(graph_, value); });
  }

  Values of_sum(const Node& node) const {
    const Node* pool = producer(graph_, node.in[0], backward_);
    if (pool == nullptr) return {};
    const int rank = graph_.type(node.in[0]).shape.rank();
    const bool last = std::get<std::string>(*find_attr(pool->attrs.to_map(), "data_format")) == "channels_last";
    for (int axis = last ? 1 : 2; axis < (last ? rank - 1 : rank); ++axis)
      if (!sums(node, axis, rank)) return {};
    return graph_.emit(sum_, {pool->in[2]}, node.attrs);
  }

  bool sums(const Node& node, int axis, int rank) const {
    const AttrMap attrs = node.attrs.to_map();
    const Ints& axes = std::get<Ints>(*find_attr(attrs, "axes"));
    return axes.empty() ||
           std::any_of(axes.begin(), axes.end(), [&](std::int64_t one) { return normalize_axis(one, rank, "sum") == axis; });
  }

  Graph& graph_;
  const OpDef &where_, &sum_, &backward_;
};

}  // namespace

void move_before_max_pool_gradient(Graph& graph) { rewrite(graph, Mover(graph)); }

}  // namespace convcore::passes
