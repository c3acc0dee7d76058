// Affine maps of images: coordinates, weights and offsets for a vector of pixels at a time; then pixel by pixel, up to four
// channels in one short vector, more in long ones.
#include "kernels/affine.h"

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

// Which input pixels the outputs of vl neighbouring lanes show. offset counts floats from the image's begin; outside is
// where the fill value is seen.
constexpr int32_t outside = -1;
struct Taps {
  int32_t offset[4][vl];
  float weight[4][vl];
};

// A position along an axis of n pixels that is shown, and whether it is one of them.
struct Seen {
  Vec at;
  VecI inside;
};

// i is whole, |i| <= affine_reach + 1.
CC_INLINE Vec modulo(Vec i, float period) {
  const Vec p = set1(period);
  Vec m = i - vfloor(i * (1.0f / period)) * p;
  m = select(m < 0.0f, m + p, m);
  return select(m >= p, m - p, m);
}

CC_INLINE Vec within(Vec i, float last) {
  i = select(i > 0.0f, i, Vec{});
  return select(i < last, i, set1(last));
}

CC_INLINE Seen seen(Vec i, int64_t n, FillMode mode) {
  const float size = (float)n;
  const VecI inside = (i >= 0.0f) & (i < size);
  if (mode == FillMode::wrap) return {modulo(i, size), ~VecI{}};
  if (mode == FillMode::reflect) {
    const Vec m = modulo(i, 2 * size);
    return {select(m < size, m, 2 * size - 1 - m), ~VecI{}};
  }
  if (mode == FillMode::mirror && n > 1) {
    const Vec m = modulo(i, 2 * size - 2);
    return {select(m < size, m, 2 * size - 2 - m), ~VecI{}};
  }
  return {within(i, size - 1), mode == FillMode::constant ? inside : ~VecI{}};
}

CC_INLINE Vec coordinate(const float* t, Vec column, int64_t row) {
  const Vec start = set1((float)((double)t[1] * (double)row + (double)t[2]));
  const Vec u = fma(set1(t[0]), column, start);
  const float reach = (float)affine_reach;
  const Vec above = select(u > -reach, u, set1(-reach));
  return select(above < reach, above, set1(reach));
}

CC_INLINE Vec rounded(Vec u) {  // halves away from zero
  const Vec size = vabs(u), below = vfloor(size);
  return with_sign(select(size - below >= 0.5f, below + 1.0f, below), sign_bit(u));
}

CC_INLINE void put_tap(const AffineArgs& a, Taps* taps, int k, Seen x, Seen y, Vec weight) {
  const VecI pixel = truncated(y.at) * (int32_t)a.w + truncated(x.at), inside = x.inside & y.inside;
  *reinterpret_cast<VecIU*>(taps->offset[k]) = inside ? pixel * (int32_t)a.c : set1i(outside);
  store(taps->weight[k], weight);
}

CC_INLINE void find_taps(const AffineArgs& a, const float* t, int64_t row, int64_t column, Taps* taps) {
  VecI lane;
  for (int i = 0; i < vl; ++i) lane[i] = i;
  const Vec columns = to_float(lane + (int32_t)column);
  const Vec u = coordinate(t, columns, row), v = coordinate(t + 3, columns, row);
  if (!a.bilinear)
    return put_tap(a, taps, 0, seen(rounded(u), a.w, a.fill_mode), seen(rounded(v), a.h, a.fill_mode), set1(1.0f));
  const Vec left = vfloor(u), top = vfloor(v), wx = u - left, wy = v - top;
  const Seen x0 = seen(left, a.w, a.fill_mode), x1 = seen(left + 1.0f, a.w, a.fill_mode);
  const Seen y0 = seen(top, a.h, a.fill_mode), y1 = seen(top + 1.0f, a.h, a.fill_mode);
  put_tap(a, taps, 0, x0, y0, (1.0f - wy) * (1.0f - wx));
  put_tap(a, taps, 1, x1, y0, (1.0f - wy) * wx);
  put_tap(a, taps, 2, x0, y1, wy * (1.0f - wx));
  put_tap(a, taps, 3, x1, y1, wy * wx);
}

CC_INLINE Four load_pixel(const float* p, int64_t channels, bool whole) {
  if (whole) return *reinterpret_cast<const Four*>(p);
  Four v = {};
  for (int64_t c = 0; c < channels; ++c) v[c] = p[c];
  return v;
}

// Up to four channels. `left` floats of the tensor are left from the image's begin on; what a short vector stores beyond its
// pixel is written again by the next ones, except at the row's end.
template <int kinds, bool fills>
CC_INLINE void narrow(const AffineArgs& a, const Taps& taps, int count, const float* x, int64_t left, float* y, float* end) {
  const float value = (float)a.fill_value;
  const Four fill = {value, value, value, value};
  const int64_t channels = a.c, last = left - 4;
  for (int i = 0; i < count; ++i, y += channels) {
    Four sum = {};
    for (int k = 0; k < kinds; ++k) {
      const int64_t at = taps.offset[k][i];
      const Four pixel = fills && at < 0 ? fill : load_pixel(x + at, channels, at <= last);
      sum += taps.weight[k][i] * pixel;
    }
    if (y + 4 <= end) {
      *reinterpret_cast<Four*>(y) = sum;
    } else {
      for (int64_t c = 0; c < channels; ++c) y[c] = sum[c];
    }
  }
}

template <int kinds, bool fills, bool whole>
CC_INLINE void wide_part(const AffineArgs& a, const Taps& taps, int i, const float* x, float* y, int lanes) {
  Vec sum = {};
  for (int k = 0; k < kinds; ++k) {
    const int32_t at = taps.offset[k][i];
    sum += taps.weight[k][i] * (fills && at < 0 ? set1((float)a.fill_value) : get<whole>(x + at, lanes));
  }
  put<whole>(y, sum, lanes);
}

template <int kinds, bool fills>
CC_INLINE void wide(const AffineArgs& a, const Taps& taps, int count, const float* x, float* y) {
  for (int i = 0; i < count; ++i, y += a.c) {
    int64_t c = 0;
    for (; c + vl <= a.c; c += vl) wide_part<kinds, fills, true>(a, taps, i, x + c, y + c, vl);
    if (c < a.c) wide_part<kinds, fills, false>(a, taps, i, x + c, y + c, (int)(a.c - c));
  }
}

template <int kinds, bool fills>
CC_INLINE void map_rows(const AffineArgs& a, Range rows) {
  const int64_t size = a.h * a.w * a.c;
  Taps taps;
  for (int64_t at = rows.begin; at < rows.end; ++at) {
    const int64_t n = at / a.h, row = at % a.h;
    const float* transform = static_cast<const float*>(a.transform) + n * a.transform_step;
    const float* x = static_cast<const float*>(a.x) + n * size;
    float *y = static_cast<float*>(a.y) + at * a.w * a.c, *end = y + a.w * a.c;
    for (int64_t column = 0; column < a.w; column += vl, y += vl * a.c) {
      const int count = a.w - column < vl ? (int)(a.w - column) : vl;
      find_taps(a, transform, row, column, &taps);
      if (a.c <= 4) {
        narrow<kinds, fills>(a, taps, count, x, (a.n - n) * size, y, end);
      } else {
        wide<kinds, fills>(a, taps, count, x, y);
      }
    }
  }
}

}  // namespace

void affine_transform(const AffineArgs& a, Range rows) {
  const bool fills = a.fill_mode == FillMode::constant;
  if (a.bilinear) return fills ? map_rows<4, true>(a, rows) : map_rows<4, false>(a, rows);
  return fills ? map_rows<1, true>(a, rows) : map_rows<1, false>(a, rows);
}

}  // namespace convcore::CC_ISA
