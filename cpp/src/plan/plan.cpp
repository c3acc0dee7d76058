// From a graph to a plan: which nodes run, what computes each, where the bytes are.
#include "plan/plan.h"

#include <algorithm>

#include "graph/passes/passes.h"
#include "graph/passes/rewrite.h"
#include "plan/bands.h"
#include "plan/memory.h"
#include "plan/slices.h"

namespace convcore {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

// Values whose bytes somebody needs. A node of which only the output's shape is read does not run.
std::vector<bool> needed_values(const Graph& graph) {
  std::vector<bool> needed(graph.value_count());
  for (const Value value : graph.outputs) needed[at(value)] = true;
  for (const Update& update : graph.updates) needed[at(update.value)] = true;
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = *graph.nodes[n];
    bool runs = false;
    for (const Value out : node.out) runs |= needed[at(out)];
    for (std::size_t i = 0; runs && i < node.in.size(); ++i)
      if (reads_data(*node.op, i)) needed[at(node.in[i])] = true;
  }
  return needed;
}

// Nodes that run only when a variable has changed: their results stay the same until then, some node reads them at every
// run, and they are no larger than what they are made of.
std::vector<bool> steady_nodes(const Graph& graph) {
  constexpr double small = 16 << 10;  // bytes
  const std::vector<bool> steady = passes::steady_values(graph);
  std::vector<bool> found(graph.nodes.size()), growing(graph.value_count()), wanted(graph.value_count());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = *graph.nodes[n];
    double in = small, out = 0;  // sums of sizes that fit 64 bits each
    found[n] = steady[at(node.out[0])];
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (!reads_data(*node.op, i)) continue;
      const Type& type = graph.type(node.in[i]);
      in += static_cast<double>(type.shape.elements()) *
            static_cast<double>(size_of(computed_in(type.dtype)));  // as it is read
      found[n] = found[n] && !growing[at(node.in[i])];
    }
    for (const Value value : node.out) out += static_cast<double>(graph.type(value).bytes());
    found[n] = found[n] && out <= in;
    for (const Value value : node.out) growing[at(value)] = !found[n];
  }
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = *graph.nodes[n];
    const auto is_wanted = [&](Value value) { return wanted[at(value)]; };
    if (found[n]) {
      found[n] = std::any_of(node.out.begin(), node.out.end(), is_wanted);
      if (!found[n]) continue;
    }
    for (const Value value : node.in) wanted[at(value)] = true;
  }
  return found;
}

void add_step(Plan& plan, const Node& node, const PlanSettings& settings) {
  Step& step = plan.steps.emplace_back();
  step.node = &node, step.settings = settings.settings;
  for (const Value in : node.in) step.in_types.push_back(plan.graph.type(in));
  for (const Value out : node.out) step.out_types.push_back(plan.graph.type(out));
  step.implementation = choose(step, settings);
  if (step.implementation->prepare != nullptr) step.prepared = step.implementation->prepare(step.view());
}

}  // namespace

std::unique_ptr<Plan> make_plan(const Graph& graph, const std::vector<Shape>& input_shapes, const PlanSettings& settings) {
  auto plan = std::make_unique<Plan>();
  plan->graph = convcore::bind(graph, input_shapes);
  optimize(plan->graph);
  const Graph& bound = plan->graph;
  for (const Value value : bound.inputs) plan->inputs.push_back(bound.type(value));
  for (const Value value : bound.outputs) plan->outputs.push_back(bound.type(value));

  const std::vector<bool> needed = needed_values(bound);
  std::vector<int> source(bound.value_count());
  for (std::size_t v = 0; v < source.size(); ++v) source[v] = static_cast<int>(v);
  const std::vector<bool> steady = steady_nodes(bound);
  for (const bool first : {true, false}) {
    for (std::size_t n = 0; n < bound.nodes.size(); ++n) {
      const Node& node = *bound.nodes[n];
      const bool runs = std::any_of(node.out.begin(), node.out.end(), [&](Value out) { return needed[at(out)]; });
      if (steady[n] != first || !runs) continue;
      if (node.op->view) {
        source[at(node.out[0])] = source[at(node.in[0])];
      } else {
        add_step(*plan, node, settings);
      }
    }
    if (first) plan->steady_steps = plan->steps.size();
  }
  cut_into_bands(*plan, source, settings);
  cut_into_slices(*plan, settings);
  lay_out(*plan, source);
  return plan;
}

}  // namespace convcore
