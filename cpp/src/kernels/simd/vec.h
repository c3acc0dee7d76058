// Vectors of floats, one width per ISA: a thin layer over GCC/Clang vector extensions plus the few intrinsics they lack.
//
// Every file of this folder is compiled once per ISA with -DCC_ISA=baseline|avx2|avx512 (or neon) inside namespace
// convcore::CC_ISA. Nothing here may end up as a symbol shared between ISAs: the linker would merge them and an old CPU
// would meet a new instruction. So everything is static and always inlined, and no std:: function is called.
// The compiler does not contract a*b+c here (-ffp-contract=off): fma() is the only fused operation, so a result does
// not depend on whether an element was handled by a full vector or by a tail.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX2__) || defined(__AVX512F__) || defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define CC_INLINE static inline __attribute__((always_inline, unused))

namespace convcore::CC_ISA {

#if defined(__AVX512F__)
constexpr int vl = 16;         // floats in a Vec
constexpr int registers = 32;  // vector registers of the ISA
#elif defined(__AVX2__)
constexpr int vl = 8;
constexpr int registers = 16;
#elif defined(__aarch64__)
constexpr int vl = 4;
constexpr int registers = 32;
#else
constexpr int vl = 4;
constexpr int registers = 16;
#endif

#if defined(__FMA__) || defined(__aarch64__)
constexpr bool fused = true;  // one instruction multiplies and adds
#else
constexpr bool fused = false;
#endif

// Packed weights are fetched so far ahead: where they come from beyond L2 (a layer's first tile always does), the hardware
// alone starts too late. Blocks follow each other in memory.
constexpr int fetch_floats = 2048;

typedef float Vec __attribute__((vector_size(vl * 4)));
typedef int32_t VecI __attribute__((vector_size(vl * 4)));  // masks: all bits set, or none; exponents
typedef float VecU __attribute__((vector_size(vl * 4), aligned(4), may_alias));
typedef int32_t VecIU __attribute__((vector_size(vl * 4), aligned(4), may_alias));

CC_INLINE Vec set1(float s) { return s - Vec{}; }  // not +: that would lose the sign of -0
CC_INLINE VecI set1i(int32_t s) { return VecI{} + s; }
CC_INLINE Vec load(const float* p) { return *reinterpret_cast<const VecU*>(p); }
CC_INLINE void store(float* p, Vec v) { *reinterpret_cast<VecU*>(p) = v; }

// Past the caches, which do not read the line first; p: a multiple of a vector's bytes. After the last one and before
// another thread reads: finish_streams().
CC_INLINE void stream(float* p, Vec v) {
#if defined(__AVX512F__)
  _mm512_stream_ps(p, (__m512)v);
#elif defined(__AVX2__)
  _mm256_stream_ps(p, (__m256)v);
#elif defined(__SSE2__)
  _mm_stream_ps(p, (__m128)v);
#else
  store(p, v);
#endif
}
CC_INLINE void finish_streams() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

// Lane i is p[i] for i < n and 0 beyond; memory at and after p[n] is not touched. 0 <= n <= vl.
CC_INLINE Vec load_first(const float* p, int n) {
#if defined(__AVX512F__)
  return (Vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1u), p);
#elif defined(__AVX2__)
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return (Vec)_mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane));
#else
  Vec v = {};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
#endif
}
CC_INLINE void store_first(float* p, Vec v, int n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1u), (__m512)v);
#elif defined(__AVX2__)
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane), (__m256)v);
#else
  for (int i = 0; i < n; ++i) p[i] = v[i];
#endif
}

// The same, quick where all lanes are meant. (A masked load or store of AVX-512 costs nothing; a masked store of AVX2 does.)
CC_INLINE Vec load_lanes(const float* p, int lanes) {
#if defined(__AVX512F__) || defined(__AVX2__)
  return load_first(p, lanes);
#else
  return lanes == vl ? load(p) : load_first(p, lanes);
#endif
}
CC_INLINE void store_lanes(float* p, Vec v, int lanes) {
#if defined(__AVX512F__)
  store_first(p, v, lanes);
#else
  if (lanes == vl) {
    store(p, v);
  } else {
    store_first(p, v, lanes);
  }
#endif
}

// a*b + c. Fused on AVX2, AVX-512 and NEON; two roundings on the baseline, which has no such instruction.
CC_INLINE Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return (Vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (Vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (Vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}

// sum += a*b, rounded as fma() rounds. Written as an instruction because a register tile leaves no register to spare: given
// the choice, GCC puts some sums into the factor's register, moves them back, and spills one (a sixth of the speed).
CC_INLINE void add_product(Vec& sum, Vec a, Vec b) {
#if defined(__AVX512F__)
  asm("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
#elif defined(__FMA__)
  asm("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b));
#else
  sum = fma(a, b, sum);
#endif
}

// sum += *x * b in every lane. With AVX-512 the product reads and broadcasts *x itself: where a broadcast serves one
// product only, an instruction of its own takes a Zen 4 a third longer.
CC_INLINE void add_broadcast_product(Vec& sum, const float* x, Vec b) {
#if defined(__AVX512F__)
  asm("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(b), "m"(*x));
#else
  add_product(sum, set1(*x), b);
#endif
}

// mask ? a : b per lane
CC_INLINE Vec select(VecI mask, Vec a, Vec b) { return mask ? a : b; }

CC_INLINE bool any_lane(VecI mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_ps((__m256)mask) != 0;
#elif defined(__SSE2__)
  return _mm_movemask_ps((__m128)mask) != 0;
#else
  int32_t found = 0;
  for (int i = 0; i < vl; ++i) found |= mask[i];
  return found != 0;
#endif
}

// Both propagate NaN from either operand (IEEE 754-2019 maximum/minimum, signs of zero aside).
#if defined(__aarch64__)
CC_INLINE Vec vmax(Vec a, Vec b) { return (Vec)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
CC_INLINE Vec vmin(Vec a, Vec b) { return (Vec)vminq_f32((float32x4_t)a, (float32x4_t)b); }
#else
CC_INLINE Vec vmax(Vec a, Vec b) { return select((a > b) | (a != a), a, b); }
CC_INLINE Vec vmin(Vec a, Vec b) { return select((a < b) | (a != a), a, b); }
#endif
CC_INLINE Vec vabs(Vec a) { return (Vec)((VecI)a & 0x7fffffff); }
CC_INLINE Vec vsqrt(Vec a) {
#if defined(__AVX512F__)
  return (Vec)_mm512_maskz_sqrt_ps((__mmask16)0xffff, (__m512)a);
#elif defined(__AVX2__)
  return (Vec)_mm256_sqrt_ps((__m256)a);
#elif defined(__SSE2__)
  return (Vec)_mm_sqrt_ps((__m128)a);
#elif defined(__aarch64__)
  return (Vec)vsqrtq_f32((float32x4_t)a);
#else
  Vec r = a;
  for (int i = 0; i < vl; ++i) r[i] = __builtin_sqrtf(a[i]);
  return r;
#endif
}

// The sum of the lanes, in one fixed order: halves are added until one lane is left.
CC_INLINE float sum_lanes(Vec v) {
  float lanes[vl];
  store(lanes, v);
  for (int width = vl / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  return lanes[0];
}

}  // namespace convcore::CC_ISA
