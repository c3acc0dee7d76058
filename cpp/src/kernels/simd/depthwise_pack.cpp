// Packs the weights of depthwise convolution: all that a vector of lanes multiplies by, one after the other.
#include "kernels/depthwise.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

namespace {

// The element of the weights (k..., c/groups, f) behind (tap, term, lane).
float weight(const DepthwisePackArgs& a, int64_t tap, int64_t term, int64_t lane) {
  if (!a.transposed) return a.w[(tap * a.terms + term) * a.f + lane];
  const int64_t group = lane / a.lane_group, channel = lane % a.lane_group;
  return a.w[(tap * a.lane_group + channel) * a.f + group * a.terms + term];
}

}  // namespace

void depthwise_pack(const DepthwisePackArgs& a, Range blocks) {
  for (int64_t b = blocks.begin; b < blocks.end; ++b) {
    float* out = a.packed + b * a.w_block;
    for (int64_t p = 0; p < a.phase_count; ++p) {
      const ConvAxis &d = a.phases[p].axis[0], &h = a.phases[p].axis[1], &w = a.phases[p].axis[2];
      for (int64_t i = 0; i < d.taps; ++i)
        for (int64_t j = 0; j < h.taps; ++j)
          for (int64_t term = 0; term < a.terms; ++term)
            for (int64_t t = 0; t < w.taps; ++t, out += vl) {
              const int64_t tap = (d.index[i] * a.k[1] + h.index[j]) * a.k[2] + w.index[t];
              for (int l = 0; l < vl; ++l) out[l] = b * vl + l < a.lanes ? weight(a, tap, term, b * vl + l) : 0.0f;
            }
    }
  }
}

}  // namespace convcore::CC_ISA
