// A plan: one graph with known shapes, turned into steps over one arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "graph/graph.h"
#include "graph/op_def.h"
#include "plan/choices.h"

namespace convcore {

// Where a value's bytes live while the plan runs.
struct Place {
  enum class Kind : std::uint8_t { none, arena, kept, input, output, variable, constant } kind = Kind::none;
  std::size_t index = 0;   // input, output: position; variable, constant: index into Plan::variables / constants
  std::size_t offset = 0;  // arena, kept: bytes from its start
  bool operator==(const Place&) const = default;
};

struct Other {  // an implementation that does not compute the step, and why not: for explain()
  std::string name, reason;
};

struct Step {
  const Node* node = nullptr;
  Settings settings;  // of the plan
  const Implementation* implementation = nullptr;
  Types in_types, out_types;
  std::vector<Place> in, out;                    // none: an input of which only the shape is read
  std::vector<std::size_t> in_steps, out_steps;  // in slices: bytes from one slice to the next; 0: the same for all
  Prepared prepared;
  std::size_t workspace_offset = 0;  // in the arena
  int packed_after = -1;  // the steady step that makes the packed input, behind which it is packed; -1: there is none
  std::vector<Other> others;

  NodeView view() const { return {node, in_types, out_types, settings}; }
};

struct CopyStep {  // a value that must also appear somewhere else: after all steps, in order, before the run returns
  Place from, to;
  std::size_t bytes = 0;
};

// Steps [first, end) run `count` times, each time over as many images; their types are those of one slice.
struct Slices {
  std::size_t first = 0, end = 0;
  std::int64_t count = 1;
};

struct Plan {
  Graph graph;  // bound to known shapes, after passes; owns the nodes that steps point to
  // The first `steady_steps` steps depend on nothing but constants and variables that the plan does not write (folded
  // weights, say): they run again only when one of those variables has changed.
  std::vector<Step> steps;
  std::size_t steady_steps = 0;
  std::vector<Slices> slices;  // in order
  std::vector<CopyStep> copies;
  std::vector<VariablePtr> variables;
  std::vector<bool> variable_written;
  std::vector<std::shared_ptr<const std::vector<std::byte>>> constants;
  Types inputs, outputs;
  std::size_t arena_bytes = 0;
  std::size_t kept_bytes = 0;  // results of steady steps that others read at every run
};

// What a plan is made under. Read once, before planning: what another thread sets meanwhile counts for the next plan, and
// never for a part of this one.
struct PlanSettings {
  Device device = Device::cpu;
  Settings settings = current_settings();
  MeasuredChoices measured = measured_choices();
  std::int64_t slice_images = 0;  // see cut_into_slices() in slices.h
};

// Binds, optimises, chooses, prepares and lays out. Throws Error where no implementation accepts a node, with all reasons.
std::unique_ptr<Plan> make_plan(const Graph& graph, const std::vector<Shape>& input_shapes,
                                const PlanSettings& settings = {});

// One row per step: op, output, implementation, why not the others; then the arena's size. (explain.cpp)
std::string explain(const Plan& plan);

// The first implementation that does not refuse; the others go to step.others with their reasons. (choose.cpp)
const Implementation* choose(Step& step, const PlanSettings& settings);

}  // namespace convcore
