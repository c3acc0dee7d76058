// Philox over vectors: each lane is a block of its own.
#pragma once

#include "kernels/random.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

typedef uint32_t VecW __attribute__((vector_size(vl * 4)));
typedef uint64_t VecWide __attribute__((vector_size(vl * 4)));

// The 64-bit products of the even lanes; of the odd ones after a shift.
CC_INLINE VecWide multiply_even(VecW a, VecW b) {
#if defined(__AVX512F__)
  return (VecWide)_mm512_maskz_mul_epu32((__mmask8)0xff, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (VecWide)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (VecWide)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return ((VecWide)a & 0xffffffffull) * ((VecWide)b & 0xffffffffull);
#endif
}

struct Product {
  VecW low, high;
};
CC_INLINE Product multiply_wide(VecW a, uint32_t m) {
  const VecW factor = VecW{} + m;
  const VecWide even = multiply_even(a, factor), odd = multiply_even((VecW)((VecWide)a >> 32), factor);
  const VecWide upper = VecWide{} + 0xffffffff00000000ull;
  return {(VecW)((even & ~upper) | (odd << 32)), (VecW)((even >> 32) | (odd & upper))};
}

struct Words {
  VecW w[4];
};

// The words of blocks first .. first + vl - 1; `first` is a multiple of vl, so no lane carries into the upper half.
CC_INLINE Words philox(uint32_t seed, uint32_t counter, int64_t first) {
  VecW lane;
  for (int i = 0; i < vl; ++i) lane[i] = (uint32_t)i;
  VecW x0 = lane + (uint32_t)first, x1 = VecW{} + (uint32_t)(first >> 32), x2 = VecW{} + counter, x3 = {};
  uint32_t k0 = seed, k1 = philox_key;
  for (int round = 0; round < philox_rounds; ++round, k0 += philox_weyl[0], k1 += philox_weyl[1]) {
    const Product p0 = multiply_wide(x0, philox_multiplier[0]), p1 = multiply_wide(x2, philox_multiplier[1]);
    x0 = p1.high ^ x1 ^ k0, x1 = p1.low;
    x2 = p0.high ^ x3 ^ k1, x3 = p0.low;
  }
  return {{x0, x1, x2, x3}};
}

// [0, 1), 24 bits.
CC_INLINE Vec unit(VecW bits) { return __builtin_convertvector((VecI)(bits >> 8), Vec) * 0x1p-24f; }

}  // namespace convcore::CC_ISA
