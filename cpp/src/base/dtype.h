// What the library itself needs of element types, beyond the public names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "convcore/dtype.h"

namespace convcore {

constexpr bool is_half(DType dtype) { return dtype == DType::f16 || dtype == DType::bf16; }
constexpr bool is_narrow_integer(DType dtype) { return dtype == DType::i8 || dtype == DType::i16 || dtype == DType::u16; }
constexpr bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f64 || is_half(dtype); }

// The type that elements are computed in: those that are for storage only have a wider one.
constexpr DType computed_in(DType dtype) {
  return is_half(dtype) ? DType::f32 : is_narrow_integer(dtype) ? DType::i32 : dtype;
}
// Types for storage only.
constexpr bool is_narrow(DType dtype) { return computed_in(dtype) != dtype; }

// The inverse of name(); throws Error for any other word.
DType parse_dtype(std::string_view word);

// The C++ type that a DType is computed in: calls f with a value of that type, e.g. visit(d, [&]<class T>(T) {...}).
// Elements of the types for storage are of the type they are computed in and do not lie in memory as such: base/stored.h
// reads and writes them.
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
  switch (computed_in(dtype)) {
    case DType::boolean: return f(bool{});
    case DType::u8: return f(std::uint8_t{});
    case DType::i32: return f(std::int32_t{});
    case DType::u32: return f(std::uint32_t{});
    case DType::i64: return f(std::int64_t{});
    case DType::f32: return f(float{});
    default: break;
  }
  return f(double{});
}

}  // namespace convcore
