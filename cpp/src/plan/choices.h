// Which implementation computes a problem fastest on this machine, where that was measured: one table for the process, which
// choose() asks and convcore.autotune fills.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/op_def.h"

namespace convcore {

struct Plan;
struct Step;

using Choices = std::map<std::string, std::string>;  // from a problem to an implementation's name

// The table at one time.
struct MeasuredChoices {
  std::uint64_t version = 0;             // another one after every set_choices
  std::shared_ptr<const Choices> table;  // null: never set

  // Empty: not measured.
  std::string for_step(const Step& step) const;
};
MeasuredChoices measured_choices();
std::uint64_t choices_version();  // the version alone, which costs next to nothing

// A step's op, attributes and types. The size of the batch is left out: a choice decides the bits of a result, which may not
// depend on it.
std::string problem_of(const Step& step);

// Plans made before the call keep what they have; functions make new ones.
void set_choices(Choices choices);

// The milliseconds of every implementation that could compute a problem of the plan, on numbers made up for it; only
// problems for which there are several.
struct Measured {
  std::string problem, scope, chosen;  // chosen: the fastest
  std::map<std::string, double> milliseconds;
};
std::vector<Measured> measure_choices(const Plan& plan, Device device);

}  // namespace convcore
