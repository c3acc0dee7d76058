// Runs one node outside of any plan: what constant folding needs, and what tests of single implementations use.
#pragma once

#include <span>

#include "graph/op_def.h"

namespace convcore {

// Prepares, packs and runs with memory of its own. The implementation must accept the node.
void run_once(const Implementation& implementation, const NodeView& view, std::span<const void* const> in,
              std::span<void* const> out);

}  // namespace convcore
