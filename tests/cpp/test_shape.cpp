// Shapes, dtypes, checked sizes and buffers.
#include <cstdint>
#include <limits>

#include "base/buffer.h"
#include "base/error.h"
#include "base/shape.h"
#include "check.h"

using namespace convcore;

TEST("shape: text, elements and unknown dimensions") {
  CHECK_EQ(Shape({}).str(), "()");
  CHECK_EQ(Shape({3}).str(), "(3,)");
  CHECK_EQ(Shape({unknown, 28, 28, 1}).str(), "(None, 28, 28, 1)");
  CHECK_EQ(Shape({}).elements(), 1);
  CHECK_EQ(Shape({2, 3, 4}).elements(), 24);
  CHECK_EQ(Shape({2, 3, 4}).elements(1, 3), 12);
  CHECK_EQ(Shape({unknown, 3, 4}).elements(1, 3), 12);
  CHECK(!Shape({unknown, 3}).known());
  CHECK_THROWS(Error, "known dimensions, received (None, 3)", Shape({unknown, 3}).elements());
}

TEST("shape: rank and dimensions are limited, sizes never overflow") {
  CHECK_THROWS(Error, "at most 8 dimensions, received 9 dimensions", Shape(std::vector<std::int64_t>(9, 1)));
  CHECK_THROWS(Error, "received (2, -2)", Shape({2, -2}));
  const std::int64_t large = std::int64_t{1} << 62;
  CHECK_THROWS(Error, "2^63", Shape({large, 2}).elements());
  CHECK_THROWS(Error, "2^63", Type{DType::f32, {large}}.bytes());
  CHECK_THROWS(Error, "2^63", checked_add(std::numeric_limits<std::int64_t>::max(), 1));
  CHECK_EQ(checked_mul(1 << 30, 4), std::int64_t{1} << 32);
}

TEST("shape: axes count from the end when negative") {
  CHECK_EQ(normalize_axis(-1, 4, "op"), 3);
  CHECK_EQ(normalize_axis(0, 4, "op"), 0);
  CHECK_THROWS(Error, "op: expected an axis in [-4, 4), received axis 4", normalize_axis(4, 4, "op"));
  CHECK_THROWS(Error, "axis -1 of a scalar", normalize_axis(-1, 0, "op"));
}

TEST("dtype: names both ways") {
  for (DType dtype : {DType::boolean, DType::u8, DType::i32, DType::u32, DType::i64, DType::f32, DType::f64}) {
    CHECK(parse_dtype(name(dtype)) == dtype);
    CHECK_EQ(visit(dtype, [](auto value) { return sizeof value; }), size_of(dtype));
  }
  for (DType dtype : {DType::f16, DType::bf16}) CHECK(parse_dtype(name(dtype)) == dtype && size_of(dtype) == 2);
  CHECK_THROWS(Error, "received \"float8\"", parse_dtype("float8"));
}

TEST("buffer: aligned, zero-filled, movable") {
  Buffer first(1000);
  CHECK_EQ(reinterpret_cast<std::uintptr_t>(first.data()) % alignment, 0u);
  const auto* bytes = static_cast<const unsigned char*>(first.data());
  int sum = 0;
  for (int i = 0; i < 1000; ++i) sum += bytes[i];
  CHECK_EQ(sum, 0);
  Buffer second = std::move(first);
  CHECK_EQ(second.bytes(), 1000u);
  CHECK_EQ(first.bytes(), 0u);
  CHECK(first.data() == nullptr);
  CHECK(Buffer(0).data() == nullptr);
}
