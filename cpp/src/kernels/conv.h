// Arguments of the convolution kernels.
//
// All simd convolutions are one correlation: an output row is a sum over taps of (input pixels x weights). The forward pass
// is one phase of it; the input gradient is one phase per remainder of the stride, with the weights transposed, so no zero
// is ever multiplied for a stride. A dense layer is a convolution whose pixels are the rows of the batch.
#pragma once

#include <cstdint>

#include "base/parallel.h"
#include "kernels/activation.h"

namespace convcore {

// A convolution of rank 1 to 3 as depth, height, width; missing axes have size 1.
struct ConvShape {
  std::int64_t n = 1, c = 1, f = 1, groups = 1;  // images, input channels, filters
  std::int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1}, k[3] = {1, 1, 1};
  std::int64_t stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1};
  std::int64_t pad[3] = {0, 0, 0};  // zeros in front
};

// One spatial axis of one phase. Output i is stored at out_start + i*out_step and reads input i*in_step + offset[t], which
// lies inside the input for begin[t] <= i < end[t]. Offsets grow with t.
struct ConvAxis {
  std::int64_t count = 0, out_start = 0, out_step = 1, in_step = 1;
  std::int64_t taps = 0;
  const std::int64_t* offset = nullptr;  // [taps]
  const std::int64_t* index = nullptr;   // [taps] the kernel element behind tap t
  const std::int64_t* begin = nullptr;   // [taps]
  const std::int64_t* end = nullptr;     // [taps]
};

struct ConvPhase {
  ConvAxis axis[3];
  bool merged = false;                                // the taps of a kernel row and the channels are one run of memory
  std::int64_t run = 0;                               // contiguous input elements of one tap
  std::int64_t k_begin = 0;                           // rows of the packed weights before this phase
  std::int64_t k_rows = 0;                            // rows of the packed weights of this phase: taps x channels of a group
  std::int64_t band_rows = 1, bands = 0;              // an item computes at most band_rows output rows
  std::int64_t interior_begin = 0, interior_end = 0;  // pixels of a row for which all taps of the row are inside
  std::int64_t panel_blocks = 1;                      // blocks of channels computed together
  std::int64_t last_row = 0;     // pixels of the last row: fewer than axis[2].count where pixels were cut into rows
  std::int64_t items_begin = 0;  // items before this phase
};

constexpr std::int64_t far_bytes = 1 << 20;  // larger results and weights do not lie in an L2

struct ConvTap {
  std::int64_t x, k;  // offset from the pixel's first element; row of the packed weights
};

struct ConvArgs {
  const float* x = nullptr;
  const float* w = nullptr;         // packed by conv_pack
  const float* bias = nullptr;      // [f] or null
  const float* residual = nullptr;  // like y, added before the activation, or null; may be y itself
  float* y = nullptr;
  void* scratch = nullptr;  // of this call alone: 2 * max_taps ConvTap, then scratch_floats
  const ConvPhase* phases = nullptr;
  std::int64_t phase_count = 0, items = 0;
  bool phases_together = false;  // they have as many items each, and the phase is the fastest: they read the same rows
  std::int64_t n = 0, c = 0, f = 0, groups = 1;  // of this correlation: the input gradient swaps c and f
  std::int64_t in[3] = {1, 1, 1};
  std::int64_t x_image = 0, x_plane = 0, x_row = 0;  // strides in floats; a pixel is c (f) floats
  std::int64_t y_image = 0, y_plane = 0, y_row = 0;
  bool copy = false;  // copy a band's rows, pad_left and pad_right zero pixels around each
  std::int64_t pad_left = 0, pad_right = 0;
  std::int64_t scratch_plane_rows = 0;  // rows of one plane of that copy
  std::int64_t max_taps = 0, scratch_floats = 0;
  std::int64_t splits = 1;       // parts of the channels, each with items of its own
  std::int64_t band_images = 1;  // images of an item; > 1 only if nothing is copied and a band is a whole image of one plane
  std::int64_t packed_rows = 0;  // rows of the packed weights of one group
  bool far = false;              // y lies beyond an L2: its lines are fetched before they are written
  Activation activation;
};
// conv: item = (phase, split, images, plane, band), band fastest, or the phase where phases_together.

// Copies weights (k..., c/groups, f) to [group][phase][block of channels][tap][channel][block width], zeros beyond the last
// channel. Item = (group, block of channels), block fastest.
struct ConvPackArgs {
  const float* w = nullptr;
  float* packed = nullptr;
  const ConvPhase* phases = nullptr;
  std::int64_t phase_count = 0, packed_rows = 0;
  std::int64_t c = 0, f = 0, groups = 1;  // of the kernel array: c input channels in all, f filters
  std::int64_t k[3] = {1, 1, 1};
  bool transposed = false;  // for the input gradient: filters are summed over, input channels are the result
};

// dw[tap][c][f] = sum over images and pixels of x * dy. A band is some whole output planes, or some rows of one.
//
// A register tile walks over the pixels of a band. Where an array has many channels, its pixels lie far apart, so the band
// is copied to panels first: the channels of one tile side by side, pixel after pixel.
struct ConvFilterArgs {
  const float* x = nullptr;
  const float* dy = nullptr;
  float* dw = nullptr;               // [k..., c/groups, f], chunk_floats from chunk to chunk
  float* db = nullptr;               // [f], the sum of dy over all pixels, likewise; or null
  void* scratch = nullptr;           // of this call alone: dy_floats, x_floats, then band_rows of the row table
  const ConvPhase* phase = nullptr;  // of the forward pass
  std::int64_t n = 0, c = 0, f = 0, groups = 1;
  std::int64_t in[3] = {1, 1, 1};
  std::int64_t x_image = 0, x_plane = 0, x_row = 0;
  std::int64_t y_image = 0, y_plane = 0, y_row = 0;
  bool clipped = false;    // taps are summed one by one over the pixels for which they are inside the image
  bool copy = false;       // or the band's input is copied with all the zeros around it
  bool x_panels = false;   // or copied to panels, without zeros
  bool dy_panels = false;  // the band's gradient is copied to panels
  std::int64_t pad_left = 0, pad_right = 0;      // of the copy
  std::int64_t copy_rows = 0, copy_columns = 0;  // of one plane's input in the copy or in a panel
  std::int64_t taps = 0, run = 0;                // a tap is a run of contiguous input elements
  bool merged = false;                           // that holds a whole kernel row
  std::int64_t band_planes = 1;                  // > 1 only if a band holds whole planes
  std::int64_t bands = 0, band_pixels = 0, band_rows = 0;
  std::int64_t x_floats = 0, dy_floats = 0;  // of the copies
  std::int64_t chunk_floats = 0;
  std::int64_t chunks = 1;                       // parts of the sum, fixed by the problem alone; sum_parts adds them up
  std::int64_t run_parts = 1, filter_parts = 1;  // parts of the result of one group
  std::int64_t items = 0;
};
// conv_filter: item = (chunk, group, part of the filters, part of the run), the last fastest.

// y[i] = sum over part of parts[part * stride + i], in order. Item = one element.
struct SumPartsArgs {
  const float* parts = nullptr;
  float* y = nullptr;
  std::int64_t part_count = 0, stride = 0;
};

// What plans need to know about the register tiles of an ISA: pixels times vectors of output channels.
struct ConvTileShape {
  int pixels, vectors;
};

// With vectors of four floats and 16 registers (SSE2) a broadcast costs as much as a product: it serves four of them.
constexpr ConvTileShape conv_tile_shape(int vector_width, int registers) {
  if (registers >= 32) return {14, 2};
  return vector_width > 4 ? ConvTileShape{6, 2} : ConvTileShape{3, 4};
}

// The same of filter gradients: elements of the kernel times vectors of filters.
constexpr int conv_filter_vectors = 2;
constexpr int conv_filter_rows(int registers) { return registers >= 32 ? 14 : 6; }

}  // namespace convcore
