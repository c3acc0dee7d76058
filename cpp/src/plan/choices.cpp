// The table of measured choices, and the measurement.
#include "plan/choices.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <set>

#include "base/error.h"
#include "graph/run_once.h"
#include "plan/plan.h"

namespace convcore {

namespace {

constexpr double worth_changing = 0.95;  // of the time of what the plan has: less may be noise

std::mutex mutex;
std::shared_ptr<const Choices> current_table;  // guarded by mutex
std::atomic<std::uint64_t> version{0};         // of current_table; changes under the mutex

// Weights have no batch.
bool has_batch(const OpDef& op, std::size_t input) {
  return input >= op.inputs.size() || (op.inputs[input] != "kernel" && op.inputs[input] != "bias?");
}

std::string type_text(Type type, bool batch) {
  std::vector<std::int64_t> dims = type.shape.dims();
  if (batch && !dims.empty()) dims[0] = unknown;
  return Type{type.dtype, Shape(std::move(dims))}.str();
}

// Numbers between -1 and 1: zeros and subnormals may be quicker than what a layer sees.
Buffer made_up(const Type& type) {
  Buffer buffer(static_cast<std::size_t>(type.bytes()));
  std::memset(buffer.data(), 0, buffer.bytes());
  if (type.dtype != DType::f32) return buffer;
  std::uint32_t state = 1;
  auto* numbers = static_cast<float*>(buffer.data());
  for (std::int64_t i = 0; i < type.shape.elements(); ++i) {
    state = state * 1664525u + 1013904223u;
    numbers[i] = static_cast<float>(state >> 8) / 8388608.0f - 1.0f;
  }
  return buffer;
}

// One node with memory of its own.
struct Trial {
  NodeView view;
  std::vector<Buffer> in, out;
  std::vector<const void*> from;
  std::vector<void*> to;

  explicit Trial(const Step& step) : view(step.view()) {
    for (const Type& type : step.in_types) from.push_back(in.emplace_back(made_up(type)).data());
    for (const Type& type : step.out_types) to.push_back(out.emplace_back(static_cast<std::size_t>(type.bytes())).data());
  }

  // The shortest of some runs: what disturbs a run only makes it longer.
  double milliseconds(const Implementation& implementation) const {
    using Clock = std::chrono::steady_clock;
    constexpr double enough = 30;  // milliseconds
    constexpr int least = 3, most = 200;
    const SingleRun single(implementation, view, from, to);
    single.run();
    double best = 0, spent = 0;
    for (int run = 0; run < least || (run < most && spent < enough); ++run) {
      const Clock::time_point begin = Clock::now();
      single.run();
      const double time = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
      best = run == 0 ? time : std::min(best, time), spent += time;
    }
    return best;
  }
};

std::vector<const Implementation*> candidates(const Step& step, Device device) {
  std::vector<const Implementation*> found;
  for (const Implementation& implementation : step.node->op->implementations) {
    if (implementation.device != device || implementation.run == nullptr || implementation.name == "reference") continue;
    const Refusal refusal = implementation.refuses != nullptr ? implementation.refuses(step.view()) : accept;
    if (!refusal || refusal.by_cost) found.push_back(&implementation);
  }
  return found;
}

}  // namespace

std::string problem_of(const Step& step) {
  std::string text = cat(step.node->op->name, "(");
  for (std::size_t i = 0; i < step.in_types.size(); ++i)
    text += cat(i == 0 ? "" : ", ", type_text(step.in_types[i], has_batch(*step.node->op, i)));
  return text + cat(") ", step.node->attrs.str());
}

MeasuredChoices measured_choices() {
  const std::lock_guard lock(mutex);
  return {version.load(std::memory_order_relaxed), current_table};
}

void set_choices(Choices choices) {
  auto made = std::make_shared<const Choices>(std::move(choices));
  const std::lock_guard lock(mutex);
  current_table.swap(made);
  version.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t choices_version() { return version.load(std::memory_order_relaxed); }

std::string MeasuredChoices::for_step(const Step& step) const {
  if (table == nullptr || table->empty() || step.node->op->implementations.size() < 2) return "";
  const auto found = table->find(problem_of(step));
  return found != table->end() ? found->second : "";
}

std::vector<Measured> measure_choices(const Plan& plan, Device device) {
  std::vector<Measured> rows;
  std::set<std::string> seen;
  for (const Step& step : plan.steps) {
    const std::vector<const Implementation*> all = candidates(step, device);
    if (all.size() < 2 || std::ranges::find(all, step.implementation) == all.end() || !seen.insert(problem_of(step)).second)
      continue;
    const Trial trial(step);
    Measured row{problem_of(step), step.node->scope, step.implementation->name, {}};
    for (const Implementation* implementation : all)
      row.milliseconds[implementation->name] = trial.milliseconds(*implementation);
    for (const auto& [name, time] : row.milliseconds)
      if (time < worth_changing * row.milliseconds[step.implementation->name] && time < row.milliseconds[row.chosen])
        row.chosen = name;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace convcore
