// Plans of filter gradients by Winograd.
#pragma once

#include <cstddef>

#include "kernels/winograd_filter.h"
#include "kernels/winograd_plan.h"

namespace convcore {

// The order of its sums depends on the problem alone, never on the number of slots.
class WinogradFilterPlan {
 public:
  // By one image, the batch and the ISA.
  static WinogradChoice choose(const ConvShape& shape, const KernelTable& table);

  // `slots`: parts that may run at once, each with scratch of its own. `with_bias`: the bias gradient as well.
  WinogradFilterPlan(const ConvShape& shape, WinogradTile tile, bool with_bias, const KernelTable& table, int slots);

  std::size_t workspace_bytes() const;
  // db: null unless planned with_bias
  void run(const float* x, const float* dy, float* dw, float* db, float* workspace) const;

 private:
  struct Chunk {
    WinogradArgs input;
    WinogradFilterArgs filter;
  };
  void cut();
  Chunk chunk(const Chunk& all, std::int64_t first, std::int64_t end) const;
  void run_apart(const Chunk& all, float* scratch) const;
  void run_together(const Chunk& all) const;

  const KernelTable& table_;
  WinogradArgs input_;
  WinogradFilterArgs filter_;
  int slots_ = 1;
  std::int64_t total_ = 0;         // tiles
  std::int64_t chunk_ = 0;         // tiles transformed at a time
  bool apart_ = false;             // parts of the sum, each with transforms and sums of its own
  std::int64_t chunk_floats_ = 0;  // of v and d
  std::int64_t vectors_c_ = 0, vectors_f_ = 0;
};

}  // namespace convcore
