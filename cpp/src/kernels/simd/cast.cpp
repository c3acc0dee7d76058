// Bytes (images, and bools) to float32.
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

}  // namespace convcore::CC_ISA
