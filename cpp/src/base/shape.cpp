// Shapes, and the checked arithmetic that every size goes through.
#include "base/shape.h"

#include <algorithm>

#include "base/error.h"

namespace convcore {

namespace {

[[noreturn]] void overflow(std::int64_t a, const char* sign, std::int64_t b) {
  fail("size", "a size below 2^63", cat(a, ' ', sign, ' ', b));
}

}  // namespace

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) overflow(a, "+", b);
  return sum;
}

std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) overflow(a, "*", b);
  return product;
}

Shape::Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {
  if (dims_.size() > static_cast<std::size_t>(max_rank))
    fail("shape", cat("at most ", max_rank, " dimensions"), cat(dims_.size(), " dimensions"));
  for (std::int64_t dim : dims_)
    if (dim < unknown) fail("shape", "dimensions >= 0, or -1 for an unknown one", str());
}

bool Shape::known() const { return std::find(dims_.begin(), dims_.end(), unknown) == dims_.end(); }

std::int64_t Shape::elements() const { return elements(0, rank()); }

std::int64_t Shape::elements(int first, int last) const {
  std::int64_t product = 1;
  for (int axis = first; axis < last; ++axis) {
    if ((*this)[axis] == unknown) fail("shape", "a shape with known dimensions", str());
    product = checked_mul(product, (*this)[axis]);
  }
  return product;
}

std::string Shape::str() const {
  std::string text = "(";
  for (std::size_t i = 0; i < dims_.size(); ++i) {
    if (i > 0) text += ", ";
    text += dims_[i] == unknown ? "None" : std::to_string(dims_[i]);
  }
  return text + (dims_.size() == 1 ? ",)" : ")");
}

std::int64_t Type::bytes() const { return checked_mul(shape.elements(), static_cast<std::int64_t>(size_of(dtype))); }

std::string Type::str() const { return cat(name(dtype), ' ', shape.str()); }

int normalize_axis(std::int64_t axis, int rank, const char* where) {
  if (rank == 0) fail(where, "a tensor of rank >= 1", cat("axis ", axis, " of a scalar"));
  if (axis < -rank || axis >= rank) fail(where, cat("an axis in [", -rank, ", ", rank, ')'), cat("axis ", axis));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace convcore
