// The gradient of pooling, channels_last. The maximum is found again from x and y: no indices are kept.
#include "kernels/pool.h"
#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

// What flows to each element of a window, visited in row-major order; `taken` tells where the maximum was seen.
struct Max {
  VecI taken;
  Vec y, dy;
  CC_INLINE Max start(Vec y, Vec dy, float) { return {VecI{}, y, dy}; }
  __attribute__((always_inline)) Vec share(Vec x) {
    const VecI here = ((x == y) | is_nan(x)) & ~taken;
    taken |= here;
    return select(here, dy, Vec{});
  }
};
struct Average {
  Vec part;
  CC_INLINE Average start(Vec, Vec dy, float count) { return {dy / count}; }
  __attribute__((always_inline)) Vec share(Vec) { return part; }
};
struct L2 {
  Vec ratio;
  CC_INLINE L2 start(Vec y, Vec dy, float) { return {select(y == 0.0f, Vec{}, dy / y)}; }
  __attribute__((always_inline)) Vec share(Vec x) { return x * ratio; }
};

void zero(float* p, std::int64_t n) {
  std::int64_t i = 0;
  for (; i + vl <= n; i += vl) store(p + i, Vec{});
  if (i < n) store_first(p + i, Vec{}, static_cast<int>(n - i));
}

struct Pointers {
  const float *x, *y, *dy;
  float* dx;
};

// Average pooling has no x and y: dy stands in for them, unread by its rule.
CC_INLINE Pointers pointers(const PoolArgs& a) {
  const void* y = a.kind == PoolKind::average ? a.dy : a.y_in;
  float* dx = static_cast<float*>(a.dx);
  return {a.kind == PoolKind::average ? dx : static_cast<const float*>(a.x), static_cast<const float*>(y),
          static_cast<const float*>(a.dy), dx};
}

template <class Rule, class Get, class Put>
CC_INLINE void share_2x2(const Pointers& p, std::int64_t width, std::int64_t c, Get get, Put put) {
  Rule rule = Rule::start(get(p.y), get(p.dy), 4);
  const std::int64_t at[4] = {0, c, width, width + c};
  for (int i = 0; i < 4; ++i) put(p.dx + at[i], rule.share(get(p.x + at[i])));
}

// Rows of windows that do not overlap write every input once; the last ones also clear what no window covers.
template <class Rule>
void backward_2x2(const PoolArgs& a, Range rows) {
  const std::int64_t width = a.in[2] * a.c;
  for (std::int64_t item = rows.begin; item < rows.end; ++item) {
    const std::int64_t h = item % a.out[1];
    Pointers p = pointers(a);
    const std::int64_t from = (item / a.out[1] * a.in[1] + 2 * h) * width;
    p.x += from, p.dx += from, p.y += item * a.out[2] * a.c, p.dy += item * a.out[2] * a.c;
    float* band = p.dx;
    for (std::int64_t o = 0; o < a.out[2]; ++o, p.x += 2 * a.c, p.dx += 2 * a.c, p.y += a.c, p.dy += a.c) {
      std::int64_t c = 0;
      for (; c + vl <= a.c; c += vl)
        share_2x2<Rule>(
            p, width, a.c, [=](const float* q) __attribute__((always_inline)) { return load(q + c); },
            [=](float* q, Vec v) __attribute__((always_inline)) { store(q + c, v); });
      if (const int rest = static_cast<int>(a.c - c); rest > 0)
        share_2x2<Rule>(
            p, width, a.c, [=](const float* q) __attribute__((always_inline)) { return load_first(q + c, rest); },
            [=](float* q, Vec v) __attribute__((always_inline)) { store_first(q + c, v, rest); });
    }
    const std::int64_t covered = 2 * a.out[2] * a.c;
    zero(band + covered, width - covered);
    zero(band + width + covered, width - covered);
    if (h + 1 == a.out[1]) zero(band + 2 * width, (a.in[1] - 2 * a.out[1]) * width);
  }
}

// One vector of channels of one sample: cleared, then every window adds its share, in order.
template <class Rule, bool whole>
void backward_channels(const PoolArgs& a, const Pointers& p, int lanes) {
  const std::int64_t inputs = a.in[0] * a.in[1] * a.in[2], plane = a.out[1] * a.out[2];
  for (std::int64_t i = 0; i < inputs; ++i) put<whole>(p.dx + i * a.c, Vec{}, lanes);
  for (std::int64_t o = 0; o < a.out[0] * plane; ++o) {
    const std::int64_t at[3] = {o / plane, o / a.out[2] % a.out[1], o % a.out[2]};
    std::int64_t begin[3], end[3], count = 1;
    for (int i = 0; i < 3; ++i) {
      const PoolSpan span = pool_span(a, i, at[i]);
      begin[i] = span.begin, end[i] = span.end, count *= span.end - span.begin;
    }
    Rule rule = Rule::start(get<whole>(p.y + o * a.c, lanes), get<whole>(p.dy + o * a.c, lanes), static_cast<float>(count));
    for (std::int64_t d = begin[0]; d < end[0]; ++d)
      for (std::int64_t h = begin[1]; h < end[1]; ++h)
        for (std::int64_t w = begin[2]; w < end[2]; ++w) {
          const std::int64_t offset = ((d * a.in[1] + h) * a.in[2] + w) * a.c;
          const Vec share = rule.share(get<whole>(p.x + offset, lanes));
          put<whole>(p.dx + offset, get<whole>(p.dx + offset, lanes) + share, lanes);
        }
  }
}

template <class Rule>
void backward(const PoolArgs& a, Range range) {
  if (is_pool_2x2(a)) return backward_2x2<Rule>(a, range);
  const std::int64_t blocks = (a.c + pool_channels - 1) / pool_channels;
  const std::int64_t inputs = a.in[0] * a.in[1] * a.in[2] * a.c, outputs = a.out[0] * a.out[1] * a.out[2] * a.c;
  for (std::int64_t item = range.begin; item < range.end; ++item) {
    const std::int64_t n = item / blocks, first = item % blocks * pool_channels;
    const std::int64_t end = first + pool_channels < a.c ? first + pool_channels : a.c;
    for (std::int64_t c = first; c < end; c += vl) {
      Pointers p = pointers(a);
      p.x += n * inputs + c, p.dx += n * inputs + c, p.y += n * outputs + c, p.dy += n * outputs + c;
      if (end - c >= vl) {
        backward_channels<Rule, true>(a, p, vl);
      } else {
        backward_channels<Rule, false>(a, p, static_cast<int>(end - c));
      }
    }
  }
}

}  // namespace

void pool_backward(const PoolArgs& a, Range range) {
  switch (a.kind) {
    case PoolKind::max: return backward<Max>(a, range);
    case PoolKind::average: return backward<Average>(a, range);
    case PoolKind::l2: return backward<L2>(a, range);
  }
}

}  // namespace convcore::CC_ISA
