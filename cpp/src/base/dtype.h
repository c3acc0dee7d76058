// The element types of tensors, with NumPy's names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace convcore {

enum class DType : std::uint8_t { boolean, u8, i32, u32, i64, f32, f64 };

constexpr std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::u8: return 1;
    case DType::i32:
    case DType::u32:
    case DType::f32: return 4;
    case DType::i64:
    case DType::f64: return 8;
  }
  return 0;
}

constexpr bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }

// "bool", "uint8", "int32", "uint32", "int64", "float32", "float64".
std::string_view name(DType dtype);
// The inverse of name(); throws Error for any other word.
DType parse_dtype(std::string_view word);

// The C++ type a DType stands for: calls f with a value of that type, e.g. visit(d, [&]<class T>(T) {...}).
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::boolean: return f(bool{});
    case DType::u8: return f(std::uint8_t{});
    case DType::i32: return f(std::int32_t{});
    case DType::u32: return f(std::uint32_t{});
    case DType::i64: return f(std::int64_t{});
    case DType::f32: return f(float{});
    case DType::f64: break;
  }
  return f(double{});
}

}  // namespace convcore
