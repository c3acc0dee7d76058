// Normalising strided copies: fewer dimensions, larger items, and inner loops that suit both sides.
#include "ops/strided_copy.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/parallel.h"

namespace convcore {

namespace {

constexpr std::int64_t block_bytes = 1 << 15;   // of one range item: a block stays in the first-level cache
constexpr double nanoseconds_per_byte = 0.125;  // of a copy that comes from memory

void erase(CopySpec& spec, std::size_t axis) {
  const auto at = static_cast<std::ptrdiff_t>(axis);
  spec.dims.erase(spec.dims.begin() + at);
  spec.x_strides.erase(spec.x_strides.begin() + at);
  spec.y_strides.erase(spec.y_strides.begin() + at);
}

void drop_ones(CopySpec& spec) {
  for (std::size_t axis = spec.dims.size(); axis-- > 0;)
    if (spec.dims[axis] == 1) erase(spec, axis);
}

void merge_neighbours(CopySpec& spec) {
  for (std::size_t axis = spec.dims.size(); axis-- > 1;) {
    const std::int64_t dim = spec.dims[axis];
    if (spec.x_strides[axis - 1] != spec.x_strides[axis] * dim || spec.y_strides[axis - 1] != spec.y_strides[axis] * dim)
      continue;
    spec.dims[axis] *= spec.dims[axis - 1];
    erase(spec, axis - 1);
  }
}

// A contiguous last axis becomes part of the item, unless it is all there is: then it is cut into blocks of rows.
void absorb_run(CopySpec& spec) {
  if (spec.dims.size() < 2 || spec.x_strides.back() != spec.item || spec.y_strides.back() != spec.item) return;
  spec.item *= spec.dims.back();
  erase(spec, spec.dims.size() - 1);
}

// The row loop: where x is adjacent, so that the two inner loops are a transpose; otherwise the next axis outwards.
std::size_t row_axis(const CopySpec& spec) {
  for (std::size_t axis = spec.dims.size(); axis-- > 0;)
    if (std::llabs(spec.x_strides[axis]) == spec.item) return axis;
  return spec.dims.size() - 1;
}

}  // namespace

StridedCopy::StridedCopy(CopySpec spec) : x_offset_(spec.x_offset), y_offset_(spec.y_offset) {
  items_ = std::find(spec.dims.begin(), spec.dims.end(), 0) == spec.dims.end() ? 1 : 0;
  if (items_ == 0) return;
  drop_ones(spec), merge_neighbours(spec), absorb_run(spec);
  args_.item = spec.item;
  if (spec.dims.size() > 1) {
    args_.cols = spec.dims.back(), args_.x_col = spec.x_strides.back(), args_.y_col = spec.y_strides.back();
    erase(spec, spec.dims.size() - 1);
  }
  if (!spec.dims.empty()) {
    const std::size_t axis = row_axis(spec);
    args_.rows = spec.dims[axis], args_.x_row = spec.x_strides[axis], args_.y_row = spec.y_strides[axis];
    erase(spec, axis);
  }
  args_.outer_rank = static_cast<int>(spec.dims.size());
  for (std::size_t i = 0; i < spec.dims.size(); ++i) {
    args_.outer[i] = spec.dims[i], args_.x_outer[i] = spec.x_strides[i], args_.y_outer[i] = spec.y_strides[i];
    items_ *= spec.dims[i];
  }
  const std::int64_t row_bytes = args_.item * args_.cols;
  args_.row_block = std::clamp<std::int64_t>((block_bytes / row_bytes + 15) / 16 * 16, 1, args_.rows);
  items_ *= (args_.rows + args_.row_block - 1) / args_.row_block;
}

void StridedCopy::run(const void* x, void* y, Kernel kernel) const {
  CopyArgs args = args_;
  args.x = static_cast<const char*>(x) + x_offset_;
  args.y = static_cast<char*>(y) + y_offset_;
  const double bytes = static_cast<double>(args.row_block) * static_cast<double>(args.cols) * static_cast<double>(args.item);
  parallel_for(items_, bytes * nanoseconds_per_byte, [&](Range range) { kernel(args, range); });
}

std::vector<std::int64_t> byte_strides(const Type& type) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(type.shape.rank()));
  auto stride = static_cast<std::int64_t>(size_of(type.dtype));
  for (int axis = type.shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = stride;
    stride = checked_mul(stride, type.shape[axis]);
  }
  return strides;
}

void copy_bytes(const Call& call) {
  const auto bytes = static_cast<std::size_t>(call.view.out[0].bytes());
  if (bytes > 0 && call.out[0] != call.in[0]) std::memcpy(call.out[0], call.in[0], bytes);
}

void fill(const Type& type, const void* value, void* y, StridedCopy::Kernel kernel) {
  const auto item = static_cast<std::int64_t>(size_of(type.dtype));
  StridedCopy({{type.shape.elements()}, {0}, {item}, item, 0, 0}).run(value, y, kernel);
}

Element make_element(double value, DType dtype, const char* where) {
  Element element;
  visit(dtype, [&]<class T>(T typed) {
    if constexpr (!std::is_floating_point_v<T>) {
      const bool fits = value >= static_cast<double>(std::numeric_limits<T>::lowest()) && value == std::floor(value) &&
                        (sizeof(T) == 8 ? value < 0x1p63 : value <= static_cast<double>(std::numeric_limits<T>::max()));
      if (!fits) fail(where, cat("a value that ", name(dtype), " can hold"), str(AttrValue(value)));
    }
    typed = static_cast<T>(value);
    std::memcpy(element.bytes, &typed, sizeof typed);
  });
  return element;
}

}  // namespace convcore
