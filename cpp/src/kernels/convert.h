// Conversion between element types with a defined result for every value.
#pragma once

#include <limits>
#include <type_traits>

namespace convcore {

// To bool: not zero. Float to integer: truncated, saturating, NaN becomes 0. Integer to integer: modulo.
template <class To, class From>
constexpr To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From{0};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr From low = static_cast<From>(std::numeric_limits<To>::min());
    constexpr From high = static_cast<From>(std::numeric_limits<To>::max());  // may round up: >= catches that
    if (value != value) return To{0};
    if (value <= low) return std::numeric_limits<To>::min();
    return value >= high ? std::numeric_limits<To>::max() : static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace convcore
