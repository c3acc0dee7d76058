// Bits of whole numbers. Shifts by no less than the width, and by negative numbers, leave nothing but the sign, as NumPy's.
#include "kernels/bits.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <type_traits>

namespace convcore::reference {

namespace {

template <class T>
using Unsigned =
    typename std::conditional_t<std::is_same_v<T, bool>, std::type_identity<std::uint8_t>, std::make_unsigned<T>>::type;

template <class T>
bool within_width(T shift) {
  return static_cast<Unsigned<T>>(shift) < static_cast<Unsigned<T>>(std::numeric_limits<Unsigned<T>>::digits);
}

template <class T>
Unsigned<T> magnitude(T value) {
  const auto bits = static_cast<Unsigned<T>>(value);
  return value < T{0} ? static_cast<Unsigned<T>>(0 - bits) : bits;
}

template <class T>
T apply(BitFunction function, T a, T b) {
  switch (function) {
    case BitFunction::both: return static_cast<T>(a & b);
    case BitFunction::either: return static_cast<T>(a | b);
    case BitFunction::one: return static_cast<T>(a ^ b);
    case BitFunction::left_shift:
      return within_width(b) ? static_cast<T>(static_cast<Unsigned<T>>(static_cast<Unsigned<T>>(a) << b)) : T{0};
    case BitFunction::right_shift: return within_width(b) ? static_cast<T>(a >> b) : a < T{0} ? static_cast<T>(-1) : T{0};
    case BitFunction::gcd: break;
  }
  return static_cast<T>(std::gcd(magnitude(a), magnitude(b)));
}

}  // namespace

void bits(const BitsArgs& args, Range blocks) {
  const std::int64_t end = std::min(blocks.end * bits_block, args.size);
  visit(args.dtype, [&]<class T>(T) {
    if constexpr (!std::is_floating_point_v<T>) {
      const T *a = static_cast<const T*>(args.a), *b = static_cast<const T*>(args.b);
      T* y = static_cast<T*>(args.y);
      for (std::int64_t i = blocks.begin * bits_block; i < end; ++i) y[i] = apply(args.function, a[i], b[i]);
    }
  });
}

}  // namespace convcore::reference
