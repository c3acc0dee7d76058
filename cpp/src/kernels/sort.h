// The order of the elements of rows.
#pragma once

#include <cstdint>

#include "base/dtype.h"
#include "base/parallel.h"

namespace convcore {

// x is (rows, count), y the positions of every row's elements in ascending (descending) order, equal ones in the order of
// their positions. NaN counts as the largest number. One item of the range: one row.
struct ArgsortArgs {
  const void* x = nullptr;
  std::int32_t* y = nullptr;
  DType dtype = DType::f32;
  std::int64_t count = 0;
  bool descending = false;
};

namespace reference {
void argsort(const ArgsortArgs& args, Range range);
}  // namespace reference

}  // namespace convcore
