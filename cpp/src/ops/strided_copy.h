// Turns the copy that an op means (dimensions and strides of both sides) into the loop of kernels/copy.h.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/op_def.h"
#include "kernels/copy.h"

namespace convcore {

struct CopySpec {
  std::vector<std::int64_t> dims, x_strides,
      y_strides;                            // strides in bytes; those of y belong to a C-contiguous array's order
  std::int64_t item = 0;                    // bytes of one element
  std::int64_t x_offset = 0, y_offset = 0;  // bytes to the first element
};

class StridedCopy {
 public:
  using Kernel = void (*)(const CopyArgs&, Range);
  StridedCopy() = default;
  explicit StridedCopy(CopySpec spec);  // merges dimensions and picks the two inner loops
  void run(const void* x, void* y, Kernel kernel) const;

 private:
  CopyArgs args_;
  std::int64_t x_offset_ = 0, y_offset_ = 0, items_ = 0;
};

// Strides in bytes of a C-contiguous array.
std::vector<std::int64_t> byte_strides(const Type& type);

// The implementation of every view op, for when its bytes are wanted at another place.
void copy_bytes(const Call& call);

// Fills y (of type `type`) with copies of the one element at `value`.
void fill(const Type& type, const void* value, void* y, StridedCopy::Kernel kernel);

// `value` as an element of `dtype`; throws Error naming `where` if it is not one.
struct Element {
  alignas(8) unsigned char bytes[8] = {};
};
Element make_element(double value, DType dtype, const char* where);

}  // namespace convcore
