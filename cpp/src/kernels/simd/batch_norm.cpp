// Batch normalisation over the last axis: statistics per cached chunk of rows, chunks joined in order, then one more pass.
#include "kernels/batch_norm.h"

#include "kernels/simd/epilogue.h"
#include "kernels/simd/lanes.h"

namespace convcore::CC_ISA {

namespace {

CC_INLINE std::int64_t rows_in(const BatchNormArgs& a, std::int64_t chunk) { return rows_of(a, chunk).count; }

// Several vectors of channels at once: rows are read along their memory, and sums of several channels hide the latency of
// addition.
constexpr int wide = registers >= 32 ? 4 : 2;

// These passes run at the speed of memory, and where channels are not the whole row they read with gaps: the rows that come
// so many floats later are fetched meanwhile.
constexpr std::int64_t ahead_floats = 1024;
CC_INLINE std::int64_t floats_ahead(const BatchNormArgs& a) { return (ahead_floats + a.c - 1) / a.c * a.c; }

template <int N, bool all>
struct Channels {
  int last;  // lanes of the last vector
  static constexpr int vectors = N;

  __attribute__((always_inline)) Vec load(const float* p, int v) const {
    return get<all>(p + v * vl, v == N - 1 ? last : vl);
  }
  __attribute__((always_inline)) void store(float* p, int v, Vec value) const {
    put<all>(p + v * vl, value, v == N - 1 ? last : vl);
  }
};

// Calls body(first channel, Channels) for vectors that cover the channels.
template <class F>
CC_INLINE void each_channels(const BatchNormArgs& a, F body) {
  std::int64_t c = 0;
  for (; c + wide * vl <= a.c; c += wide * vl) body(c, Channels<wide, true>{vl});
  for (; c + vl <= a.c; c += vl) body(c, Channels<1, true>{vl});
  if (c < a.c) body(c, Channels<1, false>{static_cast<int>(a.c - c)});
}

CC_INLINE const float* at(const void* p, std::int64_t i) { return static_cast<const float*>(p) + i; }
CC_INLINE float* at(void* p, std::int64_t i) { return static_cast<float*>(p) + i; }

template <class C>
CC_INLINE Vec inverse_deviation(const BatchNormArgs& a, std::int64_t c, C channels, int v) {
  return 1.0f / vsqrt(channels.load(at(a.variance, c), v) + static_cast<float>(a.epsilon));
}

// sums[v] = the sum over the rows of term(row, v); two sums a vector run side by side.
template <class C, class F>
CC_INLINE void sum_rows(std::int64_t rows, C, Vec* sums, F term) {
  Vec even[C::vectors] = {}, odd[C::vectors] = {};
  std::int64_t row = 0;
  for (; row + 2 <= rows; row += 2)
    for (int v = 0; v < C::vectors; ++v) even[v] += term(row, v), odd[v] += term(row + 1, v);
  if (row < rows)
    for (int v = 0; v < C::vectors; ++v) even[v] += term(row, v);
  for (int v = 0; v < C::vectors; ++v) sums[v] = even[v] + odd[v];
}

}  // namespace

// One item of the range: one chunk. Writes its mean and its sum of squared differences from that mean.
void batch_norm_chunk(const BatchNormArgs& a, Range chunks) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const auto [first, rows] = rows_of(a, chunk);
    const std::int64_t start = first * a.c;
    float* partial = a.partial + 2 * chunk * a.c;
    each_channels(a, [&](std::int64_t c, auto channels) __attribute__((always_inline)) {
      const float* x = at(a.x, start + c);
      Vec mean[channels.vectors], squares[channels.vectors];
      sum_rows(rows, channels, mean,
               [&](std::int64_t row, int v) __attribute__((always_inline)) { return channels.load(x + row * a.c, v); });
      for (int v = 0; v < channels.vectors; ++v) mean[v] = mean[v] / static_cast<float>(rows);
      sum_rows(rows, channels, squares, [&](std::int64_t row, int v) __attribute__((always_inline)) {
        const Vec d = channels.load(x + row * a.c, v) - mean[v];
        return d * d;
      });
      for (int v = 0; v < channels.vectors; ++v) {
        channels.store(partial + c, v, mean[v]);
        channels.store(partial + a.c + c, v, squares[v]);
      }
    });
  }
}

// One item of the range: all channels. Joins the chunks in order (Chan, Golub and LeVeque).
void batch_norm_join(const BatchNormArgs& a, Range) {
  each_channels(a, [&](std::int64_t c, auto channels) __attribute__((always_inline)) {
    for (int v = 0; v < channels.vectors; ++v) {
      Vec mean = channels.load(a.partial + c, v), squares = channels.load(a.partial + a.c + c, v);
      float count = static_cast<float>(rows_in(a, 0));
      for (std::int64_t chunk = 1; chunk < a.chunks; ++chunk) {
        const float* partial = a.partial + 2 * chunk * a.c + c;
        const float rows = static_cast<float>(rows_in(a, chunk)), share = rows / (count + rows);
        const Vec d = channels.load(partial, v) - mean;
        mean += d * share;
        squares += channels.load(partial + a.c, v) + d * d * (count * share);
        count += rows;
      }
      channels.store(at(a.mean, c), v, mean);
      channels.store(at(a.variance, c), v, squares / count);
    }
  });
}

namespace {

template <bool added>
void apply(const BatchNormArgs& a, Range chunks) {
  const std::int64_t ahead = floats_ahead(a);
  const Vec low = set1(static_cast<float>(a.low)), high = set1(static_cast<float>(a.high));
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const auto [first, rows] = rows_of(a, chunk);
    const std::int64_t start = first * a.c;
    each_channels(a, [&](std::int64_t c, auto channels) __attribute__((always_inline)) {
      Vec mean[channels.vectors], scale[channels.vectors], beta[channels.vectors];
      for (int v = 0; v < channels.vectors; ++v) {
        mean[v] = channels.load(at(a.mean, c), v), beta[v] = channels.load(at(a.beta, c), v);
        scale[v] = channels.load(at(a.gamma, c), v) * inverse_deviation(a, c, channels, v);
      }
      const float *x = at(a.x, start + c), *residual = added ? at(a.residual, start + c) : nullptr;
      float* y = at(a.y, start + c);
      for (std::int64_t row = 0; row < rows; ++row, x += a.c, y += a.c)
        for (int v = 0; v < channels.vectors; ++v) {
          __builtin_prefetch(x + ahead + v * vl, 0, 2), __builtin_prefetch(y + ahead + v * vl, 1);
          Vec sum = fma(channels.load(x, v) - mean[v], scale[v], beta[v]);
          if (added) sum += channels.load(residual + row * a.c, v);
          channels.store(y, v, limited(sum, low, high));
        }
    });
  }
}

}  // namespace

// One item of the range: one chunk.
void batch_norm_apply(const BatchNormArgs& a, Range chunks) {
  a.residual == nullptr ? apply<false>(a, chunks) : apply<true>(a, chunks);
}

namespace {

// What flows to the value before the limits, which is computed again as the forward pass did.
template <bool limits>
struct Gradient {
  Vec low, high;
  explicit Gradient(const BatchNormArgs& a) : low(set1(static_cast<float>(a.low))), high(set1(static_cast<float>(a.high))) {}
  __attribute__((always_inline)) Vec operator()(Vec dy, Vec difference, Vec scale, Vec beta) const {
    if (!limits) return dy;
    const Vec y = fma(difference, scale, beta);
    return select((y > low) & (y <= high), dy, Vec{});
  }
};

template <bool limits>
void backward_chunk(const BatchNormArgs& a, Range chunks) {
  const std::int64_t ahead = floats_ahead(a);
  const Gradient<limits> gradient(a);
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const auto [first, rows] = rows_of(a, chunk);
    const std::int64_t start = first * a.c;
    float* partial = a.partial + 2 * chunk * a.c;
    each_channels(a, [&](std::int64_t c, auto channels) __attribute__((always_inline)) {
      Vec mean[channels.vectors], sums[channels.vectors] = {}, products[channels.vectors] = {};
      Vec scale[channels.vectors] = {}, beta[channels.vectors] = {};
      for (int v = 0; v < channels.vectors; ++v) {
        mean[v] = channels.load(at(a.mean, c), v);
        if (limits) scale[v] = channels.load(at(a.gamma, c), v) * inverse_deviation(a, c, channels, v);
        if (limits) beta[v] = channels.load(at(a.beta, c), v);
      }
      const float *x = at(a.x, start + c), *dy = at(a.dy, start + c);
      for (std::int64_t row = 0; row < rows; ++row, x += a.c, dy += a.c)
        for (int v = 0; v < channels.vectors; ++v) {
          __builtin_prefetch(x + ahead + v * vl, 0, 2), __builtin_prefetch(dy + ahead + v * vl, 0, 2);
          const Vec difference = channels.load(x, v) - mean[v];
          const Vec d = gradient(channels.load(dy, v), difference, scale[v], beta[v]);
          sums[v] += d;
          products[v] = fma(d, difference, products[v]);
        }
      for (int v = 0; v < channels.vectors; ++v) {
        channels.store(partial + c, v, sums[v]);
        channels.store(partial + a.c + c, v, products[v] * inverse_deviation(a, c, channels, v));
      }
    });
  }
}

}  // namespace

// One item of the range: one chunk. Writes its sums of dy and of dy times the normalised x.
void batch_norm_backward_chunk(const BatchNormArgs& a, Range chunks) {
  a.beta == nullptr ? backward_chunk<false>(a, chunks) : backward_chunk<true>(a, chunks);
}

// One item of the range: all channels.
void batch_norm_backward_join(const BatchNormArgs& a, Range) {
  each_channels(a, [&](std::int64_t c, auto channels) __attribute__((always_inline)) {
    Vec sums[channels.vectors];
    const float* partial = a.partial + c;
    for (void* to : {a.dbeta, a.dgamma}) {
      sum_rows(a.chunks, channels, sums, [&](std::int64_t i, int v) __attribute__((always_inline)) {
        return channels.load(partial + 2 * i * a.c, v);
      });
      for (int v = 0; v < channels.vectors; ++v) channels.store(at(to, c), v, sums[v]);
      partial += a.c;
    }
  });
}

namespace {

template <bool limits>
void backward_apply(const BatchNormArgs& a, Range chunks) {
  const std::int64_t ahead = floats_ahead(a);
  const Gradient<limits> gradient(a);
  const float count = static_cast<float>(a.count);
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const auto [first, rows] = rows_of(a, chunk);
    const std::int64_t start = first * a.c;
    each_channels(a, [&](std::int64_t c, auto channels) __attribute__((always_inline)) {
      Vec mean[channels.vectors], scale[channels.vectors], shift[channels.vectors], slope[channels.vectors];
      Vec beta[channels.vectors] = {};
      for (int v = 0; v < channels.vectors; ++v) {
        const Vec inverse = inverse_deviation(a, c, channels, v);
        mean[v] = channels.load(at(a.mean, c), v), scale[v] = channels.load(at(a.gamma, c), v) * inverse;
        shift[v] = channels.load(at(a.dbeta, c), v) / count;
        slope[v] = channels.load(at(a.dgamma, c), v) / count * inverse;
        if (limits) beta[v] = channels.load(at(a.beta, c), v);
      }
      const float *x = at(a.x, start + c), *dy = at(a.dy, start + c);
      float* dx = at(a.dx, start + c);
      for (std::int64_t row = 0; row < rows; ++row, x += a.c, dy += a.c, dx += a.c)
        for (int v = 0; v < channels.vectors; ++v) {
          __builtin_prefetch(x + ahead + v * vl, 0, 2), __builtin_prefetch(dy + ahead + v * vl, 0, 2);
          const Vec difference = channels.load(x, v) - mean[v];
          const Vec d = gradient(channels.load(dy, v), difference, scale[v], beta[v]);
          channels.store(dx, v, scale[v] * (d - shift[v] - difference * slope[v]));
        }
    });
  }
}

}  // namespace

// One item of the range: one chunk.
void batch_norm_backward_apply(const BatchNormArgs& a, Range chunks) {
  a.beta == nullptr ? backward_apply<false>(a, chunks) : backward_apply<true>(a, chunks);
}

}  // namespace convcore::CC_ISA
