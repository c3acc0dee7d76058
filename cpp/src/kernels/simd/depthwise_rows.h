// The rows of a band with every term in its lane: how groups of several channels become vectors of lanes.
#pragma once

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

// One vector of lanes from `first` on reads, for term j, x[base + j + from[l]] of a pixel.
struct LaneMap {
  int64_t base;
  int64_t span;  // elements from the first that is read to the last, for one term
  VecI from;

  LaneMap(int64_t first, int64_t lanes, int64_t lane_group, int64_t terms) {
    base = first / lane_group * terms;
    for (int l = 0; l < vl; ++l) {
      const int64_t lane = first + l < lanes ? first + l : lanes - 1;
      from[l] = static_cast<int32_t>(lane / lane_group * terms - base);
    }
    span = from[vl - 1] + 1;
  }

  Vec read(const float* pixel, int64_t term) const {
    const float* x = pixel + base + term;
#if defined(__AVX512F__) || defined(__AVX2__)
    if (span <= vl) return __builtin_shuffle(load_first(x, static_cast<int>(span)), from);
    if (span <= 2 * vl) return __builtin_shuffle(load(x), load_first(x + vl, static_cast<int>(span - vl)), from);
#endif
    Vec v;
    for (int l = 0; l < vl; ++l) v[l] = x[from[l]];
    return v;
  }

  // `pixels` neighbouring pixels, each as `terms` vectors, `step` floats from one to the next.
  void copy(const float* x, int64_t channels, int64_t pixels, int64_t terms, float* out, int64_t step) const {
    for (int64_t p = 0; p < pixels; ++p, x += channels)
      for (int64_t j = 0; j < terms; ++j, out += step) store(out, read(x, j));
  }
};

}  // namespace convcore::CC_ISA
