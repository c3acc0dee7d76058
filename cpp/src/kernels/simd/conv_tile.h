// The register tile of all convolutions: M pixels of a row times NV vectors of output channels, summed over taps.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

struct Tile {
  const float* x;        // the array; `base` and the taps are offsets into it
  int64_t base, x_step;  // first pixel, floats from pixel to pixel
  const ConvTap* taps;
  int64_t tap_count, run;
  const float* w;     // this block's packed weights
  const float* bias;  // this block's bias or null
  float* y;
  int64_t y_step;
  int lanes;  // channels stored by the last vector, 1..vl
  bool relu;
};

template <int M, int NV>
static void conv_tile(const Tile& t) {
  constexpr int groups = (M + 2) / 3;
  Vec acc[M][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    Vec start = {};
    if (t.bias) start = v == NV - 1 ? load_first(t.bias + v * vl, t.lanes) : load(t.bias + v * vl);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) acc[m][v] = start;
  }
  const int64_t s = t.x_step * 4;
  for (int64_t i = 0; i < t.tap_count; ++i) {
    const char* x[groups];
    x[0] = reinterpret_cast<const char*>(t.x + (t.base + t.taps[i].x));
#pragma GCC unroll 16
    for (int g = 1; g < groups; ++g) x[g] = x[g - 1] + 3 * s;
    const float* w = t.w + t.taps[i].k * (NV * vl);
    for (int64_t e = t.run; e > 0; --e, w += NV * vl) {
      Vec wv[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) wv[v] = *reinterpret_cast<const Vec*>(w + v * vl);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        const Vec xv = set1(*reinterpret_cast<const float*>(x[m / 3] + m % 3 * s));
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[m][v] = fma(xv, wv[v], acc[m][v]);
      }
#pragma GCC unroll 16
      for (int g = 0; g < groups; ++g) {
        x[g] += 4;
        asm("" : "+r"(x[g]));
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
    float* y = t.y + m * t.y_step;
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      Vec r = acc[m][v];
      if (t.relu) r = select(r < 0.0f, Vec{}, r);
      if (v == NV - 1) {
        store_first(y + v * vl, r, t.lanes);
      } else {
        store(y + v * vl, r);
      }
    }
  }
}

}  // namespace convcore::CC_ISA
