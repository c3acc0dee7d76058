// Arguments of the convolution kernels for groups of few channels, depthwise convolution above all.
//
// A vector holds consecutive channels of the result ("lanes"), whatever groups they belong to. Lane l is a sum over kernel
// taps and over `terms` input channels, of which term j is input channel l / lane_group * terms + j. Depthwise convolution
// has one term and one lane in a group, so lane l reads channel l and the input is read where it lies; else the rows of a
// band are first copied with every term in its lane. As in conv.h the input gradient is the same with the roles of input
// channels and filters exchanged, one phase per remainder of the stride.
#pragma once

#include <cstdint>

#include "kernels/conv.h"

namespace convcore {

struct DepthwisePhase {
  ConvAxis axis[3];
  bool dense = false;          // the columns' taps are neighbours: an input pixel is loaded once for all its outputs
  std::int64_t w_begin = 0;    // vectors of the packed weights of one block before this phase
  std::int64_t w_vectors = 0;  // of this phase: taps x terms
  std::int64_t band_rows = 1, bands = 0;
  std::int64_t items_begin = 0;  // items before this phase
};

struct DepthwiseArgs {
  const float* x = nullptr;
  const float* w = nullptr;         // packed by depthwise_pack
  const float* bias = nullptr;      // [lanes] or null
  const float* residual = nullptr;  // as y, or null
  float* y = nullptr;
  float* scratch = nullptr;  // of this call alone: the copied rows, if copy
  const DepthwisePhase* phases = nullptr;
  std::int64_t phase_count = 0, items = 0;
  bool phases_together = false;  // they have as many items each, and the phase is the fastest: they read the same rows
  std::int64_t n = 0, channels = 0, lanes = 0;  // channels of x, of y
  std::int64_t terms = 1, lane_group = 1;
  bool copy = false;  // false: one term and one lane a group
  std::int64_t in[3] = {1, 1, 1};
  std::int64_t x_image = 0, x_plane = 0, x_row = 0;  // strides in floats
  std::int64_t y_image = 0, y_plane = 0, y_row = 0;
  std::int64_t copy_rows = 0;  // rows of one plane of the copy
  std::int64_t w_block = 0;    // packed floats of one vector of lanes
  std::int64_t chunk = 1;      // vectors of lanes of one item
  std::int64_t chunks = 1;
  std::int64_t segment = 1;  // output pixels of a row that are finished, for all rows of the band, before the next ones
  bool far = false;          // y lies beyond an L2: its lines are fetched before they are written
  bool fetch = false;        // x lies beyond an L2: its next rows are fetched meanwhile
  bool stream = false;       // the result is written past the caches: it is too large to be found there again
  Activation activation;
};
// depthwise: item = (phase, image, plane, band, chunk), chunk fastest, or the phase where phases_together.

constexpr std::int64_t depthwise_most_rows = 256;     // kernel rows x terms
constexpr std::int64_t depthwise_most_streamed = 32;  // vectors of lanes of an item whose result is streamed

// Copies weights (k..., c/groups, f) to [block][phase][depth][height][term][width][vector], zeros beyond the last lane.
// Item = one block: a vector of lanes.
struct DepthwisePackArgs {
  const float* w = nullptr;
  float* packed = nullptr;
  const DepthwisePhase* phases = nullptr;
  std::int64_t phase_count = 0, w_block = 0;
  std::int64_t lanes = 0, lane_group = 1, terms = 1, f = 0;
  std::int64_t k[3] = {1, 1, 1};
  bool transposed = false;  // for the input gradient: lanes are input channels, terms are filters
};

constexpr int depthwise_tile_pixels = 8;

// dw[tap][term][lane] = sum over images and pixels of x * dy, and db[lane] = sum of dy.
struct DepthwiseFilterArgs {
  const float* x = nullptr;
  const float* dy = nullptr;
  float* dw = nullptr;                    // [k..., terms, lanes], chunk_floats from chunk to chunk
  float* db = nullptr;                    // [lanes], likewise; or null
  float* scratch = nullptr;               // of this call alone: the copied rows, if copy
  const DepthwisePhase* phase = nullptr;  // of the forward pass
  std::int64_t n = 0, channels = 0, lanes = 0;
  std::int64_t terms = 1, lane_group = 1;
  bool copy = false;
  std::int64_t in[3] = {1, 1, 1};
  std::int64_t x_image = 0, x_plane = 0, x_row = 0;
  std::int64_t y_image = 0, y_plane = 0, y_row = 0;
  std::int64_t copy_rows = 0;
  std::int64_t bands = 0;  // of all images: (image, plane, band of rows)
  std::int64_t chunk_floats = 0;
  std::int64_t chunks = 1;  // parts of the sum, fixed by the problem alone; sum_parts adds them up
  std::int64_t splits = 1;  // parts of the lanes
};
// depthwise_filter: item = (chunk, split), split fastest.

constexpr int depthwise_filter_vectors = 4;  // vectors of lanes in one tile, at most

}  // namespace convcore
