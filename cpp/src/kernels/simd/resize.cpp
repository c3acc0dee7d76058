// Resampling: many channels a vector of channels at a time; few channels a vector of neighbouring outputs at a time,
// gathered from a row of sums along the other axis. Both add in the same order.
#include "kernels/resize.h"

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

// The weighted sum of `taps` vectors that lie `step` floats apart.
template <bool whole>
CC_INLINE Vec weighted(const float* x, int64_t step, const float* weight, int64_t taps, int lanes) {
  Vec sum = set1(weight[0]) * get<whole>(x, lanes);
  for (int64_t t = 1; t < taps; ++t) sum = fma(set1(weight[t]), get<whole>(x + t * step, lanes), sum);
  return sum;
}

CC_INLINE Vec gather(const float* p, VecI index) {
#if defined(__AVX512F__)
  return (Vec)_mm512_mask_i32gather_ps(_mm512_setzero_ps(), (__mmask16)0xffff, (__m512i)index, p, 4);
#elif defined(__AVX2__)
  const __m256 all = (__m256)_mm256_set1_epi32(-1);
  return (Vec)_mm256_mask_i32gather_ps(_mm256_setzero_ps(), p, (__m256i)index, all, 4);
#else
  Vec v;
  for (int i = 0; i < vl; ++i) v[i] = p[index[i]];
  return v;
#endif
}

// One pixel's channels [first, first + lanes).
template <bool whole>
CC_INLINE Vec pixel(const ResizeArgs& a, const float* x, const float* row_weight, int64_t column, int lanes) {
  const int64_t row_step = a.columns.in * a.c;
  const float* weight = a.columns.weight + column * a.columns.taps;
  x += a.columns.first[column] * a.c;
  Vec sum = set1(weight[0]) * weighted<whole>(x, row_step, row_weight, a.rows.taps, lanes);
  for (int64_t t = 1; t < a.columns.taps; ++t)
    sum = fma(set1(weight[t]), weighted<whole>(x + t * a.c, row_step, row_weight, a.rows.taps, lanes), sum);
  return sum;
}

CC_INLINE void many_channels(const ResizeArgs& a, const float* x, const float* row_weight, float* y) {
  for (int64_t column = 0; column < a.columns.out; ++column, y += a.c) {
    int64_t c = 0;
    for (; c + vl <= a.c; c += vl) store(y + c, pixel<true>(a, x + c, row_weight, column, vl));
    const int rest = (int)(a.c - c);
    if (rest > 0) store_first(y + c, pixel<false>(a, x + c, row_weight, column, rest), rest);
  }
}

CC_INLINE void sum_rows(const ResizeArgs& a, const float* x, const float* row_weight, int64_t size, float* sums) {
  const int64_t row_step = a.columns.in * a.c;
  int64_t i = 0;
  for (; i + vl <= size; i += vl) store(sums + i, weighted<true>(x + i, row_step, row_weight, a.rows.taps, vl));
  const int rest = (int)(size - i);
  if (rest > 0) store(sums + i, weighted<false>(x + i, row_step, row_weight, a.rows.taps, rest));
}

CC_INLINE void few_channels(const ResizeArgs& a, const float* x, const float* row_weight, float* y) {
  float sums[resize_scratch + resize_lanes];
  for (int64_t b = 0; b < a.blocks; ++b) {
    const ResizeBlock& block = a.block[b];
    sum_rows(a, x + block.first_in * a.c, row_weight, block.span * a.c, sums);
    const int64_t size = block.columns * a.c;
    for (int64_t i = 0; i < size; i += vl) {
      const int64_t at = block.table + i;
      const VecI from = *reinterpret_cast<const VecIU*>(a.source + at);
      Vec sum = load(a.lane_weight + at) * gather(sums, from);
      for (int64_t t = 1; t < a.columns.taps; ++t)
        sum = fma(load(a.lane_weight + t * a.lanes + at), gather(sums + t * a.c, from), sum);
      const int64_t left = size - i;
      if (left >= vl) {
        store(y + i, sum);
      } else {
        store_first(y + i, sum, (int)left);
      }
    }
    y += size;
  }
}

}  // namespace

void resize(const ResizeArgs& a, Range rows) {
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    const int64_t n = row / a.rows.out, out = row % a.rows.out;
    const float* x = static_cast<const float*>(a.x) + (n * a.rows.in + a.rows.first[out]) * a.columns.in * a.c;
    float* y = static_cast<float*>(a.y) + row * a.columns.out * a.c;
    const float* weight = a.rows.weight + out * a.rows.taps;
    if (a.blocks > 0) {
      few_channels(a, x, weight, y);
    } else {
      many_channels(a, x, weight, y);
    }
  }
}

}  // namespace convcore::CC_ISA
