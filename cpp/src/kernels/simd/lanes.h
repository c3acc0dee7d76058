// Folding the lanes of a vector, always in the same order: halves onto halves.
#pragma once

#include "kernels/simd/math.h"

namespace convcore::CC_ISA {

// All bits set in the first n lanes.
CC_INLINE VecI first_lanes(int n) {
  VecI lane;
  for (int i = 0; i < vl; ++i) lane[i] = i;
  return lane < n;
}

// Lane i ^ distance in lane i.
template <int distance>
CC_INLINE Vec swap_lanes(Vec v) {
  VecI from;
  for (int i = 0; i < vl; ++i) from[i] = i ^ distance;
  return __builtin_shuffle(v, from);
}

template <class Join>
CC_INLINE float fold_lanes(Vec v, Join join) {
  if constexpr (vl >= 16) v = join(v, swap_lanes<8>(v));
  if constexpr (vl >= 8) v = join(v, swap_lanes<4>(v));
  v = join(v, swap_lanes<2>(v));
  return join(v, swap_lanes<1>(v))[0];
}

// load_first and store_first where it is known when compiling whether all lanes are meant: a whole vector that was stored
// under a mask cannot be forwarded to the load that follows it.
template <bool whole>
CC_INLINE Vec get(const float* p, int lanes) {
  return whole ? load(p) : load_first(p, lanes);
}
template <bool whole>
CC_INLINE void put(float* p, Vec v, int lanes) {
  if constexpr (whole) {
    store(p, v);
  } else {
    store_first(p, v, lanes);
  }
}

// The first n elements of p, `rest` in the lanes behind.
CC_INLINE Vec load_first_or(const float* p, int n, float rest) {
  return select(first_lanes(n), load_first(p, n), set1(rest));
}

}  // namespace convcore::CC_ISA
