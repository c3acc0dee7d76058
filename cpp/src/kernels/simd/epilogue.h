// Activations applied to channels that have just been stored. relu and linear are done in registers by the tiles.
#pragma once

#include "kernels/activation.h"
#include "kernels/simd/math.h"

namespace convcore::CC_ISA {

CC_INLINE Vec activation_of(Vec v, Activation activation) {
  switch (activation) {
    case Activation::sigmoid: return vsigmoid(v);
    case Activation::tanh: return vtanh(v);
    case Activation::softplus: return vsoftplus(v);
    default: return v;
  }
}

static __attribute__((noinline)) void activate(float* y, int64_t count, Activation activation) {
  int64_t i = 0;
  for (; i + vl <= count; i += vl) store(y + i, activation_of(load(y + i), activation));
  const int rest = static_cast<int>(count - i);
  if (rest > 0) store_first(y + i, activation_of(load_first(y + i, rest), activation), rest);
}

}  // namespace convcore::CC_ISA
