// The element types of tensors, with NumPy's names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "convcore/export.h"

namespace convcore {

// f16 (IEEE half precision) and bf16 (the upper half of a float32) are for storage: they are computed with in float32.
// So are i8, i16 and u16, in int32, which wraps round to the same bits.
enum class DType : std::uint8_t { boolean, u8, i32, u32, i64, f32, f64, f16, bf16, i8, i16, u16 };
inline constexpr int dtype_count = 12;

constexpr std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::u8:
    case DType::i8: return 1;
    case DType::i16:
    case DType::u16:
    case DType::f16:
    case DType::bf16: return 2;
    case DType::i32:
    case DType::u32:
    case DType::f32: return 4;
    case DType::i64:
    case DType::f64: return 8;
  }
  return 0;
}

// "bool", "uint8", "int32", "uint32", "int64", "float32", "float64", "float16", "bfloat16", "int8", "int16", "uint16".
CONVCORE_API std::string_view name(DType dtype);

// The DType of a C++ type: dtype_of<float> is DType::f32.
template <class T>
inline constexpr DType dtype_of = [] {
  static_assert(sizeof(T) == 0, "convcore has no such element type");
  return DType::f32;
}();
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::i8;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::i16;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::u16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::u32;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::i64;
template <>
inline constexpr DType dtype_of<float> = DType::f32;
template <>
inline constexpr DType dtype_of<double> = DType::f64;

}  // namespace convcore
