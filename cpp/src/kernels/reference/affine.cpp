// Affine maps of images, one pixel at a time, and the gradient, which scatters each output's share to the pixels it saw.
#include "kernels/affine.h"

#include <algorithm>
#include <cmath>

namespace convcore::reference {

namespace {

// The position inside [0, n) that a position shows; -1: the fill value.
std::int64_t seen(std::int64_t i, std::int64_t n, FillMode mode) {
  if (i >= 0 && i < n) return i;
  const auto modulo = [](std::int64_t a, std::int64_t period) { return (a % period + period) % period; };
  switch (mode) {
    case FillMode::constant: return -1;
    case FillMode::nearest: return i < 0 ? 0 : n - 1;
    case FillMode::wrap: return modulo(i, n);
    case FillMode::reflect: {
      const std::int64_t m = modulo(i, 2 * n);
      return std::min(m, 2 * n - 1 - m);
    }
    case FillMode::mirror: break;
  }
  if (n == 1) return 0;
  const std::int64_t m = modulo(i, 2 * n - 2);
  return std::min(m, 2 * n - 2 - m);
}

template <class T>
T coordinate(const T* t, std::int64_t column, std::int64_t row) {
  const T start = static_cast<T>(static_cast<double>(t[1]) * static_cast<double>(row) + static_cast<double>(t[2]));
  const T u = static_cast<T>(static_cast<double>(t[0]) * static_cast<double>(column) + static_cast<double>(start));
  return u > T(-affine_reach) ? std::min(u, T(affine_reach)) : T(-affine_reach);
}

// Calls visit(pixel of the input or -1, weight) for each pixel that an output shows.
template <class T, class F>
void each_tap(const AffineArgs& a, const T* t, std::int64_t row, std::int64_t column, F visit) {
  const T u = coordinate(t, column, row), v = coordinate(t + 3, column, row);
  const auto tap = [&](std::int64_t x, std::int64_t y, T weight) {
    const std::int64_t sx = seen(x, a.w, a.fill_mode), sy = seen(y, a.h, a.fill_mode);
    visit(sx < 0 || sy < 0 ? -1 : sy * a.w + sx, weight);
  };
  if (!a.bilinear) return tap(std::llround(u), std::llround(v), T{1});
  const T left = std::floor(u), top = std::floor(v), wx = u - left, wy = v - top;
  const auto x = static_cast<std::int64_t>(left), y = static_cast<std::int64_t>(top);
  tap(x, y, (1 - wy) * (1 - wx));
  tap(x + 1, y, (1 - wy) * wx);
  tap(x, y + 1, wy * (1 - wx));
  tap(x + 1, y + 1, wy * wx);
}

}  // namespace

template <class T>
void affine_transform(const AffineArgs& a, Range rows) {
  for (std::int64_t at = rows.begin; at < rows.end; ++at) {
    const std::int64_t n = at / a.h, row = at % a.h;
    const T* transform = static_cast<const T*>(a.transform) + n * a.transform_step;
    const T* x = static_cast<const T*>(a.x) + n * a.h * a.w * a.c;
    T* y = static_cast<T*>(a.y) + at * a.w * a.c;
    std::fill(y, y + a.w * a.c, T{0});
    for (std::int64_t column = 0; column < a.w; ++column, y += a.c)
      each_tap(a, transform, row, column, [&](std::int64_t pixel, T weight) {
        for (std::int64_t c = 0; c < a.c; ++c)
          y[c] += weight * (pixel < 0 ? static_cast<T>(a.fill_value) : x[pixel * a.c + c]);
      });
  }
}

template <class T>
void affine_transform_backward(const AffineArgs& a, Range samples) {
  const std::int64_t size = a.h * a.w * a.c;
  for (std::int64_t n = samples.begin; n < samples.end; ++n) {
    const T* transform = static_cast<const T*>(a.transform) + n * a.transform_step;
    const T* dy = static_cast<const T*>(a.x) + n * size;
    T* dx = static_cast<T*>(a.y) + n * size;
    std::fill(dx, dx + size, T{0});
    for (std::int64_t i = 0; i < a.h * a.w; ++i)
      each_tap(a, transform, i / a.w, i % a.w, [&](std::int64_t pixel, T weight) {
        for (std::int64_t c = 0; pixel >= 0 && c < a.c; ++c) dx[pixel * a.c + c] += weight * dy[i * a.c + c];
      });
  }
}

template void affine_transform<float>(const AffineArgs&, Range);
template void affine_transform<double>(const AffineArgs&, Range);
template void affine_transform_backward<float>(const AffineArgs&, Range);
template void affine_transform_backward<double>(const AffineArgs&, Range);

}  // namespace convcore::reference
