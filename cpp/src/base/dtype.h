// What the library itself needs of element types, beyond the public names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "convcore/dtype.h"

namespace convcore {

constexpr bool is_half(DType dtype) { return dtype == DType::f16 || dtype == DType::bf16; }
constexpr bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f64 || is_half(dtype); }

// The inverse of name(); throws Error for any other word.
DType parse_dtype(std::string_view word);

// The C++ type that a DType is computed in: calls f with a value of that type, e.g. visit(d, [&]<class T>(T) {...}).
// Elements of the half types are computed in float and do not lie in memory as such: base/half.h reads and writes them.
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
  switch (dtype) {
    case DType::boolean: return f(bool{});
    case DType::u8: return f(std::uint8_t{});
    case DType::i32: return f(std::int32_t{});
    case DType::u32: return f(std::uint32_t{});
    case DType::i64: return f(std::int64_t{});
    case DType::f32:
    case DType::f16:
    case DType::bf16: return f(float{});
    case DType::f64: break;
  }
  return f(double{});
}

}  // namespace convcore
