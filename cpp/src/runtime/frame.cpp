// Turns places into pointers once; a run only changes those to its arena and its arguments.
#include "runtime/frame.h"

#include <algorithm>
#include <cstring>

#include "graph/variable.h"

namespace convcore {

bool packs(const Step& step) { return step.prepared.packed_input >= 0 && step.implementation->pack != nullptr; }

bool packs_own_value(const Step& step) {
  if (!packs(step) || step.packed_after >= 0) return false;
  const Place::Kind from = step.in[static_cast<std::size_t>(step.prepared.packed_input)].kind;
  return from != Place::Kind::variable && from != Place::Kind::constant;
}

Frame::Frame(const Plan& plan, std::byte* kept, const std::vector<Buffer>& packed) : plan_(plan), steps_(plan.steps.size()) {
  std::vector<std::size_t> first_pointers;
  for (const Step& step : plan.steps) {
    first_pointers.push_back(pointers_.size());
    for (const Place& place : step.in) add_pointer(place, kept);
    for (const Place& place : step.out) add_pointer(place, kept);
  }
  first_copy_pointer_ = pointers_.size();
  for (const CopyStep& copy : plan.copies) {
    add_pointer(copy.from, kept);
    add_pointer(copy.to, kept);
  }
  // Spans into pointers_ are taken when it has stopped growing.
  for (std::size_t s = 0; s < steps_.size(); ++s) connect(s, first_pointers[s], packed[s]);
  for (const Group& group : plan.groups) {
    if (group.bands != nullptr) last_band_.resize(std::max(last_band_.size(), static_cast<std::size_t>(group.bands->slots)));
    std::vector<MovingPointer>& moving = moving_pointers_.emplace_back();
    for (std::size_t s = group.first; s < group.end; ++s) add_moving_pointers(plan.steps[s], first_pointers[s], moving);
  }
}

void Frame::add_pointer(const Place& place, std::byte* kept) {
  const std::size_t index = pointers_.size();
  void* pointer = nullptr;
  switch (place.kind) {
    case Place::Kind::none: break;
    case Place::Kind::arena: arena_pointers_.push_back({index, place.offset}); break;
    case Place::Kind::kept: pointer = kept + place.offset; break;
    case Place::Kind::input: input_pointers_.push_back({index, place.index}); break;
    case Place::Kind::output: output_pointers_.push_back({index, place.index}); break;
    case Place::Kind::variable: pointer = plan_.variables[place.index]->data(); break;
    case Place::Kind::constant: pointer = const_cast<std::byte*>(plan_.constants[place.index]->data()); break;
  }
  pointers_.push_back(pointer);
}

void Frame::add_moving_pointers(const Step& step, std::size_t first, std::vector<MovingPointer>& to) const {
  for (const std::vector<std::size_t>* steps : {&step.in_steps, &step.out_steps})
    for (const std::size_t bytes : *steps) {
      if (bytes > 0) to.push_back({first, bytes});
      ++first;
    }
}

void Frame::connect(std::size_t index, std::size_t first, const Buffer& shared_packed) {
  const Step& step = plan_.steps[index];
  BoundStep& bound = steps_[index];
  bound.run = step.implementation->run;
  bound.call.view = step.view();
  bound.call.in = {pointers_.data() + first, step.in.size()};
  bound.call.out = {pointers_.data() + first + step.in.size(), step.out.size()};
  bound.call.packed = shared_packed.data();
  bound.call.state = step.prepared.state.get();
  if (!step.out_steps.empty() && step.out_steps[0] > 0) bound.call.whole_bytes = plan_.graph.type(step.node->out[0]).bytes();
  if (!packs_own_value(step)) return;
  bound.pack = step.implementation->pack;
  bound.packed = Buffer(step.prepared.packed_bytes);
  bound.call.packed = bound.packed.data();
}

void Frame::bind_arena(std::byte* arena) {
  arena_ = arena;
  for (const ArenaPointer& p : arena_pointers_) pointers_[p.index] = arena + p.offset;
  for (std::size_t s = 0; s < steps_.size(); ++s)
    if (plan_.steps[s].prepared.workspace_bytes > 0) steps_[s].call.workspace = arena + plan_.steps[s].workspace_offset;
}

void Frame::copy_results() const {
  void* const* pointer = pointers_.data() + first_copy_pointer_;
  for (const CopyStep& copy : plan_.copies) {
    if (copy.bytes > 0) std::memcpy(pointer[1], pointer[0], copy.bytes);
    pointer += 2;
  }
}

}  // namespace convcore
