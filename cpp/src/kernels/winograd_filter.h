// Arguments of the Winograd kernels for the filter gradient of convolutions with kernel 3 and stride 1.
//
// It is the adjoint of the forward pass in its weights, with the same transforms:
//   dw = G^T [ sum over tiles of (B^T x B) * (A dy A^T) ] G
// For each transformed position ("tap") the sum over tiles is one product of matrices, channels x tiles x filters. Input
// tiles are transformed by winograd_input.
#pragma once

#include "kernels/winograd.h"

namespace convcore {

struct WinogradFilterArgs {
  const float* dy = nullptr;
  const float* v =
      nullptr;         // of winograd_input: [tap][block of a vector's channels][tile][vector], v_tap floats from tap to tap
  float* d = nullptr;  // the same of the gradient; with a bias one more plane, the sum of each tile's pixels
  float* sums = nullptr;  // [tap][block of filters][channel][block width], sums_tap floats from tap to tap; bias behind
  float* dw = nullptr;
  float* db = nullptr;  // or null
  WinogradTile tile;
  bool with_bias = false;
  bool add = false;  // to the sums of earlier tiles
  std::int64_t c = 0, f = 0;
  std::int64_t out[2] = {0, 0}, tiles[2] = {0, 0};  // of one image
  std::int64_t first = 0, count = 0;                // tiles of v and d
  std::int64_t v_tap = 0, d_tap = 0, sums_tap = 0;
  std::int64_t parts = 1, part_floats = 0;  // of the sums
};
// winograd_gradient (dy to d): item = (tile of d, vector of filters), filters fastest.
// winograd_filter (v, d to sums): item = tap; one more with a bias.
// winograd_filter_finish (sums of all parts to dw): item = input channel; one more with a bias.

// Input channels in one register tile of the products: their sums fill the registers.
constexpr int winograd_filter_rows(int registers, int vector_width) {
  const int rows = registers >= 32 ? 8 : 4;
  return rows < vector_width ? rows : vector_width;
}

}  // namespace convcore
