// The register tile of the Winograd products: M tiles times NV vectors of output channels, summed over the input channels.
// Unlike the one of conv_tile.h its input lies in blocks of a vector's channels, so every address is a constant away.
#pragma once

#include "kernels/simd/products.h"
#include "kernels/winograd.h"

namespace convcore::CC_ISA {

struct Product {
  const float* v;   // [block of channels][tile][vl]
  int64_t v_block;  // floats from block to block
  const float* u;   // [channel][NV * vl]
  float* m;         // [tile][NV * vl]
  int64_t channels;
  const float* start;  // [tile][NV * vl] sums with which the first chain starts; null: zeros
  bool more;           // chains are added to the sums in m
  // For every cache line of u one is fetched, from here on, so many floats apart: of u itself, further on, or of the weights
  // that are transformed next, which come from memory while these products keep the core busy.
  const float* fetch;
  int64_t fetch_step;
};

template <int U, int M, int NV>
CC_INLINE void add_products(Vec (&acc)[M][NV], const float* v, const float* u, const float*& fetch, int64_t fetch_step) {
  if constexpr (!fused) {
#pragma GCC unroll 4
    for (int i = 0; i < U * NV * vl; i += 16) __builtin_prefetch(fetch, 0, 3), fetch += fetch_step;
    const char* rows[(M + 2) / 3];
#pragma GCC unroll 4
    for (int g = 0; g < (M + 2) / 3; ++g) rows[g] = reinterpret_cast<const char*>(v + 3 * g * vl);
    return add_products_by_row<U>(acc, rows, vl * 4, u);
  }
#pragma GCC unroll 4
  for (int k = 0; k < U; ++k) {
    asm volatile("" ::: "memory");  // steps stay in order: mixing them needs more registers than there are
    Vec uv[NV];
#pragma GCC unroll 4
    for (int n = 0; n < NV; ++n) {
      if ((k * NV + n) * vl % 16 == 0) __builtin_prefetch(fetch, 0, 3), fetch += fetch_step;
      uv[n] = *reinterpret_cast<const Vec*>(u + (k * NV + n) * vl);
    }
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const Vec x = set1(v[m * vl + k]);
#pragma GCC unroll 4
      for (int n = 0; n < NV; ++n) add_product(acc[m][n], x, uv[n]);
    }
  }
}

// Sums are cut: each piece of channels is added up apart from the others, because one long chain of additions rounds more.
template <int M, int NV>
static void product(const Product& p) {
  constexpr int unroll = 4;
  static_assert(winograd_piece % vl == 0);
  const float *v = p.v, *u = p.u, *fetch = p.fetch;
  const float* start = p.start;
  bool more = p.more;
  for (int64_t rest = p.channels; rest > 0; more = true) {
    Vec acc[M][NV] = {};
    if (start != nullptr) {
#pragma GCC unroll 32
      for (int i = 0; i < M * NV; ++i) acc[i / NV][i % NV] = *reinterpret_cast<const Vec*>(start + i * vl);
      start = nullptr;
    }
    int64_t left = least(rest, winograd_piece);
    rest -= left;
    for (; left >= vl; left -= vl, v += p.v_block)
      for (int k = 0; k < vl; k += unroll, u += unroll * NV * vl) add_products<unroll>(acc, v + k, u, fetch, p.fetch_step);
    for (; left > 0; --left, ++v, u += NV * vl) add_products<1>(acc, v, u, fetch, p.fetch_step);
    if (more) {
#pragma GCC unroll 32
      for (int i = 0; i < M * NV; ++i) acc[i / NV][i % NV] += *reinterpret_cast<const Vec*>(p.m + i * vl);
    }
#pragma GCC unroll 32
    for (int i = 0; i < M * NV; ++i) *reinterpret_cast<Vec*>(p.m + i * vl) = acc[i / NV][i % NV];
  }
}

}  // namespace convcore::CC_ISA
