// Pooling, one window at a time.
#include "kernels/pool.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/scalar.h"

namespace convcore::reference {

namespace {

// Where one plane (one channel of one sample) lies, and the distance of neighbours along each spatial axis.
struct Plane {
  std::int64_t offset, step[3];
};

Plane plane_of(const PoolArgs& a, const std::int64_t (&size)[3], std::int64_t index) {
  const std::int64_t n = index / a.c, c = index % a.c, volume = size[0] * size[1] * size[2];
  const std::int64_t step = a.channels_last ? a.c : 1;
  return {a.channels_last ? n * volume * a.c + c : index * volume, {size[1] * size[2] * step, size[2] * step, step}};
}

// Calls visit(offset of the output, offset of each input of its window in row-major order, how many those are).
template <class F>
void each_window(const PoolArgs& a, std::int64_t plane, F visit) {
  const Plane in = plane_of(a, a.in, plane), out = plane_of(a, a.out, plane);
  for (std::int64_t index = 0; index < a.out[0] * a.out[1] * a.out[2]; ++index) {
    const std::int64_t o[3] = {index / (a.out[1] * a.out[2]), index / a.out[2] % a.out[1], index % a.out[2]};
    std::int64_t begin[3], end[3], to = out.offset, count = 1;
    for (int i = 0; i < 3; ++i) {
      const PoolSpan span = pool_span(a, i, o[i]);
      begin[i] = span.begin, end[i] = span.end;
      to += o[i] * out.step[i], count *= end[i] - begin[i];
    }
    visit(to, count, [&](auto element) {
      for (std::int64_t d = begin[0]; d < end[0]; ++d)
        for (std::int64_t h = begin[1]; h < end[1]; ++h)
          for (std::int64_t w = begin[2]; w < end[2]; ++w)
            element(in.offset + d * in.step[0] + h * in.step[1] + w * in.step[2]);
    });
  }
}

}  // namespace

template <class T>
void pool(const PoolArgs& a, Range planes) {
  const T* x = static_cast<const T*>(a.x);
  T* y = static_cast<T*>(a.y);
  for (std::int64_t plane = planes.begin; plane < planes.end; ++plane)
    each_window(a, plane, [&](std::int64_t to, std::int64_t count, auto window) {
      T value = a.kind == PoolKind::max ? -std::numeric_limits<T>::infinity() : T{0};
      window([&](std::int64_t from) {
        if (a.kind == PoolKind::max)
          value = scalar::maximum(value, x[from]);
        else
          value += a.kind == PoolKind::l2 ? x[from] * x[from] : x[from];
      });
      if (a.kind == PoolKind::average) value /= static_cast<T>(count);
      y[to] = a.kind == PoolKind::l2 ? std::sqrt(value) : value;
    });
}

template <class T>
void pool_backward(const PoolArgs& a, Range planes) {
  const T *x = static_cast<const T*>(a.x), *y = static_cast<const T*>(a.y_in), *dy = static_cast<const T*>(a.dy);
  T* dx = static_cast<T*>(a.dx);
  for (std::int64_t plane = planes.begin; plane < planes.end; ++plane) {
    const Plane in = plane_of(a, a.in, plane);
    for (std::int64_t i = 0; i < a.in[0] * a.in[1] * a.in[2]; ++i) dx[in.offset + i * in.step[2]] = T{0};
    each_window(a, plane, [&](std::int64_t to, std::int64_t count, auto window) {
      bool taken = false;
      window([&](std::int64_t from) {
        if (a.kind == PoolKind::average) {
          dx[from] += dy[to] / static_cast<T>(count);
        } else if (a.kind == PoolKind::l2) {
          dx[from] += y[to] == T{0} ? T{0} : x[from] * (dy[to] / y[to]);
        } else if (!taken && (x[from] == y[to] || x[from] != x[from])) {
          dx[from] += dy[to], taken = true;
        }
      });
    });
  }
}

template void pool<float>(const PoolArgs&, Range);
template void pool<double>(const PoolArgs&, Range);
template void pool_backward<float>(const PoolArgs&, Range);
template void pool_backward<double>(const PoolArgs&, Range);

}  // namespace convcore::reference
