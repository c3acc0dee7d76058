// Plans of depthwise convolution and of convolution in small groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/conv_axes.h"
#include "kernels/conv_plan.h"
#include "kernels/depthwise.h"
#include "kernels/dispatch.h"

namespace convcore {

// One vector's multiply-add on one core, with what surrounds it; a pixel costs about four more. From 0.2 (two AVX-512 units)
// to 0.5 measured; the middle lets even 7x7 maps be shared between threads.
constexpr double depthwise_ns = 0.35;

// The forward pass or the input gradient.
class DepthwisePlan {
 public:
  // `slots`: parts that may run at once, each with scratch of its own where rows are copied.
  DepthwisePlan(const ConvShape& shape, ConvPlan::Pass pass, const Activation& activation, const KernelTable& table,
                int slots);
  DepthwisePlan(const DepthwisePlan&) = delete;
  DepthwisePlan& operator=(const DepthwisePlan&) = delete;

  std::size_t packed_bytes() const;
  std::size_t workspace_bytes() const { return slot_bytes_ * static_cast<std::size_t>(slots_); }
  void pack(const float* w, float* packed) const;
  // whole_bytes: as in Call
  void run(const float* x, const float* packed, const float* bias, const float* residual, float* y, void* workspace,
           std::int64_t whole_bytes = 0) const;

 private:
  void build_phases(const ConvShape& shape, bool forward);
  void add_phase(DepthwisePhase phase);
  void choose_blocks();
  void count_items(std::int64_t slots);
  void size_scratch();
  std::int64_t blocks() const;  // vectors of lanes

  const KernelTable& table_;
  ConvAxes axes_;
  std::vector<DepthwisePhase> phases_;
  DepthwiseArgs args_;
  DepthwisePackArgs pack_;
  std::int64_t far_segment_ = 1;  // where input comes from memory
  int slots_ = 1;
  std::size_t slot_bytes_ = 0;
  double nanoseconds_ = 0;  // of one run on one core
};

// The filter gradient. The order of its sums depends on the problem alone, never on threads.
class DepthwiseFilterPlan {
 public:
  DepthwiseFilterPlan(const ConvShape& shape, FilterResult result, const KernelTable& table, int slots);
  DepthwiseFilterPlan(const DepthwiseFilterPlan&) = delete;
  DepthwiseFilterPlan& operator=(const DepthwiseFilterPlan&) = delete;

  std::size_t workspace_bytes() const;
  // db: null unless planned with the bias gradient
  void run(const float* x, const float* dy, float* dw, float* db, void* workspace) const;

 private:
  void cut(const ConvShape& shape);
  std::size_t partial_bytes() const;

  const KernelTable& table_;
  ConvAxes axes_;
  DepthwisePhase phase_;
  const bool by_image_;
  const std::int64_t images_;  // with a result each; all that follows is of one of them
  DepthwiseFilterArgs args_;
  std::int64_t result_floats_ = 0;
  int slots_ = 1;
  std::size_t slot_bytes_ = 0;
  double nanoseconds_ = 0;
};

}  // namespace convcore
