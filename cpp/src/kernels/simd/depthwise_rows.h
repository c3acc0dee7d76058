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

  // `pixels` neighbouring pixels, each as `terms` vectors, `step` floats from one to the next.
  void copy(const float* x, int64_t channels, int64_t pixels, int64_t terms, float* out, int64_t step) const {
    // What the loops need stands in locals: the compiler must assume that stores change members.
    const VecI lane = from;
    x += base;
    const auto all = [&](auto read) __attribute__((always_inline)) {
      for (int64_t p = 0; p < pixels; ++p, x += channels)
        for (int64_t j = 0; j < terms; ++j, out += step) store(out, read(x + j));
    };
#if defined(__AVX512F__) || defined(__AVX2__)
    const int last = static_cast<int>(span <= vl ? span : span - vl);
    if (span <= vl)
      return all([=](const float* p)
                     __attribute__((always_inline)) { return __builtin_shuffle(load_first(p, last), lane); });
    if (span <= 2 * vl)
      return all([=](const float* p)
                     __attribute__((always_inline)) { return __builtin_shuffle(load(p), load_first(p + vl, last), lane); });
#endif
    all([=](const float* p) __attribute__((always_inline)) {
      Vec v;
      for (int l = 0; l < vl; ++l) v[l] = p[lane[l]];
      return v;
    });
  }
};

}  // namespace convcore::CC_ISA
