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

// Part of a step: its op over some rows of one image. Parts that are alike share it.
struct BandProblem {
  Node node;
  Settings settings;  // those of the plan, but for one thread
  Types in_types, out_types;
  Prepared prepared;  // its weights are those that the step itself packs
  NodeView view() const { return {&node, in_types, out_types, settings}; }
};

// Where an operand of a part lies: `inside` the scratch of the thread, or where the step has it; plus `offset` bytes, and
// `image` bytes for each image before this one.
struct BandPlace {
  bool inside = false;
  std::size_t offset = 0, image = 0;
};

struct BandStep {
  std::shared_ptr<const BandProblem> problem;
  std::vector<BandPlace> in;
  BandPlace out;
};

constexpr std::size_t most_band_inputs = 16;  // of a step that runs in bands

struct BandMove {  // of bytes in the scratch of a thread
  std::size_t from, to, bytes;
};

// Some rows of an image: a part for each step of the group.
struct Band {
  std::vector<BandStep> alone;  // all the rows that the band needs
  // Where the thread has just computed the band before: rows of that band that this one needs move to where `alone` has
  // them, and the others are computed. A part without a problem has none. Empty where bands share no rows.
  std::vector<BandMove> moves;
  std::vector<BandStep> rest;
};

// How a group of steps runs band by band: a thread takes some rows of an image through all of them, in scratch memory of its
// own, and writes its rows of the last result. Rows that two bands need are computed by both if these are two threads'.
struct Bands {
  std::vector<Band> bands;  // of one image, from its first row to its last
  std::vector<bool>
      inside;  // per step: its result is in scratch only; others are whole images' unless it is the last step's
  std::int64_t images = 1;
  int slots = 1;                              // threads that may run at once
  std::size_t slot_bytes = 0, workspace = 0;  // scratch of one thread, and where in it workspaces begin
  std::size_t offset = 0;                     // of the scratch in the arena
  double nanoseconds = 0;                     // of a whole run on one core
};

// Steps [first, end) that run as one. In slices: `count` times, each time over as many images; their types are those of one
// slice. In bands: once, their types are those of the whole.
struct Group {
  std::size_t first = 0, end = 0;
  std::int64_t count = 1;
  std::unique_ptr<Bands> bands;  // null: in slices
};

struct Plan {
  Graph graph;  // bound to known shapes, after passes; owns the nodes that steps point to
  // The first `steady_steps` steps depend on nothing but constants and variables that the plan does not write (folded
  // weights, say): they run again only when one of those variables has changed.
  std::vector<Step> steps;
  std::size_t steady_steps = 0;
  std::vector<Group> groups;  // in order
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
  // How steps are grouped; results do not change by a bit.
  std::int64_t slice_images = 0;  // see cut_into_slices() in slices.h
  std::int64_t bands = -1;        // of an image; 0: none; -1: where and as many as it pays (bands.h)
};

// Binds, optimises, chooses, prepares and lays out. Throws Error where no implementation accepts a node, with all reasons.
std::unique_ptr<Plan> make_plan(const Graph& graph, const std::vector<Shape>& input_shapes,
                                const PlanSettings& settings = {});

// One row per step: op, output, implementation, why not the others; then the arena's size. (explain.cpp)
std::string explain(const Plan& plan);

// The first implementation that does not refuse; the others go to step.others with their reasons. (choose.cpp)
const Implementation* choose(Step& step, const PlanSettings& settings);

}  // namespace convcore
