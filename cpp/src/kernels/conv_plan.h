// Plans of convolutions: everything the kernels need that depends on the problem and the ISA, but not on the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/share.h"
#include "kernels/conv.h"
#include "kernels/conv_axes.h"
#include "kernels/dispatch.h"

namespace convcore {

// Whether all phases have as many planes and bands.
template <class Phase>
bool equally_cut(const std::vector<Phase>& phases) {
  for (const Phase& p : phases)
    if (p.bands != phases[0].bands || p.axis[0].count != phases[0].axis[0].count) return false;
  return true;
}

// One correlation: the forward pass, the input gradient, or the latter as a forward op.
class ConvPlan {
 public:
  // transpose: the input gradient, with a bias for each channel of its result
  enum class Pass : std::uint8_t { forward, input_gradient, transpose };
  // At least so many channels in one tap: rows are read in place and the tiles at their ends clipped; below, padded copies.
  static constexpr std::int64_t long_run = 32;

  // `slots`: parts that may run at once, each with scratch of its own.
  ConvPlan(const ConvShape& shape, Pass pass, const Activation& activation, const KernelTable& table, int slots);
  ConvPlan(const ConvPlan&) = delete;
  ConvPlan& operator=(const ConvPlan&) = delete;

  std::size_t packed_bytes() const;
  std::size_t workspace_bytes() const { return slot_bytes_ * static_cast<std::size_t>(slots_); }
  void pack(const float* w, float* packed) const;
  // bias, residual: null where there is none; the residual may be y itself. whole_bytes: as in Call.
  void run(const float* x, const float* packed, const float* bias, const float* residual, float* y, void* workspace,
           std::int64_t whole_bytes = 0) const;

 private:
  friend class ConvFilterPlan;
  void build_phases(const ConvShape& shape, Pass pass);
  void finish_phase(ConvPhase phase);
  void pad_columns();
  void count_items();
  void cut_bands();
  void size_scratch();
  ConvTileShape tile() const { return conv_tile_shape(table_.vector_width, table_.registers); }
  std::int64_t block_width() const { return static_cast<std::int64_t>(tile().vectors) * table_.vector_width; }

  const KernelTable& table_;
  ConvAxes axes_;
  std::vector<ConvPhase> phases_;
  ConvArgs args_;
  ConvPackArgs pack_;
  int slots_ = 1;
  std::size_t slot_bytes_ = 0;
  double nanoseconds_ = 0;  // of one run on one core
};

// What a filter gradient gives: the kernel's, and the bias gradient from the same pass over dy, or the kernel's of each
// image, one after the other, for a sum that is taken later.
enum class FilterResult : std::uint8_t { kernel, kernel_and_bias, kernel_by_image };

// The part of a problem that one result is summed over.
ConvShape summed_shape(const ConvShape& shape, FilterResult result);

// The filter gradient. The order of its sums depends on the problem alone, never on the number of slots; that of one image
// not on how many there are.
class ConvFilterPlan {
 public:
  ConvFilterPlan(const ConvShape& shape, FilterResult result, const KernelTable& table, int slots);

  std::size_t workspace_bytes() const;
  // db: null unless planned with the bias gradient
  void run(const float* x, const float* dy, float* dw, float* db, void* workspace) const;

 private:
  std::int64_t block_width() const { return conv_filter_vectors * static_cast<std::int64_t>(table_.vector_width); }
  void choose_taps();
  void cut_result();
  void cut_bands();
  void size_scratch();

  ConvPlan forward_;  // for its phase and its padding
  const KernelTable& table_;
  const bool by_image_;
  const std::int64_t images_;  // with a result each; all that follows is of one of them
  ConvFilterArgs args_;
  std::int64_t x_floats_ = 0, dy_floats_ = 0, result_floats_ = 0;
  int slots_ = 1;
  std::size_t slot_bytes_ = 0;
  double nanoseconds_ = 0;
};

}  // namespace convcore
