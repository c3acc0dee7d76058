// What a filter gradient reads next, fetched into L2 while a band of pixels is computed: in training its input and its
// gradient come from memory, and a tile reads them with gaps that the hardware does not foresee.
#pragma once

#include "kernels/simd/conv_rows.h"

namespace convcore::CC_ISA {

namespace {

// Pixels that follow each other in memory, and of each the floats that are read.
struct PixelRun {
  const float* next;
  int64_t pixels, step, floats;  // left; from one to the next; of one

  void fetch(int64_t count) {
    for (count = least(count, pixels), pixels -= count; count > 0; --count, next += step) fetch_ahead<false>(next, floats);
  }
};

// The next band of both arrays, in `times` parts.
struct Ahead {
  PixelRun x, dy;
  int64_t x_part, dy_part;

  Ahead(const PixelRun& input, const PixelRun& gradient, int64_t times)
      : x(input), dy(gradient), x_part((x.pixels + times - 1) / times), dy_part((dy.pixels + times - 1) / times) {}
  void fetch() { x.fetch(x_part), dy.fetch(dy_part); }
};

}  // namespace

}  // namespace convcore::CC_ISA
