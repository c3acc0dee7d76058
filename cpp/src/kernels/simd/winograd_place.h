// Where the tiles of a Winograd convolution lie, and the pixels under them.
#pragma once

#include "kernels/simd/conv_rows.h"
#include "kernels/winograd.h"

namespace convcore::CC_ISA {

// The image of a tile and its first output pixel. A: arguments with tile, tiles and out.
struct Place {
  int64_t image, y, x;

  template <class A>
  Place(const A& a, int64_t tile) {
    x = tile % a.tiles[1] * a.tile.width, tile /= a.tiles[1];
    y = tile % a.tiles[0] * a.tile.height, image = tile / a.tiles[0];
  }
  template <class A>
  void advance(const A& a) {
    if ((x += a.tile.width) < a.out[1]) return;
    x = 0;
    if ((y += a.tile.height) < a.out[0]) return;
    y = 0, ++image;
  }
};

// Rows x Columns pixels of an image. Those outside the image are zero.
template <int Rows, int Columns>
struct Window {
  const float* x;
  int64_t offset, row, pixel;        // of the first pixel, which may lie outside; strides
  int64_t top, bottom, left, right;  // the part inside the image

  // of images of size[0] x size[1] pixels with c channels
  Window(const float* images, const int64_t* size, int64_t c, int64_t image, int64_t y0, int64_t x0)
      : x(images), row(size[1] * c), pixel(c) {
    offset = (image * size[0] + y0) * row + x0 * pixel;
    top = most(0, -y0), bottom = least(Rows, size[0] - y0), left = most(0, -x0), right = least(Columns, size[1] - x0);
  }
  bool whole() const { return top == 0 && left == 0 && bottom == Rows && right == Columns; }

  // Copies the pixels' channels from c on, `lanes` of them, with the zeros around them.
  void copy(int64_t c, int lanes, Vec (&patch)[Rows * Columns]) const {
    for (int64_t i = 0; i < Rows * Columns; ++i) patch[i] = Vec{};
    for (int64_t i = top; i < bottom; ++i)
      for (int64_t j = left; j < right; ++j)
        patch[i * Columns + j] = load_first(x + (offset + i * row + j * pixel + c), lanes);
  }

  // Whether the channels of a pixel, the first `most_channels` of them, are all 0.
  bool empty(int64_t i, int64_t j, int64_t most_channels) const {
    if (i < top || i >= bottom || j < left || j >= right) return true;
    const float* const p = x + (offset + i * row + j * pixel);
    const int64_t channels = least(pixel, most_channels);
    VecI found = {};
    int64_t c = 0;
    for (; c + vl <= channels; c += vl) found |= load(p + c) != Vec{};
    if (c < channels) found |= load_first(p + c, static_cast<int>(channels - c)) != Vec{};
    return !any_lane(found);
  }
};

}  // namespace convcore::CC_ISA
