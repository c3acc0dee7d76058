// Powers of vectors, computed in float64 so that the float32 result is rounded almost once. Included by math.h.
#pragma once

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

typedef double VecD __attribute__((vector_size(vl * 4)));  // half as many doubles as a Vec has floats
typedef int64_t VecL __attribute__((vector_size(vl * 4)));
typedef float VecHalf __attribute__((vector_size(vl * 2)));

// y * log2(a) to about 1e-12 relative, for finite a > 0.
CC_INLINE VecD exponent_of_power(VecD a, VecD y) {
  const VecL b = (VecL)a - 0x3fe6a09e667f3bcdll;  // the bits of sqrt(1/2)
  const VecL e = b >> 52;
  const VecD m = (VecD)((b & 0xfffffffffffffll) + 0x3fe6a09e667f3bcdll);
  const VecD s = (m - 1.0) / (m + 1.0), z = s * s;
  const VecD q = (((((z / 13.0 + 1.0 / 11) * z + 1.0 / 9) * z + 1.0 / 7) * z + 1.0 / 5) * z + 1.0 / 3) * z;
  const VecD log2m = (s + s * q) * (2.0 * 1.4426950408889634);
  const VecD magic = VecD{} + 6755399441055744.0;  // 1.5 * 2^52: an integer added to its bits is added to its value
  return y * (((VecD)((VecL)magic + e) - magic) + log2m);
}

// 2 to the t, for any t but NaN.
CC_INLINE VecD power_of_two(VecD t) {
  t = t < -300.0 ? VecD{} - 300.0 : t;
  t = t > 300.0 ? VecD{} + 300.0 : t;
  const VecD magic = VecD{} + 6755399441055744.0;  // 1.5 * 2^52
  const VecD shifted = t + magic;
  const VecD g = (t - (shifted - magic)) * 0.6931471805599453;
  VecD p = VecD{} + 1.0 / 3628800;
  constexpr double c[] = {1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880};
  for (int i = 9; i >= 0; --i) p = p * g + c[i];
  return p * (VecD)(((VecL)shifted - (VecL)magic + 1023) << 52);
}

CC_INLINE Vec positive_power(Vec a, Vec y) {  // finite a > 0, y not NaN
  Vec r;
  VecHalf ah[2], yh[2], rh[2];
  __builtin_memcpy(ah, &a, sizeof a);
  __builtin_memcpy(yh, &y, sizeof y);
  for (int i = 0; i < 2; ++i) {
    const VecD t = exponent_of_power(__builtin_convertvector(ah[i], VecD), __builtin_convertvector(yh[i], VecD));
    rh[i] = __builtin_convertvector(power_of_two(t), VecHalf);
  }
  __builtin_memcpy(&r, rh, sizeof r);
  return r;
}

// x to the power y, special cases as in the C library's pow.
CC_INLINE Vec vpow(Vec x, Vec y) {
  const Vec a = vabs(x), ay = vabs(y);
  const VecI whole = (ay >= 8388608.0f) | (y == vround(y));
  const Vec half = y * 0.5f;
  const VecI odd = whole & (ay < 16777216.0f) & (half != vround(half));
  const VecI extreme = (a == 0.0f) | (a == f_inf);
  Vec r = positive_power(select(extreme | is_nan(a), set1(1.0f), a), select(is_nan(y), Vec{}, y));
  r = select(extreme, select((a == 0.0f) == (y > 0.0f), Vec{}, set1(f_inf)), r);
  const VecI negative = bits(x) < 0;
  r = select((x < 0.0f) & (a != f_inf) & ~whole, set1(f_nan), r);
  r = with_sign(r, negative & odd & set1i((int32_t)0x80000000u));
  r = select((a == 1.0f) & (ay == f_inf), set1(1.0f), r);
  r = select(is_nan(x) | is_nan(y), x + y, r);
  return select((x == 1.0f) | (y == 0.0f), set1(1.0f), r);
}

}  // namespace convcore::CC_ISA
