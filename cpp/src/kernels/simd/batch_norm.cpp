// Batch normalisation over the last axis: statistics per cached chunk of rows, chunks joined in order, then one more pass.
#include "kernels/batch_norm.h"

#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

std::int64_t rows_in(const BatchNormArgs& a, std::int64_t chunk) {
  const std::int64_t left = a.a - chunk * a.chunk;
  return left < a.chunk ? left : a.chunk;
}

template <bool all>
struct Lanes {
  int n;
};
template <bool all>
CC_INLINE Vec load_first(const float* p, Lanes<all> lanes) {
  return get<all>(p, lanes.n);
}
template <bool all>
CC_INLINE void store_first(float* p, Vec v, Lanes<all> lanes) {
  put<all>(p, v, lanes.n);
}

// Calls body(first channel, lanes) for vectors that cover the channels.
template <class F>
CC_INLINE void each_channels(const BatchNormArgs& a, F body) {
  std::int64_t c = 0;
  for (; c + vl <= a.c; c += vl) body(c, Lanes<true>{vl});
  if (c < a.c) body(c, Lanes<false>{static_cast<int>(a.c - c)});
}

CC_INLINE const float* at(const void* p, std::int64_t i) { return static_cast<const float*>(p) + i; }
CC_INLINE float* at(void* p, std::int64_t i) { return static_cast<float*>(p) + i; }

template <bool all>
CC_INLINE Vec inverse_deviation(const BatchNormArgs& a, std::int64_t c, Lanes<all> lanes) {
  return 1.0f / vsqrt(load_first(at(a.variance, c), lanes) + static_cast<float>(a.epsilon));
}

// Four sums run side by side down the rows, to hide the latency of addition.
template <class F>
CC_INLINE Vec sum_rows(std::int64_t rows, F term) {
  Vec sums[4] = {};
  std::int64_t row = 0;
  for (; row + 4 <= rows; row += 4)
    for (int u = 0; u < 4; ++u) sums[u] += term(row + u);
  for (; row < rows; ++row) sums[0] += term(row);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

// One item of the range: one chunk. Writes its mean and its sum of squared differences from that mean.
void batch_norm_chunk(const BatchNormArgs& a, Range chunks) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const std::int64_t rows = rows_in(a, chunk);
    float* partial = a.partial + 2 * chunk * a.c;
    each_channels(a, [&](std::int64_t c, auto lanes) __attribute__((always_inline)) {
      const float* x = at(a.x, chunk * a.chunk * a.c + c);
      const auto row_at = [&](std::int64_t row) __attribute__((always_inline)) { return load_first(x + row * a.c, lanes); };
      const Vec mean = sum_rows(rows, row_at) / static_cast<float>(rows);
      const Vec squares = sum_rows(rows, [&](std::int64_t row) __attribute__((always_inline)) {
        const Vec d = row_at(row) - mean;
        return d * d;
      });
      store_first(partial + c, mean, lanes);
      store_first(partial + a.c + c, squares, lanes);
    });
  }
}

// One item of the range: all channels. Joins the chunks in order (Chan, Golub and LeVeque).
void batch_norm_join(const BatchNormArgs& a, Range) {
  each_channels(a, [&](std::int64_t c, auto lanes) __attribute__((always_inline)) {
    Vec mean = load_first(a.partial + c, lanes), squares = load_first(a.partial + a.c + c, lanes);
    float count = static_cast<float>(rows_in(a, 0));
    for (std::int64_t chunk = 1; chunk < a.chunks; ++chunk) {
      const float* partial = a.partial + 2 * chunk * a.c + c;
      const float rows = static_cast<float>(rows_in(a, chunk)), share = rows / (count + rows);
      const Vec d = load_first(partial, lanes) - mean;
      mean += d * share;
      squares += load_first(partial + a.c, lanes) + d * d * (count * share);
      count += rows;
    }
    store_first(at(a.mean, c), mean, lanes);
    store_first(at(a.variance, c), squares / count, lanes);
  });
}

// One item of the range: one chunk.
void batch_norm_apply(const BatchNormArgs& a, Range chunks) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const std::int64_t rows = rows_in(a, chunk), start = chunk * a.chunk * a.c;
    each_channels(a, [&](std::int64_t c, auto lanes) __attribute__((always_inline)) {
      const Vec mean = load_first(at(a.mean, c), lanes), beta = load_first(at(a.beta, c), lanes);
      const Vec scale = load_first(at(a.gamma, c), lanes) * inverse_deviation(a, c, lanes);
      const float* x = at(a.x, start + c);
      float* y = at(a.y, start + c);
      for (std::int64_t row = 0; row < rows; ++row, x += a.c, y += a.c)
        store_first(y, fma(load_first(x, lanes) - mean, scale, beta), lanes);
    });
  }
}

// One item of the range: one chunk. Writes its sums of dy and of dy times the normalised x.
void batch_norm_backward_chunk(const BatchNormArgs& a, Range chunks) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const std::int64_t rows = rows_in(a, chunk), start = chunk * a.chunk * a.c;
    float* partial = a.partial + 2 * chunk * a.c;
    each_channels(a, [&](std::int64_t c, auto lanes) __attribute__((always_inline)) {
      const Vec mean = load_first(at(a.mean, c), lanes);
      const float *x = at(a.x, start + c), *dy = at(a.dy, start + c);
      const auto dy_at = [&](std::int64_t row) __attribute__((always_inline)) { return load_first(dy + row * a.c, lanes); };
      const Vec products = sum_rows(rows, [&](std::int64_t row) __attribute__((always_inline)) {
        return dy_at(row) * (load_first(x + row * a.c, lanes) - mean);
      });
      store_first(partial + c, sum_rows(rows, dy_at), lanes);
      store_first(partial + a.c + c, products * inverse_deviation(a, c, lanes), lanes);
    });
  }
}

// One item of the range: all channels.
void batch_norm_backward_join(const BatchNormArgs& a, Range) {
  each_channels(a, [&](std::int64_t c, auto lanes) __attribute__((always_inline)) {
    const float* partial = a.partial + c;
    const auto first = [&](std::int64_t i)
                           __attribute__((always_inline)) { return load_first(partial + 2 * i * a.c, lanes); };
    const auto second = [&](std::int64_t i)
                            __attribute__((always_inline)) { return load_first(partial + (2 * i + 1) * a.c, lanes); };
    store_first(at(a.dbeta, c), sum_rows(a.chunks, first), lanes);
    store_first(at(a.dgamma, c), sum_rows(a.chunks, second), lanes);
  });
}

// One item of the range: one chunk.
void batch_norm_backward_apply(const BatchNormArgs& a, Range chunks) {
  const float count = static_cast<float>(a.a);
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const std::int64_t rows = rows_in(a, chunk), start = chunk * a.chunk * a.c;
    each_channels(a, [&](std::int64_t c, auto lanes) __attribute__((always_inline)) {
      const Vec mean = load_first(at(a.mean, c), lanes), inverse = inverse_deviation(a, c, lanes);
      const Vec scale = load_first(at(a.gamma, c), lanes) * inverse;
      const Vec shift = load_first(at(a.dbeta, c), lanes) / count;
      const Vec slope = load_first(at(a.dgamma, c), lanes) / count * inverse;
      const float *x = at(a.x, start + c), *dy = at(a.dy, start + c);
      float* dx = at(a.dx, start + c);
      for (std::int64_t row = 0; row < rows; ++row, x += a.c, dy += a.c, dx += a.c) {
        const Vec rest = load_first(dy, lanes) - shift - (load_first(x, lanes) - mean) * slope;
        store_first(dx, scale * rest, lanes);
      }
    });
  }
}

}  // namespace convcore::CC_ISA
