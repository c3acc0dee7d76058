// Activations that an application or an extension brings along: registered under a name, they run and train like built-in
// ones, in every file that names them.
#pragma once

#include <cstddef>
#include <string_view>

#include "convcore/export.h"

namespace convcore {

// Writes y[i] = f(x[i]) for all i < n. Called for pieces of a tensor, of any length and alignment, from several threads at
// once; y may be x. An element of the result must depend on its element of x alone, to the last bit: then results depend
// neither on the number of threads nor on the size of the batch. Must not throw.
using ActivationFn = void (*)(const float* x, float* y, std::size_t n);

// From now on, for all models of the process. `derivative` computes f'(x) from x; null: models predict, but do not train.
// Throws Error if the name is not made of letters, digits and underscores, if value is null, or if the name stands for
// other functions already (the same ones again are fine). Safe to call from several threads.
CONVCORE_API void register_activation(std::string_view name, ActivationFn value, ActivationFn derivative = nullptr);

}  // namespace convcore
