// What the ops of batch normalisation share: their limits, and how rows are cut into chunks.
#pragma once

#include <string>

#include "kernels/batch_norm.h"
#include "kernels/dispatch.h"
#include "ops/activation.h"
#include "ops/op.h"

namespace convcore {

// The limits of an activation; throws Error if it is more than that.
Activation norm_limits(const char* op, const std::string& activation);

// For the gradient: nothing flows exactly at the upper limit, but an unlimited value is never there.
void limit_gradient(BatchNormArgs& args, const Activation& limits);

// Rows that the first-level cache holds, in one chunk of at most `rows`.
std::int64_t norm_chunk(std::int64_t rows, std::int64_t channels);

using NormKernel = void (*)(const BatchNormArgs&, Range);
void run_norm_chunks(const BatchNormArgs& args, NormKernel kernel);

}  // namespace convcore
