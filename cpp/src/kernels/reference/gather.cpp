// Rows by index. Copying rows is bound by memory, so there is no vector version beside this one.
#include "kernels/gather.h"

#include <algorithm>
#include <cstring>

namespace convcore::reference {

namespace {

std::int64_t index_at(const void* indices, DType dtype, std::int64_t i) {
  return visit(dtype, [&]<class T>(T) { return static_cast<std::int64_t>(static_cast<const T*>(indices)[i]); });
}

// The row that an index names, or -1.
std::int64_t row_of(const void* indices, DType dtype, std::int64_t i, std::int64_t axis) {
  const std::int64_t index = index_at(indices, dtype, i);
  const std::int64_t row = index < 0 ? index + axis : index;
  return row >= 0 && row < axis ? row : -1;
}

}  // namespace

void take(const TakeArgs& a, Range range) {
  const std::int64_t bytes = a.inner * a.element_bytes;
  for (std::int64_t at = range.begin; at < range.end; ++at) {
    const std::int64_t row = row_of(a.indices, a.index_dtype, at % a.count, a.axis);
    char* y = a.y + at * bytes;
    if (row >= 0) {
      std::memcpy(y, a.x + (at / a.count * a.axis + row) * bytes, static_cast<std::size_t>(bytes));
    } else {
      for (std::int64_t i = 0; i < a.inner; ++i)
        std::memcpy(y + i * a.element_bytes, a.missing, static_cast<std::size_t>(a.element_bytes));
    }
  }
}

void take_backward(const TakeBackwardArgs& a, Range range) {
  const std::int64_t blocks = (a.inner + a.column_block - 1) / a.column_block;
  visit(a.dtype, [&]<class T>(T) {
    for (std::int64_t at = range.begin; at < range.end; ++at) {
      const std::int64_t outer = at / blocks, first = at % blocks * a.column_block;
      const std::int64_t last = std::min(first + a.column_block, a.inner);
      const T* dy = static_cast<const T*>(a.dy) + outer * a.count * a.inner;
      T* dx = static_cast<T*>(a.dx) + outer * a.axis * a.inner;
      for (std::int64_t row = 0; row < a.axis; ++row) std::fill(dx + row * a.inner + first, dx + row * a.inner + last, T{});
      for (std::int64_t i = 0; i < a.count; ++i) {
        const std::int64_t row = row_of(a.indices, a.index_dtype, i, a.axis);
        if (row < 0) continue;
        for (std::int64_t col = first; col < last; ++col)
          dx[row * a.inner + col] = static_cast<T>(dx[row * a.inner + col] + dy[i * a.inner + col]);
      }
    }
  });
}

void one_hot(const OneHotArgs& a, Range range) {
  visit(a.dtype, [&]<class T>(T) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      T* y = static_cast<T*>(a.y) + i * a.classes;
      std::fill(y, y + a.classes, T{});
      const std::int64_t index = index_at(a.indices, a.index_dtype, i);
      if (index >= 0 && index < a.classes) y[index] = T{1};
    }
  });
}

}  // namespace convcore::reference
