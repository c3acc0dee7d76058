// Sine and cosine of vectors. Included by math.h.
#pragma once

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

// sin(x + quadrants * pi/2). Arguments beyond 8192, where the products with n are no longer exact, go to the C library.
CC_INLINE Vec sin_shifted(Vec x, int quadrants, float (*exact)(float)) {
  const VecI far = ~(vabs(x) < 8192.0f);
  const Vec c = select(far, Vec{}, x);
  const Vec magic = set1(12582912.0f);
  const Vec shifted = fma(c, set1(0.636619772f), magic);
  const Vec n = shifted - magic;
  Vec r = fma(n, set1(-1.5703125f), c);  // pi/2 in parts of 11 bits: their products with n are exact
  r = fma(n, set1(-0.000483751297f), r);
  r = fma(n, set1(-7.54953362e-08f), r);
  r = fma(n, set1(-2.56328292e-12f), r);
  r = fma(n, set1(-6.12323426e-17f), r);
  const Vec z = r * r;
  const Vec s = fma(z * r, polynomial(z, {-1.666666664e-01f, 8.333329384e-03f, -1.983933407e-04f, 2.718304146e-06f}), r);
  const Vec k = fma(z * z, polynomial(z, {4.166666662e-02f, -1.388888375e-03f, 2.479951917e-05f, -2.721016790e-07f}),
                    fma(z, set1(-0.5f), set1(1.0f)));
  const VecI q = difference(difference(bits(shifted), bits(magic)), set1i(-quadrants));
  Vec y = select((q & 1) != 0, k, s);
  y = (Vec)(bits(y) ^ ((q & 2) << 30));
  if (any_lane(far))
    for (int i = 0; i < vl; ++i)
      if (far[i]) y[i] = exact(x[i]);
  return y;
}
CC_INLINE Vec vsin(Vec x) { return sin_shifted(x, 0, &__builtin_sinf); }
CC_INLINE Vec vcos(Vec x) { return sin_shifted(x, 1, &__builtin_cosf); }

}  // namespace convcore::CC_ISA
