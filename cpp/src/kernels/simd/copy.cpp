// Strided copies: vector transposes of 4-byte items, runs of bytes, and plain loops for what is left.
#include "kernels/copy.h"

#include "kernels/dispatch.h"
#include "kernels/simd/transpose.h"

namespace convcore::CC_ISA {

namespace {

struct Block {  // some rows at one outer index
  const char* x;
  char* y;
  int64_t rows;
};

// A full square: rows are adjacent in x, columns are adjacent in y.
CC_INLINE void tile(const CopyArgs& a, const char* x, char* y) {
  Vec r[vl];
#pragma GCC unroll 16
  for (int c = 0; c < vl; ++c) r[c] = load(reinterpret_cast<const float*>(x + c * a.x_col));
  transpose_lanes<vl / 2>(r);
#pragma GCC unroll 16
  for (int i = 0; i < vl; ++i) store(reinterpret_cast<float*>(y + i * a.y_row), r[i]);
}

CC_INLINE void edge_tile(const CopyArgs& a, const char* x, char* y, int rows, int cols) {
  Vec r[vl];
#pragma GCC unroll 16
  for (int c = 0; c < vl; ++c) r[c] = c < cols ? load_first(reinterpret_cast<const float*>(x + c * a.x_col), rows) : Vec{};
  transpose_lanes<vl / 2>(r);
#pragma GCC unroll 16
  for (int i = 0; i < vl; ++i)
    if (i < rows) store_first(reinterpret_cast<float*>(y + i * a.y_row), r[i], cols);
}

void transpose_block(const CopyArgs& a, const Block& block) {
  for (int64_t c = 0; c < a.cols; c += vl) {
    const int cols = static_cast<int>(a.cols - c < vl ? a.cols - c : vl);
    for (int64_t row = 0; row < block.rows; row += vl) {
      const int rows = static_cast<int>(block.rows - row < vl ? block.rows - row : vl);
      const char* x = block.x + row * a.x_row + c * a.x_col;
      char* y = block.y + row * a.y_row + c * a.y_col;
      if (rows == vl && cols == vl) {
        tile(a, x, y);
      } else {
        edge_tile(a, x, y, rows, cols);
      }
    }
  }
}

struct __attribute__((may_alias, packed)) Bytes8 {
  uint64_t bits;
};
struct __attribute__((may_alias, packed)) Bytes4 {
  uint32_t bits;
};

// Columns in chunks, so that rows which share cache lines of x (interleaved channels) find them in the cache.
template <class T>
CC_INLINE void typed_block(const CopyArgs& a, const Block& block) {
  constexpr int64_t chunk = 512;
  for (int64_t first = 0; first < a.cols; first += chunk) {
    const int64_t last = first + chunk < a.cols ? first + chunk : a.cols;
    for (int64_t row = 0; row < block.rows; ++row) {
      const char* x = block.x + row * a.x_row;
      char* y = block.y + row * a.y_row;
      for (int64_t c = first; c < last; ++c)
        *reinterpret_cast<T*>(y + c * a.y_col) = *reinterpret_cast<const T*>(x + c * a.x_col);
    }
  }
}

// Every column of a row is one value: the broadcast of a last axis, or a fill.
template <class T>
CC_INLINE void splat_block(const CopyArgs& a, const Block& block) {
  for (int64_t row = 0; row < block.rows; ++row) {
    const T value = *reinterpret_cast<const T*>(block.x + row * a.x_row);
    T* y = reinterpret_cast<T*>(block.y + row * a.y_row);
    for (int64_t c = 0; c < a.cols; ++c) y[c] = value;
  }
}

void bytes_block(const CopyArgs& a, const Block& block) {
  for (int64_t row = 0; row < block.rows; ++row)
    for (int64_t c = 0; c < a.cols; ++c)
      __builtin_memcpy(block.y + row * a.y_row + c * a.y_col, block.x + row * a.x_row + c * a.x_col,
                       static_cast<size_t>(a.item));
}

// A single column: its rows are walked as the columns of one row.
CC_INLINE CopyArgs turned(const CopyArgs& a, int64_t rows) {
  CopyArgs t = a;
  t.cols = rows, t.x_col = a.x_row, t.y_col = a.y_row;
  return t;
}

void copy_items(const CopyArgs& a, const Block& block) {
  const bool splat = a.x_col == 0 && a.y_col == a.item;
  if (a.item == 4 && a.x_row == 4 && a.y_col == 4 && a.cols * 2 >= vl && block.rows * 2 >= vl) {
    transpose_block(a, block);
  } else if (a.item == 4) {
    splat ? splat_block<Bytes4>(a, block) : typed_block<Bytes4>(a, block);
  } else if (a.item == 8) {
    splat ? splat_block<Bytes8>(a, block) : typed_block<Bytes8>(a, block);
  } else if (a.item == 1) {
    splat ? splat_block<char>(a, block) : typed_block<char>(a, block);
  } else {
    bytes_block(a, block);
  }
}

void copy_block(const CopyArgs& a, const Block& block) {
  if (a.cols > 1) {
    copy_items(a, block);
  } else if (a.x_row == a.item && a.y_row == a.item) {
    __builtin_memcpy(block.y, block.x, static_cast<size_t>(block.rows * a.item));
  } else {
    copy_items(turned(a, block.rows), {block.x, block.y, 1});
  }
}

}  // namespace

void copy_strided(const CopyArgs& a, Range range) {
  const int64_t blocks = (a.rows + a.row_block - 1) / a.row_block;
  for (int64_t at = range.begin; at < range.end; ++at) {
    const int64_t first = at % blocks * a.row_block;
    const int64_t rows = a.rows - first < a.row_block ? a.rows - first : a.row_block;
    Block block{a.x + first * a.x_row, a.y + first * a.y_row, rows};
    int64_t index = at / blocks;
    for (int axis = a.outer_rank - 1; axis >= 0; --axis) {
      block.x += index % a.outer[axis] * a.x_outer[axis];
      block.y += index % a.outer[axis] * a.y_outer[axis];
      index /= a.outer[axis];
    }
    copy_block(a, block);
  }
}

}  // namespace convcore::CC_ISA
