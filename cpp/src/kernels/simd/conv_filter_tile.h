// The register tile of the filter gradient: T taps times R consecutive input elements times NV vectors of filters, kept in
// registers over all pixels of a band.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

struct PixelRow {
  int64_t x, dy, count;  // offsets of the first pixel's input and gradient; pixels
};

struct FilterTile {
  const float* x;
  int64_t tap[4];  // offsets of the taps of this tile
  const float* dy;
  float* dw;  // of the first tap's first element
  const PixelRow* rows;
  int64_t row_count;
  int64_t x_step, dy_step;  // floats from pixel to pixel of a row
  int64_t f;                // floats from one element to the next in dw
  int64_t tap_step;         // floats from one tap to the next in dw
  int lanes;                // of the last vector
  bool first;               // nothing has been summed yet
};

// Pixels that are fetched before they are needed: an input of the forward pass has long left the caches, and pixels far
// apart are not what a processor guesses.
constexpr int64_t ahead = 32;

template <int BYTES>
CC_INLINE void fetch_pixel(const char* p) {
  __builtin_prefetch(p);
  if constexpr (BYTES > 32) __builtin_prefetch(p + BYTES - 4);
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
  const int64_t x_step = t.x_step * 4, dy_step = t.dy_step * 4;
  for (const PixelRow* row = t.rows; row != t.rows + t.row_count; ++row) {
    const char* x[T];
#pragma GCC unroll 4
    for (int i = 0; i < T; ++i) x[i] = reinterpret_cast<const char*>(t.x + t.tap[i] + row->x);
    const char* dy = reinterpret_cast<const char*>(t.dy + row->dy);
    for (int64_t p = row->count; p > 0; --p) {
      Vec d[NV];
#pragma GCC unroll 4
      for (int i = 0; i < T; ++i) fetch_pixel<4 * R>(x[i] + ahead * x_step);
      fetch_pixel<4 * NV * vl>(dy + ahead * dy_step);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        const float* from = reinterpret_cast<const float*>(dy) + v * vl;
        d[v] = v == NV - 1 ? load_lanes(from, t.lanes) : load(from);
      }
#pragma GCC unroll 16
      for (int m = 0; m < T * R; ++m) {
        const float* const element = reinterpret_cast<const float*>(x[m / R]) + m % R;
        if constexpr (NV == 1) {
          add_broadcast_product(acc[m][0], element, d[0]);
          continue;
        }
        const Vec xv = set1(*element);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) add_product(acc[m][v], xv, d[v]);
      }
#pragma GCC unroll 4
      for (int i = 0; i < T; ++i) x[i] += x_step;
      dy += dy_step;
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < T * R; ++m) {
    float* dw = t.dw + m / R * t.tap_step + m % R * t.f;
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      if (v == NV - 1) {
        store_lanes(dw + v * vl, acc[m][v], t.lanes);
      } else {
        store(dw + v * vl, acc[m][v]);
      }
    }
  }
}

}  // namespace convcore::CC_ISA
