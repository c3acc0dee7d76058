// The shape rule of sliding windows, written once for convolution and pooling.
#include "ops/window.h"

#include <algorithm>

#include "base/error.h"
#include "base/shape.h"

namespace convcore {

WindowAxis window_axis(std::string_view where, std::int64_t in, std::int64_t k, std::int64_t stride, std::int64_t dilation,
                       Padding padding) {
  const std::int64_t reach = checked_add(checked_mul(k - 1, dilation), 1);
  if (in == unknown) return {unknown, 0};
  if (padding == Padding::valid) {
    if (reach > in)
      fail(where, cat("a window of at most ", in, " along each spatial axis"), cat(reach),
           "Computed output size would be zero or negative. Use a larger input, a smaller window, or padding=\"same\".");
    return {(in - reach) / stride + 1, 0};
  }
  const std::int64_t out = in / stride + (in % stride != 0);
  if (padding == Padding::causal) return {out, reach - 1};
  const std::int64_t covered = out == 0 ? 0 : checked_add(checked_mul(out - 1, stride), reach);
  return {out, std::max<std::int64_t>(covered - in, 0) / 2};
}

Ints window_sizes(std::string_view where, std::string_view attr, const Ints& given, int rank, std::int64_t standard) {
  if (given.empty()) return Ints(static_cast<std::size_t>(rank), standard);
  const bool positive = std::all_of(given.begin(), given.end(), [](std::int64_t size) { return size >= 1; });
  if (given.size() != static_cast<std::size_t>(rank) || !positive)
    fail(where, cat(attr, " as ", rank, " integer", rank == 1 ? "" : "s", " >= 1"), str(AttrValue(given)));
  return given;
}

Ints window_border(std::string_view where, const Ints& given, int rank) {
  const auto count = static_cast<std::size_t>(2 * rank);
  if (given.empty()) return Ints(count, 0);
  const bool negative = std::any_of(given.begin(), given.end(), [](std::int64_t size) { return size < 0; });
  if (given.size() != count || negative)
    fail(where, cat("paddings as ", count, " integers >= 0, low and high for each spatial axis"), str(AttrValue(given)));
  return given;
}

std::int64_t bordered(std::int64_t size, const Ints& border, std::size_t axis) {
  return size == unknown ? unknown : checked_add(size, checked_add(border[2 * axis], border[2 * axis + 1]));
}

}  // namespace convcore
