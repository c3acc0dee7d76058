// Which input rows an output row reads: taps clipped to the image, and the padded copy of a band of rows.
// Shared by the convolution and its filter gradient.
#pragma once

#include "kernels/conv.h"
#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

CC_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
CC_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Brings floats that are needed soon into L2, to be read or to be written.
template <bool Write>
CC_INLINE void fetch_ahead(const float* p, int64_t floats) {
  for (int64_t i = 0; i < floats; i += 16) __builtin_prefetch(p + i, Write, 2);
}

// The phase of an item; `index` becomes the item's place among those of its phase. A: arguments with phases.
template <class A>
CC_INLINE auto find_phase(const A& a, int64_t& index) {
  auto* phase = a.phases;
  if (a.phases_together) {
    phase += index % a.phase_count, index /= a.phase_count;
    return phase;
  }
  for (phase += a.phase_count - 1; phase->items_begin > index;) --phase;
  index -= phase->items_begin;
  return phase;
}

struct Clip {  // taps [first, last) of an axis read inside the input
  int64_t first, last;
  bool operator==(const Clip&) const = default;
};

// Offsets grow with the tap, so the valid taps of one output are one interval.
CC_INLINE Clip clip(const ConvAxis& axis, int64_t output) {
  Clip c = {0, axis.taps};
  while (c.first < c.last && output < axis.begin[c.first]) ++c.first;
  while (c.last > c.first && output >= axis.end[c.last - 1]) --c.last;
  return c;
}

// Copies `count` rows from input row `first` on, zeros where a row lies outside, between pad_left and pad_right zero pixels.
struct RowCopy {
  int64_t rows, width, c, row;  // of the input plane; row: floats from row to row
  int64_t pad_left, pad_right;

  int64_t row_floats() const { return (pad_left + width + pad_right) * c; }

  void run(const float* plane, int64_t first, int64_t count, float* out) const {
    const size_t inner = static_cast<size_t>(width * c) * 4;
    for (int64_t r = first; r < first + count; ++r, out += row_floats()) {
      if (plane == nullptr || r < 0 || r >= rows) {
        __builtin_memset(out, 0, static_cast<size_t>(row_floats()) * 4);
        continue;
      }
      __builtin_memset(out, 0, static_cast<size_t>(pad_left * c) * 4);
      __builtin_memcpy(out + pad_left * c, plane + r * row, inner);
      __builtin_memset(out + (pad_left + width) * c, 0, static_cast<size_t>(pad_right * c) * 4);
    }
  }
};

}  // namespace convcore::CC_ISA
