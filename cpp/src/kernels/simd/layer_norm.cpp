// Normalisation of rows: memory is read and written once, the passes over a row find it in the cache.
#include "kernels/layer_norm.h"

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

#define CC_EACH [&](int64_t i, auto whole, int lanes) __attribute__((always_inline))

struct Whole {
  static constexpr bool value = true;
};
struct Part {
  static constexpr bool value = false;
};

CC_INLINE Vec kept(Whole, Vec v, int) { return v; }
CC_INLINE Vec kept(Part, Vec v, int lanes) { return select(first_lanes(lanes), v, Vec{}); }

// Calls body(i, whole, lanes) for vectors that cover [begin, end).
template <class F>
CC_INLINE void each(int64_t begin, int64_t end, F body) {
  for (; begin + vl <= end; begin += vl) body(begin, Whole{}, vl);
  if (begin < end) body(begin, Part{}, (int)(end - begin));
}

// The sum of term(i, whole, lanes) over a row, always in the same order: four vectors, their lanes, then blocks.
template <class F>
CC_INLINE double sum_row(int64_t n, F term) {
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += layer_norm_block) {
    const int64_t end = begin + layer_norm_block < n ? begin + layer_norm_block : n;
    Vec sums[4] = {};
    int64_t i = begin;
    for (; i + 4 * vl <= end; i += 4 * vl)
      for (int k = 0; k < 4; ++k) sums[k] += term(i + k * vl, Whole{}, vl);
    each(i, end, CC_EACH { sums[0] += kept(whole, term(i, whole, lanes), lanes); });
    total += (double)sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
  }
  return total;
}

struct Row {
  const float* x;
  Vec mean, inverse;
};

template <class W>
CC_INLINE Vec normal(const Row& row, int64_t i, W, int lanes) {
  return (get<W::value>(row.x + i, lanes) - row.mean) * row.inverse;
}

CC_INLINE Row row_of(const LayerNormArgs& a, int64_t index) {
  const float* x = static_cast<const float*>(a.x) + index * a.n;
  float mean = 0;
  if (a.center) mean = (float)(sum_row(a.n, CC_EACH { return get<decltype(whole)::value>(x + i, lanes); }) / (double)a.n);
  const double squares = sum_row(
      a.n, CC_EACH {
        const Vec deviation = get<decltype(whole)::value>(x + i, lanes) - mean;
        return deviation * deviation;
      });
  const float inverse = (float)(1.0 / __builtin_sqrt(squares / (double)a.n + a.epsilon));
  return {x, set1(mean), set1(inverse)};
}

}  // namespace

void layer_norm(const LayerNormArgs& a, Range rows) {
  const float *gamma = static_cast<const float*>(a.gamma), *beta = static_cast<const float*>(a.beta);
  for (int64_t index = rows.begin; index < rows.end; ++index) {
    const Row row = row_of(a, index);
    float* y = static_cast<float*>(a.y) + index * a.n;
    each(
        0, a.n, CC_EACH {
          constexpr bool all = decltype(whole)::value;
          put<all>(y + i, fma(normal(row, i, whole, lanes), get<all>(gamma + i, lanes), get<all>(beta + i, lanes)), lanes);
        });
  }
}

void layer_norm_backward(const LayerNormArgs& a, Range chunks) {
  const float* gamma = static_cast<const float*>(a.gamma);
  for (int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    float *dgamma = a.parts + chunk * 2 * a.n, *dbeta = dgamma + a.n;
    each(0, 2 * a.n, CC_EACH { put<decltype(whole)::value>(dgamma + i, Vec{}, lanes); });
    const int64_t last = (chunk + 1) * a.chunk < a.rows ? (chunk + 1) * a.chunk : a.rows;
    for (int64_t index = chunk * a.chunk; index < last; ++index) {
      const Row row = row_of(a, index);
      const float* dy = static_cast<const float*>(a.dy) + index * a.n;
      float* dx = static_cast<float*>(a.dx) + index * a.n;
      const double along = sum_row(
          a.n, CC_EACH {
            constexpr bool all = decltype(whole)::value;
            const Vec up = get<all>(dy + i, lanes), slope = up * normal(row, i, whole, lanes);
            put<all>(dgamma + i, get<all>(dgamma + i, lanes) + slope, lanes);
            put<all>(dbeta + i, get<all>(dbeta + i, lanes) + up, lanes);
            return slope * get<all>(gamma + i, lanes);
          });
      double level = 0;
      if (a.center)
        level = sum_row(
            a.n, CC_EACH {
              constexpr bool all = decltype(whole)::value;
              return get<all>(dy + i, lanes) * get<all>(gamma + i, lanes);
            });
      const Vec shift = set1((float)(level / (double)a.n)), share = set1((float)(along / (double)a.n));
      each(
          0, a.n, CC_EACH {
            constexpr bool all = decltype(whole)::value;
            const Vec g = get<all>(dy + i, lanes) * get<all>(gamma + i, lanes);
            put<all>(dx + i, row.inverse * (g - shift - normal(row, i, whole, lanes) * share), lanes);
          });
    }
  }
}

}  // namespace convcore::CC_ISA
