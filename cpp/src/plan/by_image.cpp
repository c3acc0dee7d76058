// Follows the batch axis through a plan.
#include "plan/by_image.h"

#include <algorithm>
#include <unordered_map>

#include "graph/passes/rewrite.h"

namespace convcore {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

}  // namespace

ByImage::ByImage(const Plan& plan)
    : plan_(plan),
      images_(plan.inputs[0].shape[0]),
      carries_(plan.graph.value_count()),
      growing_(plan.graph.value_count()),
      steps_(plan.steps.size()) {
  mark();
}

void ByImage::mark() {
  for (const Value value : plan_.graph.inputs) carries_[at(value)] = counts_images(value);
  std::unordered_map<const Node*, std::size_t> step_of;
  for (std::size_t s = 0; s < plan_.steps.size(); ++s) step_of.emplace(plan_.steps[s].node, s);
  for (const auto& node : plan_.graph.nodes) {
    const auto found = step_of.find(node.get());
    if (node->op->view) {
      carries_[at(node->out[0])] = carries_[at(node->in[0])] && counts_images(node->out[0]);
      growing_[at(node->out[0])] = growing_[at(node->in[0])];
    } else if (found != step_of.end() && found->second >= plan_.steady_steps) {
      steps_[found->second] = computes_by_image(plan_.steps[found->second]);
      for (const Value out : node->out) {
        carries_[at(out)] = counts_images(out);
        growing_[at(out)] = steps_[found->second];
      }
    }
  }
}

bool ByImage::input(const Node& node, std::size_t i) const {
  return (node.op->images >> std::min<std::size_t>(i, 31) & 1) != 0 && counts_images(node.in[i]) &&
         (node.op->images != ~0u || type(node.in[i]).shape.rank() == type(node.out[0]).shape.rank());
}

bool ByImage::computes_by_image(const Step& step) const {
  const Node& node = *step.node;
  const auto whole = [&](Value out) { return !counts_images(out); };
  if (node.op->images == 0 || std::any_of(node.out.begin(), node.out.end(), whole)) return false;
  const AttrMap attrs = node.attrs.to_map();
  if (const AttrValue* axis = passes::find_attr(attrs, "axis"))
    if (normalize_axis(std::get<std::int64_t>(*axis), type(node.in[0]).shape.rank(), "slices") == 0) return false;
  bool any = false;
  for (std::size_t i = 0; i < node.in.size(); ++i) {
    if (!reads_data(*node.op, i)) continue;
    if (input(node, i) ? !carries_[at(node.in[i])] : growing_[at(node.in[i])]) return false;
    any |= input(node, i);
  }
  return any && !is_update(node) && packs_once(step) && node.op->infer(node.attrs, in_types(node, 1)) == out_types(node, 1);
}

// A variable is written as a whole.
bool ByImage::is_update(const Node& node) const {
  return std::any_of(plan_.graph.updates.begin(), plan_.graph.updates.end(), [&](const Update& update) {
    return std::find(node.out.begin(), node.out.end(), update.value) != node.out.end();
  });
}

// Weights that are made at every run would be packed for every image.
bool ByImage::packs_once(const Step& step) const {
  if (step.prepared.packed_input < 0) return true;
  Value from = step.node->in[static_cast<std::size_t>(step.prepared.packed_input)];
  while (const Node* maker = plan_.graph.info(from).producer) {
    if (!maker->op->view) {
      const auto end = plan_.steps.begin() + static_cast<std::ptrdiff_t>(plan_.steady_steps);
      return std::any_of(plan_.steps.begin(), end, [&](const Step& steady) { return steady.node == maker; });
    }
    from = maker->in[0];
  }
  return plan_.graph.info(from).source != Source::input;
}

Types ByImage::in_types(const Node& node, std::int64_t images) const {
  Types types;
  for (std::size_t i = 0; i < node.in.size(); ++i) {
    types.push_back(type(node.in[i]));
    if (input(node, i)) types.back().shape[0] = images;
  }
  return types;
}

Work ByImage::work(const Step& step) const {
  Work work{0, static_cast<double>(step.prepared.packed_bytes), compute_seconds(step.view())};
  for (std::size_t i = 0; i < step.node->in.size(); ++i)
    if (input(*step.node, i)) work.moved += static_cast<double>(step.in_types[i].bytes());
  for (const Type& out : step.out_types) work.moved += static_cast<double>(out.bytes());
  return work;
}

Types ByImage::out_types(const Node& node, std::int64_t images) const {
  Types types;
  for (const Value out : node.out) {
    types.push_back(type(out));
    if (types.back().shape.rank() > 0) types.back().shape[0] = images;
  }
  return types;
}

}  // namespace convcore
