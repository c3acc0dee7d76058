// Arguments of the Winograd kernels: convolutions with kernel 3 and stride 1 in fewer multiplications.
//
// An output tile of m x m pixels depends on an input tile of m+2 x m+2. Both and the weights are transformed; in between one
// product of matrices per transformed position ("tap") sums over the channels:
//   y = A^T [ sum over c of (G w G^T) * (B^T x B) ] A
#pragma once

#include <cstdint>

#include "base/parallel.h"
#include "kernels/activation.h"

namespace convcore {

// Outputs of a tile along height and width. One output: the kernel has one element there, and nothing is transformed.
struct WinogradTile {
  int height = 4, width = 4;
  static constexpr int taps_along(int outputs) { return outputs == 1 ? 1 : outputs + 2; }
  static constexpr int kernel_along(int outputs) { return outputs == 1 ? 1 : 3; }
  int taps() const { return taps_along(height) * taps_along(width); }
  bool operator==(const WinogradTile&) const = default;
};

// Tiles are numbered through all images; v holds `count` of them from `first` on.
struct WinogradArgs {
  const float* x = nullptr;
  const float* u = nullptr;         // packed by winograd_pack
  const float* bias = nullptr;      // [f] or null
  const float* residual = nullptr;  // like y, added before the activation, or null; may be y itself
  float* y = nullptr;
  float* v = nullptr;     // [tap][block of a vector's channels][tile][vector], v_tap floats from tap to tap
  bool* blank = nullptr;  // [tile]: it may have outputs that see zeros only; null: not wanted
  float* m = nullptr;     // of this call alone: [tap][block of channels][tile][block width], m_tap floats from tap to tap
  WinogradTile tile;
  std::int64_t c = 0, f = 0;  // of this correlation: the input gradient swaps them
  std::int64_t in[2] = {0, 0}, out[2] = {0, 0}, pad[2] = {0, 0};
  std::int64_t tiles[2] = {0, 0};  // of one image
  std::int64_t first = 0, count = 0;
  std::int64_t v_tap = 0, m_tap = 0;
  // > 0: u holds the weights themselves; so many input channels of a block at a time are transformed when they are needed,
  // into `late`, of this call alone, row by row: [tap of the row][channel][block width], late_tap floats from tap to tap.
  // The results have the same bits.
  std::int64_t late_channels = 0, late_tap = 0;
  float* late = nullptr;
  // Sums of fewer channels than a chain has, likewise: [tap][tile][block width], carry_tap floats from tap to tap.
  float* carry = nullptr;
  std::int64_t carry_tap = 0;
  std::int64_t block_tiles = 0, group = 1;  // tiles and blocks of output channels of one item of winograd_multiply
  Activation activation;
};
// winograd_input (x to v and blank): item = (tile of v, vector of channels), channels fastest.
// winograd_multiply (v to y): item = (group of blocks of output channels, block of tiles), tiles fastest.

// Weights (k..., c, f) to [group][tap][block of output channels][input channel][block width], zeros beyond the last channel;
// `late`: untransformed to [block of output channels][input channel][k...][block width].
struct WinogradPackArgs {
  const float* w = nullptr;
  float* u = nullptr;
  WinogradTile tile;
  std::int64_t c = 0, f = 0;  // of this correlation
  std::int64_t group = 1;
  bool late = false;
  bool transposed = false;  // for the input gradient: the array is (k..., f, c), and its kernel is turned round
};

constexpr int winograd_block_vectors = 2;  // vectors of output channels in one block
constexpr int winograd_piece = 32;         // input channels summed in one chain of additions
constexpr int winograd_rows(int registers) { return registers >= 32 ? 14 : 6; }  // tiles in one register tile

}  // namespace convcore
