// Elements as they lie in memory, read and written as what they are computed in (`computed_in`).
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/half.h"

namespace convcore {

// The element at `bytes`; T is the type that `dtype` is computed in. Exact.
template <class T>
T load_element(DType dtype, const void* bytes) {
  const auto as = [bytes]<class Stored>(Stored stored) {
    std::memcpy(&stored, bytes, sizeof stored);
    return stored;
  };
  if constexpr (std::is_same_v<T, float>) {
    if (is_half(dtype)) return float_of_half(dtype, as(std::uint16_t{}));
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    if (dtype == DType::i8) return as(std::int8_t{});
    if (dtype == DType::i16) return as(std::int16_t{});
    if (dtype == DType::u16) return as(std::uint16_t{});
  }
  return as(T{});
}

// The reverse: rounds to the half types, keeps the lowest bits for the narrow integers.
template <class T>
void store_element(DType dtype, T value, void* bytes) {
  const auto as = [bytes]<class Stored>(Stored stored) { std::memcpy(bytes, &stored, sizeof stored); };
  if constexpr (std::is_same_v<T, float>) {
    if (is_half(dtype)) return as(half_of_float(dtype, value));
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    if (dtype == DType::i8) return as(static_cast<std::int8_t>(value));
    if (dtype == DType::i16 || dtype == DType::u16) return as(static_cast<std::uint16_t>(value));
  }
  as(value);
}

// The nearest number that a narrow integer type has.
constexpr std::int32_t saturated(DType dtype, std::int32_t value) {
  const auto within = [value]<class Stored>(Stored) {
    return std::clamp<std::int32_t>(value, std::numeric_limits<Stored>::min(), std::numeric_limits<Stored>::max());
  };
  if (dtype == DType::i8) return within(std::int8_t{});
  if (dtype == DType::i16) return within(std::int16_t{});
  return dtype == DType::u16 ? within(std::uint16_t{}) : value;
}

// One element of any dtype as a double (64-bit integers round), and the bytes of an element from a double.
inline double element_value(DType dtype, const void* bytes) {
  return visit(dtype, [&]<class T>(T) { return static_cast<double>(load_element<T>(dtype, bytes)); });
}
inline void set_element(DType dtype, double value, void* bytes) {
  visit(dtype, [&]<class T>(T) { store_element<T>(dtype, static_cast<T>(value), bytes); });
}

}  // namespace convcore
