// Whether an array holds only finite numbers: asked of every batch before it reaches a graph.
#pragma once

#include <cstddef>

#include "base/dtype.h"

namespace convcore {

// Whether none of `count` elements is NaN or infinite; integers and booleans never are.
bool all_finite(DType dtype, const void* elements, std::size_t count);

}  // namespace convcore
