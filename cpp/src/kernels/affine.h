// Affine maps of images: output (column, row) shows the input at (a0 column + a1 row + a2, b0 column + b1 row + b2).
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// What is seen beyond the edges, for an axis a b c d: constant k k | a b c d | k k, nearest a a | a b c d | d d,
// wrap c d | a b c d | a b, mirror c b | a b c d | c b, reflect b a | a b c d | d c.
enum class FillMode : std::uint8_t { constant, nearest, wrap, mirror, reflect };

// Coordinates are kept within this distance, where every whole number and every sum here is exact in float32; those that
// are not numbers become the lower end.
constexpr double affine_reach = 4194304;

// channels_last. One item of the range is one row of outputs (sample, row); backward, one sample.
struct AffineArgs {
  const void* x = nullptr;          // backward: dy
  const void* transform = nullptr;  // a0 a1 a2 b0 b1 b2 and two that are not read, of the element type
  void* y = nullptr;                // backward: dx
  std::int64_t n = 1, h = 1, w = 1, c = 1;
  std::int64_t transform_step = 0;  // 8, or 0 for one transform of all samples
  bool bilinear = true;             // else the nearest pixel, halves away from zero
  FillMode fill_mode = FillMode::reflect;
  double fill_value = 0;
};

namespace reference {
template <class T>
void affine_transform(const AffineArgs& args, Range rows);
template <class T>
void affine_transform_backward(const AffineArgs& args, Range samples);
}  // namespace reference

}  // namespace convcore
