// Bytes (images, and bools) to float32; float32 to the half types and back.
#include "kernels/cast.h"

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

namespace {

CC_INLINE Vec load_bytes(const uint8_t* p) {
#if defined(__AVX512F__)
  return __builtin_convertvector((VecI)_mm512_maskz_cvtepu8_epi32((__mmask16)0xffff, _mm_loadu_si128((const __m128i*)p)),
                                 Vec);
#elif defined(__AVX2__)
  return __builtin_convertvector((VecI)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p)), Vec);
#else
  Vec v;
  for (int i = 0; i < vl; ++i) v[i] = p[i];
  return v;
#endif
}

}  // namespace

void cast_bytes(const CastArgs& a, Range blocks) {
  const uint8_t* x = static_cast<const uint8_t*>(a.x);
  float* y = static_cast<float*>(a.y);
  const int64_t end = blocks.end * cast_block < a.size ? blocks.end * cast_block : a.size;
  int64_t i = blocks.begin * cast_block;
  for (; i + vl <= end; i += vl) store(y + i, load_bytes(x + i));
  for (; i < end; ++i) y[i] = static_cast<float>(x[i]);
}

namespace {

typedef uint16_t Halves __attribute__((vector_size(vl * 2)));
typedef uint32_t Words __attribute__((vector_size(vl * 4)));  // for sums that may leave 31 bits
typedef uint16_t HalvesU __attribute__((vector_size(vl * 2), aligned(2), may_alias));

CC_INLINE VecI widened(Halves h) { return __builtin_convertvector(h, VecI); }
CC_INLINE Halves narrowed(VecI v) { return __builtin_convertvector(v, Halves); }
CC_INLINE VecI choose(VecI mask, VecI a, VecI b) { return (mask & a) | (~mask & b); }

struct Float16 {
  CC_INLINE Vec to_float(Halves h) {
#if defined(__AVX512F__)
    return (Vec)_mm512_maskz_cvtph_ps((__mmask16)0xffff, (__m256i)h);
#elif defined(__F16C__)
    return (Vec)_mm256_cvtph_ps((__m128i)h);
#else
    const VecI all = widened(h), rest = all & 0x7fff;
    const VecI special = rest >= set1i(0x7c00), rebias = choose(special, set1i(224 << 10), set1i(112 << 10));
    const VecI normal = ((rest + rebias) << 13) | ((rest > set1i(0x7c00)) & 0x400000);
    const VecI small = (VecI)(__builtin_convertvector(rest, Vec) * set1(0x1p-24f));  // a count of the smallest
    return (Vec)(choose(rest < set1i(0x400), small, normal) | ((all & 0x8000) << 16));
#endif
  }

  CC_INLINE Halves from_float(Vec v) {
#if defined(__AVX512F__)
    return (Halves)_mm512_maskz_cvtps_ph((__mmask16)0xffff, (__m512)v, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__F16C__)
    return (Halves)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT);
#else
    const VecI bits = (VecI)v, rest = bits & 0x7fffffff, payload = rest >> 13;
    const VecI normal = (VecI)(((Words)rest - (112 << 23) + 0xfff + ((Words)payload & 1)) >> 13);
    const Vec half = set1(0.5f);  // has the unit of the smallest half in its last place: the sum is rounded to that
    const VecI small = (VecI)((Vec)rest + half) - (VecI)half;
    VecI found = choose(rest < set1i(0x38800000), small, normal);
    found = choose(rest >= set1i(0x477ff000), set1i(0x7c00), found);
    found = choose(rest > set1i(0x7f800000), (payload & 0x3ff) | 0x7e00, found);
    return narrowed(found | ((bits >> 16) & 0x8000));
#endif
  }
};

struct Bfloat16 {
  CC_INLINE Vec to_float(Halves h) { return (Vec)(widened(h) << 16); }
  CC_INLINE Halves from_float(Vec v) {
    const Words bits = (Words)v, upper = bits >> 16, rounded = (bits + 0x7fff + (upper & 1)) >> 16;
    return narrowed(choose(v != v, (VecI)(upper | 0x40), (VecI)rounded));
  }
};

template <class Half>
CC_INLINE void to_floats(const uint16_t* x, float* y, int64_t begin, int64_t end) {
  int64_t i = begin;
  for (; i + vl <= end; i += vl) store(y + i, Half::to_float(*reinterpret_cast<const HalvesU*>(x + i)));
  if (i == end) return;
  Halves last = {};
  for (int lane = 0; lane < end - i; ++lane) last[lane] = x[i + lane];
  store_first(y + i, Half::to_float(last), static_cast<int>(end - i));
}

template <class Half>
CC_INLINE void to_halves(const float* x, uint16_t* y, int64_t begin, int64_t end) {
  int64_t i = begin;
  for (; i + vl <= end; i += vl) *reinterpret_cast<HalvesU*>(y + i) = Half::from_float(load(x + i));
  if (i == end) return;
  const Halves last = Half::from_float(load_first(x + i, static_cast<int>(end - i)));
  for (int lane = 0; lane < end - i; ++lane) y[i + lane] = last[lane];
}

}  // namespace

void cast_half(const CastArgs& a, Range blocks) {
  const int64_t end = blocks.end * cast_block < a.size ? blocks.end * cast_block : a.size;
  const int64_t begin = blocks.begin * cast_block;
  if (a.to == DType::f32) {
    const uint16_t* x = static_cast<const uint16_t*>(a.x);
    float* y = static_cast<float*>(a.y);
    if (a.from == DType::f16)
      to_floats<Float16>(x, y, begin, end);
    else
      to_floats<Bfloat16>(x, y, begin, end);
  } else {
    const float* x = static_cast<const float*>(a.x);
    uint16_t* y = static_cast<uint16_t*>(a.y);
    if (a.to == DType::f16)
      to_halves<Float16>(x, y, begin, end);
    else
      to_halves<Bfloat16>(x, y, begin, end);
  }
}

}  // namespace convcore::CC_ISA
