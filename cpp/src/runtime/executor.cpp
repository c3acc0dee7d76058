// Keeps packed weights and the results of steady steps up to date.
#include "runtime/executor.h"

#include <algorithm>

#include "graph/variable.h"

namespace convcore {

namespace {

// Versions only grow, so their sum tells of every change. At least 1.
std::uint64_t sum_of_versions(const std::vector<const Variable*>& variables) {
  std::uint64_t sum = 1;
  for (const Variable* variable : variables) sum += variable->version();
  return sum;
}

void make_unique(std::vector<const Variable*>& variables) {
  std::sort(variables.begin(), variables.end());
  variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
}

}  // namespace

Executor::Executor(std::unique_ptr<Plan> plan)
    : plan_(std::move(plan)), kept_(plan_->kept_bytes), packed_(plan_->steps.size()), packing_(plan_->steps.size()) {
  for (std::size_t s = 0; s < plan_->steps.size(); ++s) {
    const Step& step = plan_->steps[s];
    if (packs(step)) add_packing(step, packing_[s], packed_[s]);
    if (step.packed_after >= 0) packing_[static_cast<std::size_t>(step.packed_after)].behind_steady.push_back(s);
    if (s >= plan_->steady_steps) continue;
    for (const Place& place : step.in)
      if (place.kind == Place::Kind::variable) steady_variables_.push_back(plan_->variables[place.index].get());
  }
  for (const Packing& packing : packing_)
    if (packing.variable != nullptr) watched_.push_back(packing.variable);
  watched_.insert(watched_.end(), steady_variables_.begin(), steady_variables_.end());
  make_unique(steady_variables_);
  make_unique(watched_);
  writes_variables_ = std::ranges::find(plan_->variable_written, true) != plan_->variable_written.end();
}

void Executor::add_packing(const Step& step, Packing& packing, Buffer& packed) {
  packed_bytes_ += step.prepared.packed_bytes;
  if (packs_own_value(step)) return;  // the frames do
  packed = Buffer(step.prepared.packed_bytes);
  packing.pack = step.implementation->pack;
  packing.before_step = step.packed_after < 0;
  const Place& from = step.in[static_cast<std::size_t>(step.prepared.packed_input)];
  if (from.kind == Place::Kind::variable) packing.variable = plan_->variables[from.index].get();
}

std::uint64_t Executor::watched_version() const { return sum_of_versions(watched_); }

void Executor::update_packed(std::size_t step, const Call& call) {
  Packing& packing = packing_[step];
  if (!packing.before_step) return;
  const std::uint64_t version = packing.variable != nullptr ? packing.variable->version() : 1;
  if (packing.version == version) return;
  packing.pack(call, packed_[step].data());
  packing.version = version;
}

void Executor::update_steady(Frame& frame) {
  if (plan_->steady_steps == 0) return;
  const std::uint64_t version = sum_of_versions(steady_variables_);
  if (version == steady_version_) return;
  for (std::size_t s = 0; s < plan_->steady_steps; ++s) {
    update_packed(s, frame.call(s));
    frame.run_step(s);
    for (const std::size_t behind : packing_[s].behind_steady)
      packing_[behind].pack(frame.call(behind), packed_[behind].data());
  }
  steady_version_ = version;
}

void Executor::touch_written() {
  for (std::size_t v = 0; v < plan_->variables.size(); ++v)
    if (plan_->variable_written[v]) plan_->variables[v]->touch();
}

}  // namespace convcore
