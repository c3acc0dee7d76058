// One instruction of an elementwise program over a block of floats in the first-level cache.
#pragma once

#include "kernels/elementwise.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

// What a location means for the current block: element i is at[i * step]. Immediates are one Vec with step 0.
struct Location {
  float* at;
  int64_t step;
};

// Elements [from, n); nothing beyond is read or written. (elementwise.cpp)
void execute(const Instruction& instruction, const Location* at, int n, int from);

}  // namespace convcore::CC_ISA
