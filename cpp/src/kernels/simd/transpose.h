// As many vectors as a vector has lanes, transposed in registers.
#pragma once

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

template <int... I>
struct Lanes {};
template <int N, int... I>
struct MakeLanes : MakeLanes<N - 1, N - 1, I...> {};
template <int... I>
struct MakeLanes<0, I...> {
  using type = Lanes<I...>;
};

// Exchanges the off-diagonal blocks of size S in every square of size 2S; sizes vl/2, ..., 1 together transpose.
template <int S, int... I>
CC_INLINE void exchange(Vec (&r)[vl], Lanes<I...>) {
#pragma GCC unroll 16
  for (int i = 0; i < vl; ++i) {
    if (i & S) continue;
    const Vec a = r[i], b = r[i + S];
    r[i] = __builtin_shufflevector(a, b, ((I & S) ? vl + I - S : I)...);
    r[i + S] = __builtin_shufflevector(a, b, ((I & S) ? vl + I : I + S)...);
  }
}

template <int S>
CC_INLINE void transpose_lanes(Vec (&r)[vl]) {
  exchange<S>(r, typename MakeLanes<vl>::type{});
  if constexpr (S > 1) transpose_lanes<S / 2>(r);
}

}  // namespace convcore::CC_ISA
