// The register tile of depthwise convolution: P pixels of a row times NV vectors of channels, summed over all taps.
#pragma once

#include "kernels/depthwise.h"
#include "kernels/simd/epilogue.h"
#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

struct RowTap {
  int64_t x, w;  // offsets of a kernel row's first element: from the pixel's first element; in the block's packed weights
};

struct DepthwiseTile {
  const float* x;  // where the first pixel's first tap lies, were all rows' offsets 0
  const RowTap* rows;
  int64_t row_count;
  int64_t column;     // floats from an input pixel to the next
  const float* w;     // packed weights of this block
  int64_t w_block;    // floats from a block to the next
  const float* bias;  // of these channels, or null
  const float* residual;
  float* y;
  int64_t y_step;
  uint32_t inside;  // bit j: column j of the input lies inside the image; asked for columns that not all pixels read
  int64_t count;    // times NV vectors of channels, one after the other
  int lanes;        // channels of the last vector
  Epilogue epilogue;
  // Tiles of any taps:
  const ConvAxis* axis;
  int64_t first;  // the first pixel's index on the axis
};

template <int P, int NV, bool whole>
CC_INLINE void start_tile(Vec (&acc)[P][NV], const DepthwiseTile& t) {
  Vec start[NV] = {};
  if (t.bias != nullptr) {
#pragma GCC unroll 2
    for (int v = 0; v < NV; ++v) start[v] = get<whole>(t.bias + v * vl, t.lanes);
  }
#pragma GCC unroll 16
  for (int i = 0; i < P * NV; ++i) acc[i / NV][i % NV] = start[i % NV];
}

// The next pixel. The empty asm keeps the compiler from holding one register per pixel.
template <class T>
CC_INLINE void advance(T*& p, int64_t floats) {
  p += floats;
  asm("" : "+r"(p));
}

template <int P, int NV, bool whole>
CC_INLINE void store_tile(Vec (&acc)[P][NV], const DepthwiseTile& t) {
  if (t.residual != nullptr) {
    const float* from = t.residual;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p, advance(from, t.y_step))
#pragma GCC unroll 2
      for (int v = 0; v < NV; ++v) acc[p][v] += get<whole>(from + v * vl, t.lanes);
  }
  const Vec low = set1(t.epilogue.low), high = set1(t.epilogue.high);
  float* y = t.y;
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p, advance(y, t.y_step))
#pragma GCC unroll 2
    for (int v = 0; v < NV; ++v) put<whole>(y + v * vl, limited(acc[p][v], low, high), t.lanes);
}

CC_INLINE void next_vectors(DepthwiseTile& t, int vectors) {
  --t.count, t.x += vectors * vl, t.w += vectors * t.w_block, t.y += vectors * vl;
  if (t.bias != nullptr) t.bias += vectors * vl;
  if (t.residual != nullptr) t.residual += vectors * vl;
}

// KW neighbouring taps a kernel row, stride S: each input pixel is loaded once a kernel row. For every output the taps are
// added in the order of their columns, as in taps_tile. Only columns at the tile's ends may lie outside the image.
template <int KW, int S, int P, int NV, bool whole>
static void columns_tile(const DepthwiseTile& tile) {
  const int64_t column = tile.column;
  const uint32_t inside = tile.inside;
  const RowTap* const end = tile.rows + tile.row_count;
  for (DepthwiseTile t = tile; t.count > 0; next_vectors(t, NV)) {
    Vec acc[P][NV];
    start_tile<P, NV, whole>(acc, t);
    for (const RowTap* r = t.rows; r != end; ++r) {
      const float* x = t.x + r->x;
      Vec weight[KW][NV];
#pragma GCC unroll 2
      for (int v = 0; v < NV; ++v) {
        const float* w = t.w + r->w + v * t.w_block;
        advance(w, 0);
#pragma GCC unroll 8
        for (int k = 0; k < KW; ++k) weight[k][v] = load(w + k * vl);
      }
      advance(x, 0);
      uint32_t columns = inside;
      asm volatile("" : "+r"(columns));  // or the tests are done beforehand and their results kept
#pragma GCC unroll 32
      for (int j = 0; j < (P - 1) * S + KW; ++j, advance(x, column)) {
        if ((j < KW - 1 || j > (P - 1) * S) && (columns & 1u << j) == 0) continue;
        Vec value[NV];
#pragma GCC unroll 2
        for (int v = 0; v < NV; ++v) value[v] = get<whole>(x + v * vl, t.lanes);
#pragma GCC unroll 8
        for (int k = 0; k < KW; ++k) {
          if ((j - k) % S != 0 || j < k || (j - k) / S >= P) continue;
#pragma GCC unroll 2
          for (int v = 0; v < NV; ++v) add_product(acc[(j - k) / S][v], value[v], weight[k][v]);
        }
      }
    }
    store_tile<P, NV, whole>(acc, t);
  }
}

// Any taps: each is added to those of the pixels for which it lies inside the image.
template <int P, int NV, bool whole>
static void taps_tile(const DepthwiseTile& tile) {
  const ConvAxis& axis = *tile.axis;
  const int64_t step = axis.in_step * tile.column;
  for (DepthwiseTile t = tile; t.count > 0; next_vectors(t, NV)) {
    Vec acc[P][NV];
    start_tile<P, NV, whole>(acc, t);
    for (int64_t r = 0; r < t.row_count; ++r)
      for (int64_t k = 0; k < axis.taps; ++k) {
        const float* x = t.x + t.rows[r].x + (axis.offset[k] - axis.offset[0]) * t.column;
        const float* w = t.w + t.rows[r].w + k * vl;
        const int64_t begin = axis.begin[k] - t.first, end = axis.end[k] - t.first;
        Vec weight[NV];
#pragma GCC unroll 2
        for (int v = 0; v < NV; ++v) weight[v] = load(w + v * t.w_block);
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p, x += step) {
          if (p < begin || p >= end) continue;
#pragma GCC unroll 2
          for (int v = 0; v < NV; ++v) add_product(acc[p][v], get<whole>(x + v * vl, t.lanes), weight[v]);
        }
      }
    store_tile<P, NV, whole>(acc, t);
  }
}

}  // namespace convcore::CC_ISA
