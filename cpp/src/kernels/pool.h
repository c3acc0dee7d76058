// Pooling over windows of up to three spatial axes (absent ones have size 1).
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

enum class PoolKind : std::uint8_t { max, average, l2 };

// Forward reads x and writes y. Backward reads x (not average), y (not average) and dy, and writes dx.
struct PoolArgs {
  PoolKind kind = PoolKind::max;
  bool channels_last = true;
  const void *x = nullptr, *y_in = nullptr, *dy = nullptr;
  void *y = nullptr, *dx = nullptr;
  std::int64_t n = 1, c = 1;
  std::int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};                        // depth, height, width
  std::int64_t k[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, pad[3] = {0, 0, 0};  // k: where windows differ, the largest
  bool even[3] = {false, false, false};  // windows share the axis evenly; stride and pad are not used
};

// The part of window `o` along an axis that lies inside the input.
struct PoolSpan {
  std::int64_t begin, end;
};
__attribute__((always_inline)) inline PoolSpan pool_span(const PoolArgs& a, int axis, std::int64_t o) {
  if (a.even[axis]) return {o * a.in[axis] / a.out[axis], ((o + 1) * a.in[axis] + a.out[axis] - 1) / a.out[axis]};
  const std::int64_t first = o * a.stride[axis] - a.pad[axis], last = first + a.k[axis];
  return {first < 0 ? 0 : first, last > a.in[axis] ? a.in[axis] : last};
}

// simd, channels_last. One item of the range: forward, one row of outputs (n, depth, height); backward of windows that fill
// the input without overlap (pool_rows), the same; other backward, one (n, block of pool_channels channels).
constexpr std::int64_t pool_channels = 64;
// Windows of 1x2x2 with stride 2 and no padding.
inline bool is_pool_2x2(const PoolArgs& a) {
  return !a.even[0] && !a.even[1] && !a.even[2] && a.k[0] == 1 && a.stride[0] == 1 && a.k[1] == 2 && a.k[2] == 2 &&
         a.stride[1] == 2 && a.stride[2] == 2 && a.pad[1] == 0 && a.pad[2] == 0 && 2 * a.out[1] <= a.in[1] &&
         2 * a.out[2] <= a.in[2];
}

namespace reference {
// One item of the range: one channel of one sample.
template <class T>
void pool(const PoolArgs& args, Range planes);
template <class T>
void pool_backward(const PoolArgs& args, Range planes);
}  // namespace reference

}  // namespace convcore
