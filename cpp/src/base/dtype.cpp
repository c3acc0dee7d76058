// The names of element types, both ways.
#include "base/dtype.h"

#include <iterator>

#include "base/error.h"

namespace convcore {

namespace {
constexpr DType all[] = {DType::boolean, DType::u8,  DType::i32,  DType::u32, DType::i64, DType::f32,
                         DType::f64,     DType::f16, DType::bf16, DType::i8,  DType::i16, DType::u16};
static_assert(std::size(all) == dtype_count);
}  // namespace

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::boolean: return "bool";
    case DType::u8: return "uint8";
    case DType::i32: return "int32";
    case DType::u32: return "uint32";
    case DType::i64: return "int64";
    case DType::f32: return "float32";
    case DType::f16: return "float16";
    case DType::bf16: return "bfloat16";
    case DType::i8: return "int8";
    case DType::i16: return "int16";
    case DType::u16: return "uint16";
    case DType::f64: break;
  }
  return "float64";
}

DType parse_dtype(std::string_view word) {
  std::string words;
  for (DType dtype : all) {
    if (name(dtype) == word) return dtype;
    words += cat(words.empty() ? "" : ", ", name(dtype));
  }
  fail("dtype", cat("one of ", words), cat('"', word, '"'));
}

}  // namespace convcore
