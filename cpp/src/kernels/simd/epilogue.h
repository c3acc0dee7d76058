// The end of every convolution: y = activation(sum + residual), where the sum has the bias in it already. Limits are applied
// in registers, before the only store; other functions to channels that have just been stored.
#pragma once

#include "kernels/activation.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

// v limited to [low, high] in one instruction each: with NaN or two zeros these return their second operand.
CC_INLINE Vec limited(Vec v, Vec low, Vec high) {
#if defined(__AVX512F__)
  v = (Vec)_mm512_maskz_max_ps((__mmask16)0xffff, (__m512)low, (__m512)v);
  return (Vec)_mm512_maskz_min_ps((__mmask16)0xffff, (__m512)high, (__m512)v);
#elif defined(__AVX2__)
  return (Vec)_mm256_min_ps((__m256)high, _mm256_max_ps((__m256)low, (__m256)v));
#else
  v = select(v < low, low, v);
  return select(v > high, high, v);
#endif
}

// What kernels carry to their stores.
struct Epilogue {
  float low, high;
  const Activation* functions;  // null: the limits are all
};

CC_INLINE Epilogue epilogue_of(const Activation& a) {
  return {static_cast<float>(a.low), static_cast<float>(a.high), a.step_count > 0 ? &a : nullptr};
}

CC_INLINE Vec limited(Vec sum, const Epilogue& e) { return limited(sum, set1(e.low), set1(e.high)); }

// The functions of an activation over `rows` rows of `count` stored floats, `step` floats from row to row. (epilogue.cpp)
void activate(float* y, int64_t rows, int64_t step, int64_t count, const Activation& activation);

}  // namespace convcore::CC_ISA
