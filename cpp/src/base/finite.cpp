// A number is not finite where all bits of its exponent are set, which takes integers only to find out.
#include "base/finite.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace convcore {

namespace {

template <class Word>
bool no_full_exponent(const void* elements, std::size_t count, Word exponent) {
  constexpr std::size_t block = 2048;  // between two looks at what was found, so that the loop inside has no branch
  const auto* bytes = static_cast<const char*>(elements);
  for (std::size_t first = 0; first < count; first += block) {
    const std::size_t n = std::min(block, count - first);
    Word found = 0;
    for (std::size_t i = 0; i < n; ++i) {
      Word word;
      std::memcpy(&word, bytes + (first + i) * sizeof(Word), sizeof word);
      found |= static_cast<Word>((word & exponent) == exponent);
    }
    if (found != 0) return false;
  }
  return true;
}

}  // namespace

bool all_finite(DType dtype, const void* elements, std::size_t count) {
  switch (dtype) {
    case DType::f32: return no_full_exponent<std::uint32_t>(elements, count, 0x7f800000u);
    case DType::f64: return no_full_exponent<std::uint64_t>(elements, count, 0x7ff0000000000000u);
    case DType::f16: return no_full_exponent<std::uint16_t>(elements, count, 0x7c00u);
    case DType::bf16: return no_full_exponent<std::uint16_t>(elements, count, 0x7f80u);
    default: return true;
  }
}

}  // namespace convcore
