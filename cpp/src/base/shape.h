// Shapes with unknown dimensions, and checked size arithmetic: no size is ever computed without it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/dtype.h"

namespace convcore {

inline constexpr std::int64_t unknown = -1;  // a dimension fixed only when the plan is made; Python's None
inline constexpr int max_rank = 8;

// Checked 64-bit arithmetic on sizes; throws Error on overflow.
std::int64_t checked_add(std::int64_t a, std::int64_t b);
std::int64_t checked_mul(std::int64_t a, std::int64_t b);

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : Shape(std::vector<std::int64_t>(dims)) {}
  explicit Shape(std::vector<std::int64_t> dims);  // throws Error for rank > max_rank or a dimension < -1

  int rank() const { return static_cast<int>(dims_.size()); }
  std::int64_t operator[](int axis) const { return dims_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return dims_[static_cast<std::size_t>(axis)]; }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  bool known() const;                                // no dimension is unknown
  std::int64_t elements() const;                     // product of all dimensions; throws Error if one is unknown
  std::int64_t elements(int first, int last) const;  // product of dimensions [first, last)
  std::string str() const;                           // "(None, 28, 28, 1)"
  bool operator==(const Shape&) const = default;

 private:
  std::vector<std::int64_t> dims_;
};

struct Type {
  DType dtype = DType::f32;
  Shape shape;
  std::int64_t bytes() const;  // throws Error if a dimension is unknown
  std::string str() const;     // "float32 (None, 28, 28, 1)"
  bool operator==(const Type&) const = default;
};
using Types = std::vector<Type>;

// axis in [-rank, rank) to [0, rank); throws Error naming `where` otherwise.
int normalize_axis(std::int64_t axis, int rank, const char* where);

}  // namespace convcore
