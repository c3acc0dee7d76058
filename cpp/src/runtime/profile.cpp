// Times every step of a plan and takes medians.
#include "runtime/profile.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "graph/variable.h"

namespace convcore {

namespace {

std::vector<std::vector<std::byte>> save_variables(const Plan& plan) {
  std::vector<std::vector<std::byte>> saved;
  for (std::size_t v = 0; v < plan.variables.size(); ++v) {
    const auto* data = static_cast<const std::byte*>(plan.variables[v]->data());
    const auto bytes = plan.variable_written[v] ? plan.variables[v]->type().bytes() : 0;
    saved.emplace_back(data, data + bytes);
  }
  return saved;
}

void restore_variables(const Plan& plan, const std::vector<std::vector<std::byte>>& saved) {
  for (std::size_t v = 0; v < saved.size(); ++v) {
    if (saved[v].empty()) continue;
    std::memcpy(plan.variables[v]->data(), saved[v].data(), saved[v].size());
    plan.variables[v]->touch();
  }
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

StepProfile describe(const Plan& plan, const Step& step) {
  const Node& node = *step.node;
  Types in, out;  // of all slices
  for (const Value value : node.in) in.push_back(plan.graph.type(value));
  for (const Value value : node.out) out.push_back(plan.graph.type(value));
  StepProfile row{node.op->name, node.scope, step.implementation->name, out[0].str()};
  for (const Type& type : out) row.bytes += static_cast<double>(type.bytes());
  for (std::size_t i = 0; i < step.in.size(); ++i)
    if (step.in[i].kind != Place::Kind::none) row.bytes += static_cast<double>(in[i].bytes());
  if (node.op->operations != nullptr) {
    row.operations = node.op->operations({&node, in, out});
    return row;
  }
  for (const Types* types : {&in, &out})
    for (const Type& type : *types) row.operations = std::max(row.operations, static_cast<double>(type.shape.elements()));
  return row;
}

using Clock = std::chrono::steady_clock;

// Sums up the milliseconds of every step in one run.
class Stopwatch {
 public:
  explicit Stopwatch(std::size_t steps) : spent_(steps) {}

  std::vector<double>* shares() { return &shares_; }
  void after(std::size_t first, std::size_t end) {
    const Clock::time_point now = Clock::now();
    const double passed = std::chrono::duration<double, std::milli>(now - last_).count();
    for (std::size_t s = first; s < end; ++s) spent_[s] += end - first == 1 ? passed : passed * shares_[s - first];
    last_ = now;
  }
  double spent(std::size_t step) const { return spent_[step]; }

 private:
  std::vector<double> spent_, shares_;
  Clock::time_point last_ = Clock::now();
};

// Memory for the outputs, and the pointers that a run takes.
struct Arguments {
  std::vector<Buffer> memory;
  std::vector<const void*> from;
  std::vector<void*> to;

  Arguments(const Plan& plan, std::span<const ArrayView> inputs) {
    for (const ArrayView& input : inputs) from.push_back(input.data);
    for (const Type& type : plan.outputs) to.push_back(memory.emplace_back(static_cast<std::size_t>(type.bytes())).data());
  }
};

}  // namespace

double run_seconds(Executor& executor, std::byte* arena, std::span<const ArrayView> inputs, int repeats) {
  const Arguments arguments(executor.plan(), inputs);
  const auto saved = save_variables(executor.plan());
  std::vector<double> times;
  for (int r = 0; r < std::max(1, repeats); ++r) {
    const Clock::time_point begin = Clock::now();
    executor.run(arena, arguments.from.data(), arguments.to.data());
    times.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  restore_variables(executor.plan(), saved);
  return median(times);
}

std::vector<StepProfile> profile_steps(Executor& executor, std::byte* arena, std::span<const ArrayView> inputs,
                                       int repeats) {
  const Plan& plan = executor.plan();
  const Arguments arguments(plan, inputs);
  const auto saved = save_variables(plan);
  std::vector<std::vector<double>> times(plan.steps.size());
  executor.run(arena, arguments.from.data(), arguments.to.data());
  for (int r = 0; r < std::max(1, repeats); ++r) {
    Stopwatch watch(times.size());
    executor.run(arena, arguments.from.data(), arguments.to.data(), watch);
    for (std::size_t s = 0; s < times.size(); ++s) times[s].push_back(watch.spent(s));
  }
  restore_variables(plan, saved);

  std::vector<StepProfile> rows;
  for (std::size_t s = plan.steady_steps; s < plan.steps.size(); ++s) {
    rows.push_back(describe(plan, plan.steps[s]));
    rows.back().milliseconds = median(times[s]);
  }
  return rows;
}

}  // namespace convcore
