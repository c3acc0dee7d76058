// Elementary functions of vectors, for elementwise kernels and for the epilogues of others.
//
// Every function works per lane, without branches that depend on neighbours (rare lanes that need the C library take a
// masked detour), so a tail gives the same bits as a full vector. Errors stay within about two units in the last place; NaN,
// infinities, denormals and signs of zero come out as in the C library. Polynomials are minimax fits on the stated ranges.
#pragma once

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

constexpr float f_inf = __builtin_inff();
constexpr float f_nan = __builtin_nanf("");

CC_INLINE VecI bits(Vec a) { return (VecI)a; }
// a - b, wrapping round: bit patterns of any float may be subtracted.
CC_INLINE VecI difference(VecI a, VecI b) {
  typedef uint32_t VecW __attribute__((vector_size(vl * 4)));
  return (VecI)((VecW)a - (VecW)b);
}
CC_INLINE VecI sign_bit(Vec a) { return (VecI)a & set1i((int32_t)0x80000000u); }
CC_INLINE Vec with_sign(Vec magnitude, VecI sign) { return (Vec)((VecI)magnitude | sign); }
CC_INLINE VecI is_nan(Vec a) { return a != a; }
CC_INLINE Vec to_float(VecI a) { return __builtin_convertvector(a, Vec); }
CC_INLINE VecI truncated(Vec a) { return __builtin_convertvector(a, VecI); }  // |a| < 2^31

// c0 + c1*x + c2*x^2 + ...
template <int N>
CC_INLINE Vec polynomial(Vec x, const float (&c)[N]) {
  Vec r = set1(c[N - 1]);
  for (int i = N - 2; i >= 0; --i) r = fma(r, x, set1(c[i]));
  return r;
}

// To integers, as floats. Beyond 2^23 every float is one.
CC_INLINE Vec vtrunc(Vec x) {
  const VecI small = vabs(x) < 8388608.0f;
  const Vec r = with_sign(to_float(truncated(select(small, x, Vec{}))), sign_bit(x));
  return select(small, r, x);
}
CC_INLINE Vec vfloor(Vec x) {
  const Vec t = vtrunc(x);
  return select(t > x, t - 1.0f, t);
}
CC_INLINE Vec vceil(Vec x) {
  const Vec t = vtrunc(x);
  return select(t < x, with_sign(vabs(t + 1.0f), sign_bit(x)), t);
}
CC_INLINE Vec vround(Vec x) {  // halves to even
  const Vec magic = with_sign(set1(8388608.0f), sign_bit(x));
  return select(vabs(x) < 8388608.0f, with_sign(vabs((x + magic) - magic), sign_bit(x)), x);
}

// x * 2^n for n in [-252, 252], in two factors so that denormal results round once.
CC_INLINE Vec scale_by_power_of_two(Vec x, VecI n) {
  const VecI half = n >> 1;
  return x * (Vec)((half + 127) << 23) * (Vec)((n - half + 127) << 23);
}

CC_INLINE Vec vexp(Vec x) {
  const Vec low = set1(-105.0f), high = set1(89.0f);
  Vec c = select(x < low, low, x);
  c = select(c > high, high, c);
  const Vec magic = set1(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const Vec shifted = fma(c, set1(1.44269504f), magic);
  const Vec n = shifted - magic;
  Vec r = fma(n, set1(-0.693359375f), c);  // ln 2 in two parts; n times the first is exact
  r = fma(n, set1(2.12194440e-4f), r);
  const Vec p = polynomial(
      r, {5.000000078e-01f, 1.666666686e-01f, 4.166626969e-02f, 8.333265413e-03f, 1.394608671e-03f, 1.991783250e-04f});
  const Vec y = fma(r * r, p, r) + 1.0f;
  const VecI exponent = difference(bits(shifted), bits(magic)) & ~is_nan(x);
  return select(is_nan(x), x, scale_by_power_of_two(y, exponent));
}

// Splits positive x into m in [sqrt(1/2), sqrt(2)) and e with x = m * 2^e.
CC_INLINE Vec split_exponent(Vec x, Vec* e) {
  const VecI denormal = x < 1.17549435e-38f;
  const VecI b = difference(bits(select(denormal, x * 8388608.0f, x)), set1i(0x3f3504f3));  // the bits of sqrt(1/2)
  *e = to_float((b >> 23) - (denormal & 23));
  return (Vec)((b & 0x7fffff) + 0x3f3504f3);
}

CC_INLINE Vec vlog(Vec x) {
  Vec e;
  const Vec f = split_exponent(x, &e) - 1.0f;
  const Vec f2 = f * f;
  const Vec p = polynomial(f, {3.333331044e-01f, -2.499998660e-01f, 2.000222661e-01f, -1.666925082e-01f, 1.421865809e-01f,
                               -1.238434847e-01f, 1.187297629e-01f, -1.178980770e-01f, 6.915368068e-02f});
  Vec y = f2 * f * p;
  y = fma(e, set1(-2.12194440e-4f), y);
  y = fma(f2, set1(-0.5f), y);
  y = fma(e, set1(0.693359375f), f + y);
  y = select((x == f_inf) | is_nan(x), x, y);
  y = select(x == 0.0f, set1(-f_inf), y);
  return select(x < 0.0f, set1(f_nan), y);
}

CC_INLINE Vec vlog1p(Vec x) {
  const Vec u = x + 1.0f;
  const Vec lost = (vabs(x) < 1.0f) ? x - (u - 1.0f) : (x - u) + 1.0f;  // what rounding took from u
  const Vec y = vlog(u) + lost / u;
  return select((u == 0.0f) | (u == f_inf) | (vabs(x) < 1e-8f), select(vabs(x) < 1e-8f, x, vlog(u)), y);
}

CC_INLINE Vec vtanh(Vec x) {
  const Vec a = vabs(x), z = x * x;
  const Vec small = fma(z * x,
                        polynomial(z, {-3.333333091e-01f, 1.333320976e-01f, -5.394720427e-02f, 2.170296710e-02f,
                                       -8.182673858e-03f, 2.147536861e-03f}),
                        x);
  const Vec large = 1.0f - 2.0f / (vexp(a + a) + 1.0f);
  const Vec y = select(a < 0.625f, small, with_sign(large, sign_bit(x)));
  return select(is_nan(x) | (x == 0.0f), x, y);
}

CC_INLINE Vec vsigmoid(Vec x) {
  const Vec e = vexp((Vec)(bits(x) | set1i((int32_t)0x80000000u)));  // e to the -|x| never overflows
  const Vec y = select(x < 0.0f, e, set1(1.0f)) / (e + 1.0f);
  return select(is_nan(x), x, y);
}

CC_INLINE Vec vsoftplus(Vec x) {
  const Vec e = vexp((Vec)(bits(x) | set1i((int32_t)0x80000000u)));
  const Vec y = select(x > 0.0f, x, Vec{}) + vlog1p(e);
  return select(is_nan(x), x, y);
}

CC_INLINE Vec verf(Vec x) {
  const Vec a = vabs(x), z = x * x;
  const Vec small = x * polynomial(z, {1.128379167e+00f, -3.761263848e-01f, 1.128378275e-01f, -2.686544582e-02f,
                                       5.221074876e-03f, -8.484711425e-04f, 1.127054431e-04f, -9.680135872e-06f});
  const Vec p = polynomial(a, {-1.880402292e-04f, 1.129578424e+00f, 6.332198931e-01f, 1.084185773e-01f, -2.520825673e-02f,
                               4.204561871e-03f, -4.413363765e-04f, 2.168684990e-05f});  // -log(1 - erf(a)) on [1, 4]
  const Vec large = select(a < 4.0f, 1.0f - vexp(-p), set1(1.0f));
  const Vec y = select(a < 1.0f, small, with_sign(large, sign_bit(x)));
  return select(is_nan(x), x, y);
}

CC_INLINE Vec vrelu(Vec x) { return select(x < 0.0f, Vec{}, x); }  // NaN stays

}  // namespace convcore::CC_ISA

#include "kernels/simd/math_pow.h"
#include "kernels/simd/math_trig.h"
