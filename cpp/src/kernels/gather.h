// Reading and adding rows by index, and one-hot rows.
#pragma once

#include <cstdint>

#include "base/dtype.h"
#include "base/parallel.h"

namespace convcore {

// x is (outer, axis, inner), indices has `count` elements of `index_dtype`, y is (outer, count, inner). A negative index
// counts from the end. One item of the range: one row of y.
struct TakeArgs {
  const char* x = nullptr;
  const void* indices = nullptr;
  char* y = nullptr;
  DType index_dtype = DType::i32;
  std::int64_t axis = 0, count = 0, inner = 0;
  std::int64_t element_bytes = 0;
  const void* missing = nullptr;  // the element written where an index is out of range
};

// The reverse: dx (outer, axis, inner) is set to the sums of the rows of dy. One item of the range: a block of
// `column_block` columns at one outer index, so that every sum runs in the order of the indices.
struct TakeBackwardArgs {
  static constexpr std::int64_t column_block = 64;
  const void* dy = nullptr;
  const void* indices = nullptr;
  void* dx = nullptr;
  DType dtype = DType::f32, index_dtype = DType::i32;
  std::int64_t axis = 0, count = 0, inner = 0;
};

// y is (count, classes): 1 at the index and 0 elsewhere; only zeros for an index outside [0, classes). One item: one row.
struct OneHotArgs {
  const void* indices = nullptr;
  void* y = nullptr;
  DType index_dtype = DType::i32, dtype = DType::f32;
  std::int64_t classes = 0;
};

namespace reference {
void take(const TakeArgs& args, Range range);
void take_backward(const TakeBackwardArgs& args, Range range);
void one_hot(const OneHotArgs& args, Range range);
}  // namespace reference

}  // namespace convcore
