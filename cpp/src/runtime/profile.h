// Where a run's time goes.
#pragma once

#include <span>
#include <vector>

#include "runtime/executor.h"
#include "runtime/function.h"

namespace convcore {

// Runs once unmeasured, then `repeats` times; the variables that the plan writes have their old values afterwards.
std::vector<StepProfile> profile_steps(Executor& executor, std::byte* arena, std::span<const ArrayView> inputs, int repeats);
// The median wall-clock time of whole runs.
double run_seconds(Executor& executor, std::byte* arena, std::span<const ArrayView> inputs, int repeats);

}  // namespace convcore
