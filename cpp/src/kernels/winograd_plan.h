// Plans of Winograd convolutions: which tiles, if any, and how the work is cut.
#pragma once

#include <cstddef>
#include <string>

#include "kernels/conv.h"
#include "kernels/dispatch.h"
#include "kernels/winograd.h"

namespace convcore {

// What Winograd has to say about a convolution or its input gradient. It depends on one image and the ISA: not on the number
// of images or threads, because the choice decides the bits of the result.
struct WinogradChoice {
  WinogradTile tile;
  std::string refusal;   // empty: `tile` is cheaper than the direct kernels
  bool by_cost = false;  // it is refused because it is not, with `tile` the best there is
};

class WinogradPlan {
 public:
  enum class Pass : std::uint8_t { forward, input_gradient };
  static WinogradChoice choose(const ConvShape& shape, Pass pass, const KernelTable& table);

  // `slots`: parts that may run at once, each with scratch of its own.
  WinogradPlan(const ConvShape& shape, Pass pass, WinogradTile tile, const Activation& activation, const KernelTable& table,
               int slots);
  // Of some rows of a forward problem that begin between tiles: with the tiles and the packed weights of the whole.
  WinogradPlan(const ConvShape& part, const WinogradPlan& whole, int slots);

  std::size_t packed_bytes() const;
  std::size_t workspace_bytes() const;
  void pack(const float* w, float* packed) const;
  // bias, residual: null where there is none; the residual may be y itself
  void run(const float* x, const float* packed, const float* bias, const float* residual, float* y, void* workspace) const;

 private:
  void count_tiles(const ConvShape& shape, Pass pass, WinogradTile tile, const Activation& activation);
  std::int64_t packed_floats() const;
  void cut(std::int64_t group);
  std::int64_t weight_taps() const;
  bool* blank_of(float* v) const;
  void run_together(const WinogradArgs& args, float* workspace) const;
  void run_apart(const WinogradArgs& args, float* workspace) const;
  std::int64_t groups() const;  // of output channels, each an item for every block of tiles

  const KernelTable& table_;
  WinogradArgs args_;
  WinogradPackArgs pack_;
  int slots_ = 1;
  std::int64_t total_ = 0;                                      // tiles
  std::int64_t chunk_ = 0;                                      // tiles whose transformed input is kept at a time
  bool apart_ = false;                                          // every slot transforms and multiplies chunks of its own
  std::int64_t v_floats_ = 0, m_floats_ = 0, late_floats_ = 0;  // m_floats_: of a slot, its `late` weights included
  double tile_ns_ = 0;                                          // of one tile on one core
};

}  // namespace convcore
