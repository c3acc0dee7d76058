// The tables behind a resize: which inputs an output reads and with what weights. Made once per plan.
#pragma once

#include <vector>

#include "kernels/resize.h"

namespace convcore {

enum class Interpolation : std::uint8_t { nearest, bilinear, bicubic, lanczos3, lanczos5 };

inline const char* const* enum_words(Interpolation*) {
  static constexpr const char* words[] = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", nullptr};
  return words;
}

// The sums along one axis, every output with the same number of taps (some of weight 0).
struct ResizeTaps {
  std::int64_t in = 1, out = 1, taps = 1;
  std::vector<std::int32_t> first;
  std::vector<double> exact;
  std::vector<float> weight;
  ResizeAxis axis() const { return {in, out, taps, first.data(), weight.data(), exact.data()}; }
};

// Half-pixel centres: output i looks at (i + 0.5) * in / out - 0.5. Weights outside the input are dropped and the others
// scaled to a sum of 1. antialias widens the kernel by in / out when shrinking. bicubic is Keys's kernel with a = -0.5
// (IEEE Trans. ASSP 29, 1981).
ResizeTaps resize_taps(std::int64_t in, std::int64_t out, Interpolation interpolation, bool antialias);
// The adjoint: the sums that carry a gradient back.
ResizeTaps transposed(const ResizeTaps& taps);

class ResizePlan {
 public:
  ResizePlan(ResizeTaps rows, ResizeTaps columns, std::int64_t channels);
  ResizeArgs args() const;

 private:
  void make_blocks();
  void add_block(std::int64_t first_out, std::int64_t end_out);

  ResizeTaps rows_, columns_;
  std::int64_t channels_;
  std::vector<ResizeBlock> blocks_;
  std::vector<std::int32_t> source_;
  std::vector<float> lane_weight_;
};

}  // namespace convcore
