// Bytes (images, and bools) to float32.
#include "kernels/cast.h"

#include "kernels/simd/vec.h"

namespace convcore::CC_ISA {

typedef uint8_t Bytes __attribute__((vector_size(vl), aligned(1), may_alias));

void cast_bytes(const CastArgs& a, Range blocks) {
  const uint8_t* x = static_cast<const uint8_t*>(a.x);
  float* y = static_cast<float*>(a.y);
  const int64_t end = blocks.end * cast_block < a.size ? blocks.end * cast_block : a.size;
  int64_t i = blocks.begin * cast_block;
  for (; i + vl <= end; i += vl) store(y + i, __builtin_convertvector(*reinterpret_cast<const Bytes*>(x + i), Vec));
  for (; i < end; ++i) y[i] = static_cast<float>(x[i]);
}

}  // namespace convcore::CC_ISA
