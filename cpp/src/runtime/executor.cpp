// Turns places into pointers once, and keeps packed weights up to date.
#include "runtime/executor.h"

#include <algorithm>
#include <cstring>

#include "graph/variable.h"

namespace convcore {

Executor::Executor(std::unique_ptr<Plan> plan) : plan_(std::move(plan)), kept_(plan_->kept_bytes) {
  std::vector<std::size_t> first_pointers;
  ready_.reserve(plan_->steps.size());
  for (const Step& step : plan_->steps) {
    first_pointers.push_back(pointers_.size());
    add_step(step);
  }
  first_copy_pointer_ = pointers_.size();
  for (const CopyStep& copy : plan_->copies) {
    add_pointer(copy.from);
    add_pointer(copy.to);
  }
  // Spans into pointers_ are taken when it has stopped growing.
  for (std::size_t s = 0; s < ready_.size(); ++s) {
    const Step& step = plan_->steps[s];
    connect(step, ready_[s], first_pointers[s]);
    if (step.packed_after >= 0) ready_[static_cast<std::size_t>(step.packed_after)].packed_behind.push_back(&ready_[s]);
    if (s >= plan_->steady_steps) continue;
    for (const Place& place : step.in)
      if (place.kind == Place::Kind::variable) steady_variables_.push_back(plan_->variables[place.index].get());
  }
  for (const Slices& group : plan_->slices) {
    std::vector<MovingPointer>& moving = moving_pointers_.emplace_back();
    for (std::size_t s = group.first; s < group.end; ++s) add_moving_pointers(plan_->steps[s], first_pointers[s], moving);
  }
  std::sort(steady_variables_.begin(), steady_variables_.end());
  steady_variables_.erase(std::unique(steady_variables_.begin(), steady_variables_.end()), steady_variables_.end());
}

void Executor::add_pointer(const Place& place) {
  const std::size_t index = pointers_.size();
  void* pointer = nullptr;
  switch (place.kind) {
    case Place::Kind::none: break;
    case Place::Kind::arena: arena_pointers_.push_back({index, place.offset}); break;
    case Place::Kind::kept: pointer = static_cast<std::byte*>(kept_.data()) + place.offset; break;
    case Place::Kind::input: input_pointers_.push_back({index, place.index}); break;
    case Place::Kind::output: output_pointers_.push_back({index, place.index}); break;
    case Place::Kind::variable: pointer = plan_->variables[place.index]->data(); break;
    case Place::Kind::constant: pointer = const_cast<std::byte*>(plan_->constants[place.index]->data()); break;
  }
  pointers_.push_back(pointer);
}

void Executor::add_moving_pointers(const Step& step, std::size_t first, std::vector<MovingPointer>& to) const {
  for (const std::vector<std::size_t>* steps : {&step.in_steps, &step.out_steps})
    for (const std::size_t bytes : *steps) {
      if (bytes > 0) to.push_back({first, bytes});
      ++first;
    }
}

void Executor::add_step(const Step& step) {
  for (const Place& place : step.in) add_pointer(place);
  for (const Place& place : step.out) add_pointer(place);
  if (step.prepared.workspace_bytes > 0) add_pointer({Place::Kind::arena, 0, step.workspace_offset});
  Ready& ready = ready_.emplace_back();
  ready.run = step.implementation->run;
  const int packed_input = step.prepared.packed_input;
  if (packed_input < 0 || step.implementation->pack == nullptr) return;
  ready.pack = step.implementation->pack;
  ready.packed = Buffer(step.prepared.packed_bytes);
  packed_bytes_ += step.prepared.packed_bytes;
  const Place& from = step.in[static_cast<std::size_t>(packed_input)];
  if (from.kind == Place::Kind::variable) ready.packed_variable = plan_->variables[from.index].get();
  ready.packs_itself = step.packed_after < 0;
  ready.pack_always = from.kind != Place::Kind::variable && from.kind != Place::Kind::constant;
}

void Executor::connect(const Step& step, Ready& ready, std::size_t first) {
  ready.call.view = step.view();
  ready.call.in = {pointers_.data() + first, step.in.size()};
  ready.call.out = {pointers_.data() + first + step.in.size(), step.out.size()};
  ready.call.packed = ready.packed.data();
  ready.call.state = step.prepared.state.get();
}

void Executor::bind_arena(std::byte* arena) {
  if (arena == arena_) return;
  arena_ = arena;
  for (const ArenaPointer& p : arena_pointers_) pointers_[p.index] = arena + p.offset;
  for (std::size_t s = 0; s < ready_.size(); ++s)
    if (plan_->steps[s].prepared.workspace_bytes > 0) ready_[s].call.workspace = arena + plan_->steps[s].workspace_offset;
}

void Executor::update_packed(Ready& step) {
  const std::uint64_t version = step.packed_variable != nullptr ? step.packed_variable->version() : 1;
  if (step.packed_version == version && !step.pack_always) return;
  step.pack(step.call, step.packed.data());
  step.packed_version = version;
}

void Executor::update_steady() {
  if (plan_->steady_steps == 0) return;
  std::uint64_t version = 1;  // versions only grow, so their sum tells of every change
  for (const Variable* variable : steady_variables_) version += variable->version();
  if (version == steady_version_) return;
  for (std::size_t s = 0; s < plan_->steady_steps; ++s) {
    run_step(ready_[s]);
    for (Ready* behind : ready_[s].packed_behind) behind->pack(behind->call, behind->packed.data());
  }
  steady_version_ = version;
}

void Executor::finish() {
  void* const* pointer = pointers_.data() + first_copy_pointer_;
  for (const CopyStep& copy : plan_->copies) {
    if (copy.bytes > 0) std::memcpy(pointer[1], pointer[0], copy.bytes);
    pointer += 2;
  }
  for (std::size_t v = 0; v < plan_->variables.size(); ++v)
    if (plan_->variable_written[v]) plan_->variables[v]->touch();
}

}  // namespace convcore
