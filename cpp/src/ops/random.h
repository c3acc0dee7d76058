// What the random ops share.
#pragma once

#include "kernels/random.h"
#include "ops/op.h"

namespace convcore {

// Throws Error naming `where` unless the type is that of a generator state, uint32 (2,): [seed, counter].
void check_state(const char* where, const Type& state);
// Reads seed and counter from a state.
RandomArgs random_args(Distribution distribution, const std::uint32_t* state, double a, double b);
void run_random(const RandomArgs& args, void (*kernel)(const RandomArgs&, Range), double nanoseconds_per_element);

}  // namespace convcore
