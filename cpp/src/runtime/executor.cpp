// Turns places into pointers once, and keeps packed weights up to date.
#include "runtime/executor.h"

#include <cstring>

#include "graph/variable.h"

namespace convcore {

Executor::Executor(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {
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
  for (std::size_t s = 0; s < ready_.size(); ++s) connect(plan_->steps[s], ready_[s], first_pointers[s]);
}

void Executor::add_pointer(const Place& place) {
  const std::size_t index = pointers_.size();
  void* pointer = nullptr;
  switch (place.kind) {
    case Place::Kind::none: break;
    case Place::Kind::arena: arena_pointers_.push_back({index, place.offset}); break;
    case Place::Kind::input: input_pointers_.push_back({index, place.index}); break;
    case Place::Kind::output: output_pointers_.push_back({index, place.index}); break;
    case Place::Kind::variable: pointer = plan_->variables[place.index]->data(); break;
    case Place::Kind::constant: pointer = const_cast<std::byte*>(plan_->constants[place.index]->data()); break;
  }
  pointers_.push_back(pointer);
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
