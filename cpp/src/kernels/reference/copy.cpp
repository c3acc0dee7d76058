// Strided copies, item by item.
#include "kernels/copy.h"

#include <algorithm>
#include <cstring>

namespace convcore::reference {

void copy_strided(const CopyArgs& a, Range range) {
  const std::int64_t blocks = (a.rows + a.row_block - 1) / a.row_block;
  for (std::int64_t at = range.begin; at < range.end; ++at) {
    const char* x = a.x;
    char* y = a.y;
    std::int64_t index = at / blocks;
    for (int axis = a.outer_rank - 1; axis >= 0; --axis) {
      x += index % a.outer[axis] * a.x_outer[axis];
      y += index % a.outer[axis] * a.y_outer[axis];
      index /= a.outer[axis];
    }
    const std::int64_t first = at % blocks * a.row_block;
    for (std::int64_t row = first; row < std::min(first + a.row_block, a.rows); ++row)
      for (std::int64_t col = 0; col < a.cols; ++col)
        std::memcpy(y + row * a.y_row + col * a.y_col, x + row * a.x_row + col * a.x_col, static_cast<std::size_t>(a.item));
  }
}

}  // namespace convcore::reference
