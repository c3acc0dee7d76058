// Copying items between strided arrays: transpose, slice, broadcast, pad and concatenate are all this one loop.
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// All strides are in bytes and may be negative or (in x) zero. An item is copied as opaque bytes, so any dtype will do.
// One item of the range: `row_block` rows at one outer index; there are ceil(rows / row_block) blocks per outer index.
struct CopyArgs {
  static constexpr int max_outer = 6;
  const char* x = nullptr;
  char* y = nullptr;
  std::int64_t item = 0;  // bytes
  std::int64_t rows = 1, cols = 1, row_block = 1;
  std::int64_t x_row = 0, x_col = 0, y_row = 0, y_col = 0;
  int outer_rank = 0;
  std::int64_t outer[max_outer] = {}, x_outer[max_outer] = {}, y_outer[max_outer] = {};
};

namespace reference {
void copy_strided(const CopyArgs& args, Range range);
}

}  // namespace convcore
