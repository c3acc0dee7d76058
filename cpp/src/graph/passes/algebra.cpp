// Identities that hold for every number, NaN and infinities included (zeros may change sign).
#include <string_view>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"

namespace convcore::passes {

namespace {

struct Neutral {  // op(x, number) is x
  std::string_view op;
  double number;
  bool commutes;
};
constexpr Neutral neutrals[] = {{"multiply", 1, true}, {"add", 0, true}, {"subtract", 0, false}, {"divide", 1, false}};

class Simplifier {
 public:
  explicit Simplifier(Graph& graph) : graph_(graph), transpose_(find_op("transpose")), negative_(find_op("negative")) {}

  Values operator()(Node& node) {
    if (node.op->elementwise) skip_broadcasts(node);
    if (node.op == &transpose_) return of_transpose(node);
    if (node.op == &negative_) {
      const Node* inner = producer(graph_, node.in[0], negative_);
      return inner != nullptr ? Values{inner->in[0]} : Values{};
    }
    return of_neutral(node);
  }

 private:
  // Elementwise ops broadcast by themselves; the spread copy is not needed if another operand gives the shape.
  void skip_broadcasts(Node& node) {
    for (Value& value : node.in) {
      const Node* inner = graph_.info(value).producer;
      if (inner == nullptr || !inner->op->broadcasts) continue;
      const Value spread = value;
      value = inner->in[0];
      if (infer_types(graph_, node)[0] != graph_.type(node.out[0])) value = spread;
    }
  }

  Values of_neutral(const Node& node) const {
    for (const Neutral& rule : neutrals) {
      if (node.op->name != rule.op) continue;
      if (is(node.in[1], rule.number)) return keep(node, node.in[0]);
      if (rule.commutes && is(node.in[0], rule.number)) return keep(node, node.in[1]);
    }
    return {};
  }
  bool is(Value value, double number) const {
    return is_scalar_constant(graph_, value) && scalar_constant(graph_, value) == number;
  }
  Values keep(const Node& node, Value value) const {
    return graph_.type(value) == graph_.type(node.out[0]) ? Values{value} : Values{};
  }

  // transpose(transpose(x)): the axes compose. A transpose that moves only axes of size 1 is a reshape.
  Values of_transpose(const Node& node) {
    Ints order = transpose_order(graph_, node);
    Value from = node.in[0];
    if (const Node* inner = producer(graph_, from, transpose_)) {
      const Ints before = transpose_order(graph_, *inner);
      for (std::int64_t& axis : order) axis = before[static_cast<std::size_t>(axis)];
      from = inner->in[0];
    }
    const Shape& shape = graph_.type(from).shape;
    std::int64_t last = -1;
    bool moves = false, changes = false;
    for (std::size_t i = 0; i < order.size(); ++i) {
      changes = changes || order[i] != static_cast<std::int64_t>(i);
      if (shape[static_cast<int>(order[i])] == 1) continue;
      moves = moves || order[i] < last;
      last = order[i];
    }
    if (!changes) return {from};
    if (!moves) return graph_.emit("reshape", {from}, {{"shape", graph_.type(node.out[0]).shape.dims()}});
    return from == node.in[0] ? Values{} : graph_.emit("transpose", {from}, {{"axes", order}});
  }

  Graph& graph_;
  const OpDef& transpose_;
  const OpDef& negative_;
};

}  // namespace

void simplify_algebra(Graph& graph) { rewrite(graph, Simplifier(graph)); }

}  // namespace convcore::passes
