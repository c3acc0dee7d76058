// What convolution and dense kernels do to a result before it leaves the cache: limits in registers, or a short program of
// scalar functions over what has just been stored.
#pragma once

#include <limits>

#include "kernels/elementwise.h"

namespace convcore {

constexpr int max_activation_steps = 16;
constexpr int max_activation_immediates = 2 * max_activation_steps;  // a step reads at most two

struct Activation {
  // limited first: relu is low = 0, relu6 also high = 6; NaN stays
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  int step_count = 0, immediate_count = 0;
  // Locations: 0 is the value, then the immediates, then one per step; the last step makes the result.
  Instruction steps[max_activation_steps] = {};
  double immediates[max_activation_immediates] = {};
};

}  // namespace convcore
