// The register tile of the filter gradient: T taps times R consecutive input elements times NV vectors of filters, kept in
// registers over all pixels of a band.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

struct FilterRow {
  int64_t pixels, dy;  // offset of the row's first gradient
};

struct FilterTile {
  const float* x;
  const float* zeros;  // a row of zeros: read where a tap lies outside the image
  const float* dy;
  float* dw;  // of the first tap's first element
  const FilterRow* rows;
  int64_t row_count;
  const int64_t* offsets;  // [row][taps]: where each tap reads in x, or -1
  int64_t taps;            // stride of that table
  int64_t x_step, f;       // floats from pixel to pixel
  int64_t tap_step;        // floats from one tap to the next in dw
  int lanes;               // of the last vector
  bool first;              // nothing has been summed yet
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
  Vec acc[T * R][NV];
#pragma GCC unroll 16
  for (int m = 0; m < T * R; ++m) {
    const float* dw = t.dw + m / R * t.tap_step + m % R * t.f;
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v)
      acc[m][v] = t.first ? Vec{} : v == NV - 1 ? load_lanes(dw + v * vl, t.lanes) : load(dw + v * vl);
  }
  const int64_t f = t.f, step = t.x_step;
  const int64_t* offsets = t.offsets;
  for (int64_t r = 0; r < t.row_count; ++r, offsets += t.taps) {
    const float* x[T];
    if (T == 1 && offsets[0] < 0) continue;
#pragma GCC unroll 4
    for (int i = 0; i < T; ++i) x[i] = T > 1 && offsets[i] < 0 ? t.zeros : t.x + offsets[i];
    const float* dy = t.dy + t.rows[r].dy;
    for (int64_t p = t.rows[r].pixels; p > 0; --p, dy += f) {
      Vec d[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) d[v] = v == NV - 1 ? load_lanes(dy + v * vl, t.lanes) : load(dy + v * vl);
#pragma GCC unroll 16
      for (int m = 0; m < T * R; ++m) {
        const Vec xv = set1(x[m / R][m % R]);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[m][v] = fma(xv, d[v], acc[m][v]);
      }
#pragma GCC unroll 4
      for (int i = 0; i < T; ++i) x[i] += step;
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
