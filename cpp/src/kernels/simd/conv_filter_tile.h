// The register tile of the filter gradient: T taps times R consecutive input elements times NV vectors of filters, kept in
// registers over all pixels of a band.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

struct Pixel {
  int64_t x, dy;  // offsets of an output pixel's first input element and of its gradient
};

struct FilterTile {
  const float* x;
  int64_t tap[4];  // offsets of the taps of this tile
  const float* dy;
  float* dw;  // of the first tap's first element
  const Pixel* pixels;
  int64_t pixel_count;
  int64_t f;         // floats from one element to the next in dw
  int64_t tap_step;  // floats from one tap to the next in dw
  int lanes;         // of the last vector
  bool first;        // nothing has been summed yet
};

CC_INLINE Vec load_lanes(const float* p, int lanes) {
#if defined(__AVX512F__) || defined(__AVX2__)
  return load_first(p, lanes);
#else
  return lanes == vl ? load(p) : load_first(p, lanes);
#endif
}

template <int T, int R, int NV>
static void filter_tile(const FilterTile& t) {
  Vec acc[T * R][NV] = {};
  if (!t.first) {
#pragma GCC unroll 16
    for (int m = 0; m < T * R; ++m) {
      const float* dw = t.dw + m / R * t.tap_step + m % R * t.f;
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) acc[m][v] = v == NV - 1 ? load_lanes(dw + v * vl, t.lanes) : load(dw + v * vl);
    }
  }
  const float* x[T];
#pragma GCC unroll 4
  for (int i = 0; i < T; ++i) x[i] = t.x + t.tap[i];
  const Pixel* const end = t.pixels + t.pixel_count;
  for (const Pixel* p = t.pixels; p != end; ++p) {
    const float* dy = t.dy + p->dy;
    const int64_t at = p->x;
    Vec d[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) d[v] = v == NV - 1 ? load_lanes(dy + v * vl, t.lanes) : load(dy + v * vl);
#pragma GCC unroll 16
    for (int m = 0; m < T * R; ++m) {
      const Vec xv = set1(x[m / R][at + m % R]);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) add_product(acc[m][v], xv, d[v]);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < T * R; ++m) {
    float* dw = t.dw + m / R * t.tap_step + m % R * t.f;
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      if (v == NV - 1) {
        store_first(dw + v * vl, acc[m][v], t.lanes);
      } else {
        store(dw + v * vl, acc[m][v]);
      }
    }
  }
}

}  // namespace convcore::CC_ISA
