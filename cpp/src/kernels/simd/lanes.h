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

template <class Join>
CC_INLINE float fold_lanes(Vec v, Join join) {
  for (int width = vl / 2; width > 0; width /= 2) {
    Vec upper = v;
    for (int i = 0; i < width; ++i) upper[i] = v[i + width];
    v = join(v, upper);
  }
  return v[0];
}

// The first n elements of p, `rest` in the lanes behind.
CC_INLINE Vec load_first_or(const float* p, int n, float rest) {
  return select(first_lanes(n), load_first(p, n), set1(rest));
}

}  // namespace convcore::CC_ISA
