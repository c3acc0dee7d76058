// Batch normalisation over an axis that is not the last: a channel is a set of contiguous planes. Planes are summed by
// vectors, their sums in float64.
#include "kernels/batch_norm.h"
#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

CC_INLINE const float* plane(const BatchNormArgs& a, const void* p, std::int64_t i, std::int64_t c) {
  return static_cast<const float*>(p) + (i * a.c + c) * a.k;
}
CC_INLINE float value(const void* p, std::int64_t c) { return static_cast<const float*>(p)[c]; }

// The sum of term(load), where load(p) reads the same lanes of any plane p.
template <class F>
CC_INLINE float sum_plane(std::int64_t k, F term) {
  Vec sums[4] = {};
  std::int64_t j = 0;
  for (; j + 4 * vl <= k; j += 4 * vl)
    for (int u = 0; u < 4; ++u)
      sums[u] += term([=](const float* p) __attribute__((always_inline)) { return load(p + j + u * vl); });
  for (; j < k; j += vl) {
    const int lanes = k - j < vl ? static_cast<int>(k - j) : vl;
    const Vec last = term([=](const float* p) __attribute__((always_inline)) { return load_first(p + j, lanes); });
    sums[0] += select(first_lanes(lanes), last, Vec{});
  }
  return fold_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]),
                    [](Vec x, Vec y) __attribute__((always_inline)) { return x + y; });
}

template <class F>
CC_INLINE void map_plane(std::int64_t k, float* y, F f) {
  std::int64_t j = 0;
  for (; j + vl <= k; j += vl) store(y + j, f([=](const float* p) __attribute__((always_inline)) { return load(p + j); }));
  if (const int rest = static_cast<int>(k - j); rest > 0)
    store_first(y + j, f([=](const float* p) __attribute__((always_inline)) { return load_first(p + j, rest); }), rest);
}

}  // namespace

// One item of the range: one channel.
void batch_norm_planes(const BatchNormArgs& a, Range channels) {
  const double count = static_cast<double>(a.a * a.k);
  for (std::int64_t c = channels.begin; c < channels.end; ++c) {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < a.a; ++i) {
      const float* x = plane(a, a.x, i, c);
      sum += sum_plane(a.k, [=](auto at) __attribute__((always_inline)) { return at(x); });
    }
    const float mean = static_cast<float>(sum / count);
    for (std::int64_t i = 0; i < a.a; ++i) {
      const float* x = plane(a, a.x, i, c);
      squares += sum_plane(a.k, [=](auto at) __attribute__((always_inline)) { return (at(x) - mean) * (at(x) - mean); });
    }
    const double variance = squares / count;
    static_cast<float*>(a.mean)[c] = mean, static_cast<float*>(a.variance)[c] = static_cast<float>(variance);
    const Vec scale = set1(static_cast<float>(value(a.gamma, c) / __builtin_sqrt(variance + a.epsilon)));
    const Vec beta = set1(value(a.beta, c));
    for (std::int64_t i = 0; i < a.a; ++i) {
      const float* x = plane(a, a.x, i, c);
      map_plane(a.k, const_cast<float*>(plane(a, a.y, i, c)),
                [=](auto at) __attribute__((always_inline)) { return fma(at(x) - mean, scale, beta); });
    }
  }
}

// One item of the range: one channel.
void batch_norm_backward_planes(const BatchNormArgs& a, Range channels) {
  const double count = static_cast<double>(a.a * a.k);
  for (std::int64_t c = channels.begin; c < channels.end; ++c) {
    const float mean = value(a.mean, c);
    const double inverse = 1 / __builtin_sqrt(value(a.variance, c) + a.epsilon);
    double sum = 0, products = 0;
    for (std::int64_t i = 0; i < a.a; ++i) {
      const float *x = plane(a, a.x, i, c), *dy = plane(a, a.dy, i, c);
      sum += sum_plane(a.k, [=](auto at) __attribute__((always_inline)) { return at(dy); });
      products += sum_plane(a.k, [=](auto at) __attribute__((always_inline)) { return at(dy) * (at(x) - mean); });
    }
    static_cast<float*>(a.dbeta)[c] = static_cast<float>(sum);
    static_cast<float*>(a.dgamma)[c] = static_cast<float>(products * inverse);
    const Vec scale = set1(static_cast<float>(value(a.gamma, c) * inverse)), shift = set1(static_cast<float>(sum / count));
    const Vec slope = set1(static_cast<float>(products * inverse * inverse / count));
    for (std::int64_t i = 0; i < a.a; ++i) {
      const float *x = plane(a, a.x, i, c), *dy = plane(a, a.dy, i, c);
      map_plane(a.k, const_cast<float*>(plane(a, a.dx, i, c)),
                [=](auto at) __attribute__((always_inline)) { return scale * (at(dy) - shift - (at(x) - mean) * slope); });
    }
  }
}

}  // namespace convcore::CC_ISA
