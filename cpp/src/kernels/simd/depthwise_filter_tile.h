// The register tile of the depthwise filter gradient: RH kernel rows times KW taps times NV vectors of lanes, kept in
// registers over all pixels of a band.
#pragma once

#include "kernels/depthwise.h"
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

struct KernelRow {
  int64_t x;           // offset of its first element for output row 0, column 0
  int64_t begin, end;  // output rows for which it lies inside the image
  float* dw;           // of its first element
};

struct FilterRows {
  const float* x;
  const float* dy;  // first lane of output row 0, column 0
  int64_t row_begin, row_end, x_row, dy_row;
  int64_t x_step, dy_step;     // from an output pixel to the next
  int64_t tap_step, dw_step;   // from a tap of a row to the next, in x and in dw
  int64_t pixels;              // of a row
  const int64_t *begin, *end;  // [taps] pixels for which a tap lies inside the image
  int lanes;                   // of the last vector
  bool first;                  // nothing has been summed yet
  KernelRow rows[3];
};

// acc += x * dy for P pixels whose taps all lie inside the image. An input pixel is loaded once for all of its products; per
// tap they are added in the order of the pixels, whatever P.
template <int RH, int KW, int S, int P, int NV, bool whole>
CC_INLINE void add_inside(Vec (&acc)[RH][KW][NV], const float* const (&x)[RH], const float* dy, const FilterRows& t) {
  Vec d[P][NV];
#pragma GCC unroll 16
  for (int i = 0; i < P * NV; ++i) d[i / NV][i % NV] = get<whole>(dy + i / NV * t.dy_step + i % NV * vl, t.lanes);
#pragma GCC unroll 3
  for (int i = 0; i < RH; ++i) {
    const float* at = x[i];
#pragma GCC unroll 16
    for (int j = 0; j < (P - 1) * S + KW; ++j, at += t.tap_step) {
      Vec value[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) value[v] = get<whole>(at + v * vl, t.lanes);
#pragma GCC unroll 8
      for (int k = 0; k < KW; ++k) {
        if ((j - k) % S != 0 || j < k || (j - k) / S >= P) continue;
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) add_product(acc[i][k][v], value[v], d[(j - k) / S][v]);
      }
    }
  }
}

// The same for one pixel, of which not all taps lie inside: bit k of `taps`, bit i of `rows`.
template <int RH, int KW, int NV, bool whole>
CC_INLINE void add_clipped(Vec (&acc)[RH][KW][NV], const float* const (&x)[RH], const float* dy, const FilterRows& t,
                           uint32_t rows, uint32_t taps) {
  Vec d[NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) d[v] = get<whole>(dy + v * vl, t.lanes);
#pragma GCC unroll 3
  for (int i = 0; i < RH; ++i) {
    if ((rows >> i & 1) == 0) continue;
    const float* at = x[i];
#pragma GCC unroll 8
    for (int k = 0; k < KW; ++k, at += t.tap_step) {
      if ((taps >> k & 1) == 0) continue;
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) add_product(acc[i][k][v], get<whole>(at + v * vl, t.lanes), d[v]);
    }
  }
}

template <int KW>
CC_INLINE uint32_t taps_inside(const FilterRows& t, int64_t pixel) {
  uint32_t taps = 0;
#pragma GCC unroll 8
  for (int k = 0; k < KW; ++k) taps |= static_cast<uint32_t>(pixel >= t.begin[k] && pixel < t.end[k]) << k;
  return taps;
}

// One row of pixels.
template <int RH, int KW, int S, int NV, bool whole>
CC_INLINE void add_row(Vec (&acc)[RH][KW][NV], const FilterRows& t, int64_t r, uint32_t rows) {
  constexpr int P = KW == 1 ? 1 : registers >= 32 ? 4 : 2;
  const float* x[RH];
#pragma GCC unroll 3
  for (int i = 0; i < RH; ++i) x[i] = t.x + t.rows[i].x + r * t.x_row;
  const float* dy = t.dy + r * t.dy_row;
  const auto advance = [&](int64_t pixels) __attribute__((always_inline)) {
#pragma GCC unroll 3
    for (int i = 0; i < RH; ++i) x[i] += pixels * t.x_step;
    dy += pixels * t.dy_step;
  };
  int64_t p = 0, inside_end = 0;
  if (rows == (1u << RH) - 1) {
    const int64_t inside = least(t.begin[0], t.pixels);
    inside_end = t.end[KW - 1];
    for (; p < inside; ++p, advance(1)) add_clipped<RH, KW, NV, whole>(acc, x, dy, t, rows, taps_inside<KW>(t, p));
    for (; p + P <= inside_end; p += P, advance(P)) add_inside<RH, KW, S, P, NV, whole>(acc, x, dy, t);
    if constexpr (P > 1)
      for (; p < inside_end; ++p, advance(1)) add_inside<RH, KW, S, 1, NV, whole>(acc, x, dy, t);
  }
  for (; p < t.pixels; ++p, advance(1)) add_clipped<RH, KW, NV, whole>(acc, x, dy, t, rows, taps_inside<KW>(t, p));
}

template <int RH, int KW, int S, int NV, bool whole>
static void filter_rows(const FilterRows& t) {
  Vec acc[RH][KW][NV] = {};
  if (!t.first) {
#pragma GCC unroll 32
    for (int i = 0; i < RH * KW * NV; ++i)
      acc[i / (KW * NV)][i / NV % KW][i % NV] =
          get<whole>(t.rows[i / (KW * NV)].dw + i / NV % KW * t.dw_step + i % NV * vl, t.lanes);
  }
  for (int64_t r = t.row_begin; r < t.row_end; ++r) {
    uint32_t rows = 0;
#pragma GCC unroll 3
    for (int i = 0; i < RH; ++i) rows |= static_cast<uint32_t>(r >= t.rows[i].begin && r < t.rows[i].end) << i;
    if (rows != 0) add_row<RH, KW, S, NV, whole>(acc, t, r, rows);
  }
#pragma GCC unroll 32
  for (int i = 0; i < RH * KW * NV; ++i)
    put<whole>(t.rows[i / (KW * NV)].dw + i / NV % KW * t.dw_step + i % NV * vl, acc[i / (KW * NV)][i / NV % KW][i % NV],
               t.lanes);
}

// db += dy over the band's rows. Four sums, so that additions need not wait for each other.
template <bool whole>
static void bias_rows(const FilterRows& t, float* db) {
  constexpr int sums = 4;
  Vec acc[sums] = {};
  for (int64_t r = t.row_begin; r < t.row_end; ++r) {
    const float* dy = t.dy + r * t.dy_row;
    int64_t p = 0;
    for (; p + sums <= t.pixels; p += sums)
#pragma GCC unroll 4
      for (int s = 0; s < sums; ++s, dy += t.dy_step) acc[s] += get<whole>(dy, t.lanes);
    for (; p < t.pixels; ++p, dy += t.dy_step) acc[0] += get<whole>(dy, t.lanes);
  }
  const Vec before = t.first ? Vec{} : get<whole>(db, t.lanes);
  put<whole>(db, before + ((acc[0] + acc[1]) + (acc[2] + acc[3])), t.lanes);
}

}  // namespace convcore::CC_ISA
