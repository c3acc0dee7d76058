// One op run at once, without a graph of the caller's.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "runtime/function.h"

namespace convcore {

// The function that runs `op` on inputs of exactly these types; kept by op, attributes and types, the oldest forgotten.
// Where a result is bfloat16 and the caller `can_hold` none, it comes, rounded all the same, as float32.
std::shared_ptr<Function> eager_function(std::string_view op, const AttrMap& attrs, std::span<const ArrayView> inputs,
                                         bool (*can_hold_bfloat16)() = nullptr);

}  // namespace convcore
