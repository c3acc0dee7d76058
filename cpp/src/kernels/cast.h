// Conversion of element types.
#pragma once

#include "base/dtype.h"
#include "base/parallel.h"

namespace convcore {

// One item of the range: `cast_block` elements.
constexpr std::int64_t cast_block = 4096;
struct CastArgs {
  const void* x = nullptr;
  void* y = nullptr;
  DType from = DType::f32, to = DType::f32;
  std::int64_t size = 0;
};

namespace reference {
void cast(const CastArgs& args, Range blocks);
}  // namespace reference

}  // namespace convcore
