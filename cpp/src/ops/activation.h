// The attribute "activation" of conv and dense: "linear", the name of an elementwise op of one input, or a program of one
// input and one output as in program.h ("sigmoid 0;multiply 0 1|2").
#pragma once

#include <string_view>

#include "kernels/activation.h"

namespace convcore {

// Throws Error, with the op's name in front, for anything else and for more than max_activation_steps instructions.
Activation read_activation(const char* op, std::string_view text);

}  // namespace convcore
