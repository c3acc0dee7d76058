// The scalar functions of elementwise.def, on vectors. Truth values are 0 and 1.
#pragma once

#include "kernels/simd/math.h"

namespace convcore::CC_ISA::scalar {

CC_INLINE Vec truth(VecI mask) { return (Vec)(mask & bits(set1(1.0f))); }
CC_INLINE VecI holds(Vec a) { return a != 0.0f; }

CC_INLINE Vec negative(Vec a) { return -a; }
CC_INLINE Vec abs(Vec a) { return vabs(a); }
CC_INLINE Vec sign(Vec a) { return select((a > 0.0f) | (a < 0.0f), with_sign(set1(1.0f), sign_bit(a)), a); }
CC_INLINE Vec square(Vec a) { return a * a; }
CC_INLINE Vec exp(Vec a) { return vexp(a); }
CC_INLINE Vec log(Vec a) { return vlog(a); }
CC_INLINE Vec log1p(Vec a) { return vlog1p(a); }
CC_INLINE Vec sqrt(Vec a) { return vsqrt(a); }
CC_INLINE Vec rsqrt(Vec a) { return 1.0f / vsqrt(a); }
CC_INLINE Vec reciprocal(Vec a) { return 1.0f / a; }
CC_INLINE Vec floor(Vec a) { return vfloor(a); }
CC_INLINE Vec ceil(Vec a) { return vceil(a); }
CC_INLINE Vec round(Vec a) { return vround(a); }
CC_INLINE Vec sin(Vec a) { return vsin(a); }
CC_INLINE Vec cos(Vec a) { return vcos(a); }
CC_INLINE Vec relu(Vec a) { return vrelu(a); }
CC_INLINE Vec sigmoid(Vec a) { return vsigmoid(a); }
CC_INLINE Vec tanh(Vec a) { return vtanh(a); }
CC_INLINE Vec softplus(Vec a) { return vsoftplus(a); }
CC_INLINE Vec erf(Vec a) { return verf(a); }
CC_INLINE Vec isnan(Vec a) { return truth(is_nan(a)); }
CC_INLINE Vec isfinite(Vec a) { return truth(vabs(a) < f_inf); }
CC_INLINE Vec logical_not(Vec a) { return truth(a == 0.0f); }

CC_INLINE Vec add(Vec a, Vec b) { return a + b; }
CC_INLINE Vec subtract(Vec a, Vec b) { return a - b; }
CC_INLINE Vec multiply(Vec a, Vec b) { return a * b; }
CC_INLINE Vec divide(Vec a, Vec b) { return a / b; }
CC_INLINE Vec divide_no_nan(Vec a, Vec b) { return select(b == 0.0f, Vec{}, a / b); }
// Exact remainders have no vector form: these two walk the lanes.
CC_INLINE Vec mod(Vec a, Vec b) {
  Vec y;
  for (int i = 0; i < vl; ++i) {
    const float rest = __builtin_fmodf(a[i], b[i]);
    y[i] = rest == 0.0f ? __builtin_copysignf(0.0f, b[i]) : (rest < 0.0f) != (b[i] < 0.0f) ? rest + b[i] : rest;
  }
  return y;
}
CC_INLINE Vec floor_divide(Vec a, Vec b) {
  Vec rest;
  for (int i = 0; i < vl; ++i) rest[i] = __builtin_fmodf(a[i], b[i]);
  const Vec quotient = vround((a - rest) / b);
  const VecI below = (rest != 0.0f) & ((rest < 0.0f) != (b < 0.0f));
  return select(b == 0.0f, a / b, select(below, quotient - 1.0f, quotient));
}
CC_INLINE Vec power(Vec a, Vec b) { return vpow(a, b); }
CC_INLINE Vec maximum(Vec a, Vec b) { return vmax(a, b); }
CC_INLINE Vec minimum(Vec a, Vec b) { return vmin(a, b); }
CC_INLINE Vec equal(Vec a, Vec b) { return truth(a == b); }
CC_INLINE Vec not_equal(Vec a, Vec b) { return truth(a != b); }
CC_INLINE Vec less(Vec a, Vec b) { return truth(a < b); }
CC_INLINE Vec less_equal(Vec a, Vec b) { return truth(a <= b); }
CC_INLINE Vec greater(Vec a, Vec b) { return truth(a > b); }
CC_INLINE Vec greater_equal(Vec a, Vec b) { return truth(a >= b); }
CC_INLINE Vec logical_and(Vec a, Vec b) { return truth(holds(a) & holds(b)); }
CC_INLINE Vec logical_or(Vec a, Vec b) { return truth(holds(a) | holds(b)); }
CC_INLINE Vec clip(Vec a, Vec low, Vec high) { return vmin(vmax(a, low), high); }
CC_INLINE Vec where(Vec condition, Vec a, Vec b) { return select(holds(condition), a, b); }
CC_INLINE Vec cast(Vec a, Vec to_bool) { return select(holds(to_bool), truth(holds(a)), a); }

}  // namespace convcore::CC_ISA::scalar
