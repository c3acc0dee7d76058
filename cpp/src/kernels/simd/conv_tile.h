// The register tile of all convolutions: M pixels of a row times NV vectors of output channels, summed over taps.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/epilogue.h"
#include "kernels/simd/products.h"

namespace convcore::CC_ISA {

struct Tile {
  const float* x;        // the array; `base` and the taps are offsets into it
  int64_t base, x_step;  // first pixel, floats from pixel to pixel
  const ConvTap* taps;
  int64_t tap_count, run;
  int64_t blocks;     // blocks of NV*vl channels, one after the other
  const float* w;     // the first block's packed weights
  int64_t w_step;     // floats from block to block
  const float* bias;  // the first block's bias or null
  float* y;
  const float* residual;  // like y, or null
  int64_t y_step;
  Vec* partial;  // for partial_tile: M*NV sums of one block that are read here and left here, instead of bias and y
  int lanes;     // channels stored by a block's last vector, 1..vl
  // If not null, so many floats from here on are fetched for each 16 steps of the sums: a part of the next panel's weights,
  // which come from memory while these products keep the core busy. Only if there is one
  // tap, or run is a multiple of `piece`: the sums have the same pieces.
  const float* next;
  int64_t next_step;
  bool far;  // y lies beyond an L2: the lines of the next pixels are fetched while the sums are computed
  Epilogue epilogue;
};

// acc += x * w for `U` consecutive input elements. Pixels are addressed from a base every third pixel plus 0 to 2 steps: few
// enough address registers for any M.
template <int U, int M, int NV>
CC_INLINE void accumulate(Vec (&acc)[M][NV], const char* const (&x)[(M + 2) / 3], int64_t step, const float* w) {
  if constexpr (!fused) {
#pragma GCC unroll 4
    for (int i = 0; i < U * NV * vl; i += 16) __builtin_prefetch(w + i + fetch_floats);
    return add_products_by_row<U>(acc, x, step, w);
  }
#pragma GCC unroll 4
  for (int u = 0; u < U; ++u) {
    asm volatile("" ::: "memory");  // steps stay in order: mixing them needs more registers than there are
    Vec wv[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      if ((u * NV + v) * vl % 16 == 0) __builtin_prefetch(w + (u * NV + v) * vl + fetch_floats);
      wv[v] = *reinterpret_cast<const Vec*>(w + (u * NV + v) * vl);
    }
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const float* const pixel = reinterpret_cast<const float*>(x[m / 3] + m % 3 * step + u * 4);
      if constexpr (NV == 1) {
        add_broadcast_product(acc[m][0], pixel, wv[0]);
        continue;
      }
      const Vec xv = set1(*pixel);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) add_product(acc[m][v], xv, wv[v]);
    }
  }
}

// Moves all pixels on. The empty asm keeps the compiler from replacing the bases by one register per pixel.
template <int N>
CC_INLINE void advance(const char* (&x)[N], int bytes) {
#pragma GCC unroll 16
  for (int g = 0; g < N; ++g) {
    x[g] += bytes;
    asm("" : "+r"(x[g]));
  }
}

// One tap: a run of consecutive input elements. Unrolled, because every address computed takes an issue slot from a
// multiply-add.
template <int M, int NV>
CC_INLINE void accumulate_run(Vec (&acc)[M][NV], const float* first, int64_t x_step, const float* w, int64_t run) {
  constexpr int unroll = 4, bases = (M + 2) / 3;
  const int64_t step = x_step * 4;
  const char* x[bases];
  x[0] = reinterpret_cast<const char*>(first);
#pragma GCC unroll 16
  for (int g = 1; g < bases; ++g) x[g] = x[g - 1] + 3 * step;
  for (; run >= unroll; run -= unroll, w += unroll * NV * vl) {
    accumulate<unroll>(acc, x, step, w);
    advance(x, unroll * 4);
  }
  if (run >= 2) {
    accumulate<2>(acc, x, step, w);
    advance(x, 2 * 4), w += 2 * NV * vl;
  }
  if (run % 2 != 0) accumulate<1>(acc, x, step, w);
}

template <int NV>
CC_INLINE void load_bias(Vec (&start)[NV], const float* bias, int lanes) {
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v)
    start[v] = bias == nullptr ? Vec{} : v == NV - 1 ? load_lanes(bias + v * vl, lanes) : load(bias + v * vl);
}

template <int NV>
CC_INLINE void add_pixel(Vec (&sum)[NV], const float* from, int lanes) {
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) sum[v] += v == NV - 1 ? load_lanes(from + v * vl, lanes) : load(from + v * vl);
}

template <int NV>
CC_INLINE void store_pixel(float* y, const Vec (&sum)[NV], int lanes) {
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    if (v == NV - 1) {
      store_lanes(y + v * vl, sum[v], lanes);
    } else {
      store(y + v * vl, sum[v]);
    }
  }
}

// Long sums are added up in pieces of about this many products: the rounding errors of one long chain of additions would
// grow with the square root of its length.
constexpr int64_t piece = 128;

// total (or nothing yet) += acc; acc = 0.
template <int M, int NV>
CC_INLINE void end_piece(Vec (&total)[M][NV], Vec (&acc)[M][NV], bool begun) {
#pragma GCC unroll 32
  for (int i = 0; i < M * NV; ++i) {
    Vec& sum = acc[i / NV][i % NV];
    total[i / NV][i % NV] = begun ? total[i / NV][i % NV] + sum : sum;
    sum = Vec{};
  }
}

// The inner loop leaves `total` alone, so that the sums stay in registers from tap to tap.
template <int M, int NV>
CC_INLINE void add_taps(Vec (&acc)[M][NV], const Tile& t, const float* w, const float* next) {
  const int64_t steps = next != nullptr ? 16 : piece;
  const ConvTap *tap = t.taps, *const end = tap + t.tap_count;
  Vec total[M][NV];
  bool begun = false;
  for (int64_t done = 0; true; begun = true) {
    for (int64_t held = 0; tap != end && held < piece;) {
      const int64_t run = t.run - done < steps ? t.run - done : steps;
      if (next != nullptr) {
        for (int64_t at = 0; at < t.next_step; at += 16) __builtin_prefetch(next + at, 0, 2);
        next += t.next_step;
      }
      accumulate_run<M, NV>(acc, t.x + (t.base + tap->x + done), t.x_step, w + (tap->k + done) * (NV * vl), run);
      held += run, done += run;
      if (done == t.run) done = 0, ++tap;
    }
    if (tap == end) break;
    end_piece(total, acc, begun);
  }
  if (begun) {
#pragma GCC unroll 32
    for (int i = 0; i < M * NV; ++i) acc[i / NV][i % NV] += total[i / NV][i % NV];
  }
}

// What is read or written when the sums are complete arrives meanwhile.
template <int M, int NV, bool write>
CC_INLINE void fetch_pixels(const float* from, int64_t step) {
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < NV * vl; v += 16) __builtin_prefetch(from + m * step + v, write, 2);
}

// The sums of one block, read from t.partial and left there.
template <int M, int NV>
static void partial_tile(const Tile& t) {
  Vec acc[M][NV];
#pragma GCC unroll 32
  for (int i = 0; i < M * NV; ++i) acc[i / NV][i % NV] = t.partial[i];
  add_taps<M, NV>(acc, t, t.w, nullptr);
#pragma GCC unroll 32
  for (int i = 0; i < M * NV; ++i) t.partial[i] = acc[i / NV][i % NV];
}

// The same sums where they are of one piece and nothing else is fetched.
template <int M, int NV>
CC_INLINE void add_few_taps(Vec (&acc)[M][NV], const Tile& t, const float* w) {
  const ConvTap *tap = t.taps, *const end = tap + t.tap_count;
  for (; tap != end; ++tap) accumulate_run<M, NV>(acc, t.x + (t.base + tap->x), t.x_step, w + tap->k * (NV * vl), t.run);
}

// `few`: the sums have no more products than a piece, and t.next is null. A function of its own: where both ways join, the
// compiler keeps half of the sums in memory, which takes as long as the products of some five channels.
template <int M, int NV, bool few>
static void conv_tile(const Tile& t) {
  Vec acc[M][NV];
  const float* w = t.w;
  for (int64_t b = 0; b < t.blocks; ++b, w += t.w_step) {
    const int64_t channel = b * (NV * vl);
    Vec start[NV];
    load_bias(start, t.bias == nullptr ? nullptr : t.bias + channel, t.lanes);
    if (t.far) {
      fetch_pixels<M, NV, true>(t.y + channel + M * t.y_step, t.y_step);
      if (t.residual != nullptr) fetch_pixels<M, NV, false>(t.residual + channel, t.y_step);
    }
#pragma GCC unroll 32
    for (int i = 0; i < M * NV; ++i) acc[i / NV][i % NV] = start[i % NV];
    if constexpr (few) {
      add_few_taps<M, NV>(acc, t, w);
    } else {
      add_taps<M, NV>(acc, t, w, t.next == nullptr ? nullptr : t.next + b * t.tap_count * t.run / 16 * t.next_step);
    }
    const int lanes = t.lanes;  // stores may change anything but what is held in registers
    const int64_t y_step = t.y_step;
    const Vec low = set1(t.epilogue.low), high = set1(t.epilogue.high);
    if (t.residual != nullptr) {
      const float* residual = t.residual + channel;
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) add_pixel(acc[m], residual + m * y_step, lanes);
    }
    float* y = t.y + channel;
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m, y += y_step) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) acc[m][v] = limited(acc[m][v], low, high);
      store_pixel(y, acc[m], lanes);
    }
  }
}

}  // namespace convcore::CC_ISA
