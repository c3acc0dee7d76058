// Which input rows an output row reads: taps clipped to the image, and the padded copy of a band of rows.
// Shared by the convolution and its filter gradient.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

struct Clip {  // taps [first, last) of an axis read inside the input
  int64_t first, last;
};

// Offsets grow with the tap, so the valid taps are one interval.
CC_INLINE Clip clip(const ConvAxis& axis, int64_t size, int64_t output) {
  const int64_t at = output * axis.in_step;
  Clip c = {0, axis.taps};
  while (c.first < c.last && at + axis.offset[c.first] < 0) ++c.first;
  while (c.last > c.first && at + axis.offset[c.last - 1] >= size) --c.last;
  return c;
}

CC_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
CC_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Where the rows of one band are read: in the array itself, or in a copy with zero columns around each row.
struct Source {
  const float* x;
  int64_t origin;      // offset of (plane 0, row 0, column 0), which may lie before the array
  int64_t plane, row;  // strides
};

struct BandInput {
  const float* image;
  const int64_t* in;      // depth, height, width
  int64_t c, plane, row;  // of the array
  int64_t pad_left, pad_right, scratch_plane_rows;
};

// Copies the rows that output rows [row_begin, row_end) of output plane `depth` read.
[[maybe_unused]] static Source copy_band(const BandInput& b, const ConvPhase& phase, int64_t depth, int64_t row_begin,
                                         int64_t row_end, float* scratch) {
  const ConvAxis &d = phase.axis[0], &h = phase.axis[1];
  const int64_t row_floats = (b.pad_left + b.in[2] + b.pad_right) * b.c;
  const Clip planes = clip(d, b.in[0], depth);
  const int64_t at = depth * d.in_step;
  const int64_t plane0 = planes.first < planes.last ? at + d.offset[planes.first] : 0;
  const int64_t row0 = h.taps == 0 ? 0 : most(0, row_begin * h.in_step + h.offset[0]);
  const int64_t row1 = h.taps == 0 ? 0 : least(b.in[1], (row_end - 1) * h.in_step + h.offset[h.taps - 1] + 1);
  for (int64_t t = planes.first; t < planes.last; ++t) {
    const int64_t plane = at + d.offset[t];
    float* out = scratch + (plane - plane0) * b.scratch_plane_rows * row_floats;
    const float* from = b.image + plane * b.plane + row0 * b.row;
    for (int64_t r = row0; r < row1; ++r, out += row_floats, from += b.row) {
      __builtin_memset(out, 0, static_cast<size_t>(b.pad_left * b.c) * 4);
      __builtin_memcpy(out + b.pad_left * b.c, from, static_cast<size_t>(b.in[2] * b.c) * 4);
      __builtin_memset(out + (b.pad_left + b.in[2]) * b.c, 0, static_cast<size_t>(b.pad_right * b.c) * 4);
    }
  }
  const int64_t plane_floats = b.scratch_plane_rows * row_floats;
  return {scratch, b.pad_left * b.c - plane0 * plane_floats - row0 * row_floats, plane_floats, row_floats};
}

}  // namespace convcore::CC_ISA
