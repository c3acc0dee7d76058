// Steps of register tiles without a fused multiply-add (SSE2).
//
// There a broadcast is a load and a shuffle, which takes the place of a product or of a sum, and a product overwrites a
// factor, which takes a copy. So as many elements of a row as fill a vector are loaded at once and used up before the next
// row's: a broadcast is then one shuffle, which copies, and each product finds its other factor in memory. Tiles are low
// and wide, because a broadcast serves the vectors of a row.
#pragma once

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

// sum += a * b in two roundings. b: a multiple of a vector's bytes. As instructions, because GCC, given the choice, mixes
// the steps of a sum and spills most of the sums (a quarter of the speed).
CC_INLINE void add_product(Vec& sum, Vec a, const float* b) {
  const Vec& factor = *reinterpret_cast<const Vec*>(b);
#if defined(__SSE2__) && !defined(__AVX__)
  asm("mulps %2, %1\n\taddps %1, %0" : "+x"(sum), "+x"(a) : "m"(factor));
#else
  sum = fma(a, factor, sum);
#endif
}

// acc[m] += x[m][u] * w[u] for `U` steps u. Row m of x stands m % 3 * step bytes after base m / 3; a row of w is NV vectors.
template <int U, int M, int NV>
CC_INLINE void add_products_by_row(Vec (&acc)[M][NV], const char* const (&x)[(M + 2) / 3], int64_t step, const float* w) {
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
    asm volatile("" ::: "memory");  // else what later rows need would be loaded now, and spilled
    const float* const row = reinterpret_cast<const float*>(x[m / 3] + m % 3 * step);
    VecI all = {};
    if constexpr (U == vl) all = (VecI)load(row);  // as integers: only their shuffle copies
#pragma GCC unroll 4
    for (int u = 0; u < U; ++u) {
      const Vec factor = U == vl ? (Vec)__builtin_shuffle(all, set1i(u)) : set1(row[u]);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) add_product(acc[m][v], factor, w + (u * NV + v) * vl);
    }
  }
}

}  // namespace convcore::CC_ISA
