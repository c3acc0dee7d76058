// The invariants of a graph. Every pass keeps them; debug builds check after each.
#include "base/error.h"
#include "graph/graph.h"
#include "graph/op_def.h"
#include "graph/variable.h"

namespace convcore {

namespace {

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), defined_(graph.value_count()) {}

  void run() {
    for (std::size_t i = 0; i < graph_.value_count(); ++i) define_source({static_cast<std::int32_t>(i)});
    for (const auto& node : graph_.nodes) check_node(*node);
    for (Value value : graph_.inputs) require(is(value, Source::input), "inputs to be input values", value);
    for (Value value : graph_.outputs) check_read(value, "an output");
    for (const Update& update : graph_.updates) check_update(update);
  }

 private:
  [[noreturn]] void refuse(std::string_view expected, std::string_view received) const {
    fail("graph", expected, received, cat("The graph is\n", print(graph_)));
  }
  void require(bool holds, std::string_view expected, Value value) const {
    if (!holds) refuse(expected, cat("value %", value.id));
  }
  bool is(Value value, Source source) const { return graph_.contains(value) && graph_.info(value).source == source; }

  void define_source(Value value) {
    const ValueInfo& info = graph_.info(value);
    if (info.source != Source::node) defined_[static_cast<std::size_t>(value.id)] = true;
    if (info.source == Source::variable) require(info.variable != nullptr, "a variable behind a variable's value", value);
    if (info.source == Source::constant && info.data != nullptr)
      require(info.data->size() == static_cast<std::size_t>(info.type.bytes()), "as many bytes as the type has", value);
  }

  void check_read(Value value, std::string_view reader) const {
    if (!graph_.contains(value) || !defined_[static_cast<std::size_t>(value.id)])
      refuse(cat("values defined before they are read by ", reader), cat("value %", value.id));
  }

  void check_node(const Node& node) {
    for (Value value : node.in) check_read(value, node.op->name);
    const Types types = infer_types(graph_, node);
    if (types.size() != node.out.size())
      refuse(cat(types.size(), " outputs of ", node.op->name), std::to_string(node.out.size()));
    for (std::size_t i = 0; i < types.size(); ++i) {
      const Value value = node.out[i];
      require(is(value, Source::node), "outputs to be values of nodes", value);
      require(graph_.info(value).producer == &node, cat("value %", value.id, " to name its producer"), value);
      require(!defined_[static_cast<std::size_t>(value.id)], "one producer per value", value);
      if (graph_.type(value) != types[i])
        refuse(cat(node.op->name, " to give ", types[i].str()), cat('%', value.id, " : ", graph_.type(value).str()));
      defined_[static_cast<std::size_t>(value.id)] = true;
    }
  }

  void check_update(const Update& update) const {
    check_read(update.value, "an update");
    const Type& given = graph_.type(update.value);
    const Type& wanted = update.variable->type();
    if (given.dtype != wanted.dtype || (given.shape.known() && given.shape != wanted.shape))
      refuse(cat("an update of type ", wanted.str()), given.str());
  }

  const Graph& graph_;
  std::vector<bool> defined_;
};

}  // namespace

void verify(const Graph& graph) { Verifier(graph).run(); }

}  // namespace convcore
