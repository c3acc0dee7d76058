// Functions of two whole numbers that work on their bits, and the greatest common divisor.
#pragma once

#include <cstdint>

#include "base/dtype.h"
#include "base/parallel.h"

namespace convcore {

enum class BitFunction : std::uint8_t { both, either, one, left_shift, right_shift, gcd };

// y[i] = f(a[i], b[i]), all of one integer dtype or bool. One item of the range: `bits_block` elements.
constexpr std::int64_t bits_block = 4096;
struct BitsArgs {
  const void *a = nullptr, *b = nullptr;
  void* y = nullptr;
  DType dtype = DType::i32;
  BitFunction function = BitFunction::both;
  std::int64_t size = 0;
};

namespace reference {
void bits(const BitsArgs& args, Range blocks);
}  // namespace reference

}  // namespace convcore
