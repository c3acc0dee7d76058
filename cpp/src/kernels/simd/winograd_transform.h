// The one-dimensional Winograd transforms of kernel 3, on vectors of channels: of the forward pass, and for the filter
// gradient the transposes of `output` (called gradient) and of `weights` (called filter).
//
// F(m, 3) evaluates polynomials at m+1 points and at infinity (Toom and Cook; Winograd 1980; for convolutions Lavin and Gray
// 2015). The points decide how rounding errors grow. For m = 4 the usual points 0, 1, -1, 2, -2 cost three bits more than
// 0, +-sqrt(1/2), +-sqrt(2), which keep the entries of all three matrices small and their products with reciprocal points
// equal; kernels/README.md has the error law and the measurement.
#pragma once

#include "kernels/simd/epilogue.h"

namespace convcore::CC_ISA {

// Callbacks of the transforms are called many times each, and must not become calls.
#define CC_LAMBDA __attribute__((always_inline))

// An axis that is not transformed.
struct Identity {
  static constexpr int outputs = 1, taps = 1, kernel = 1;
  CC_INLINE void input(const Vec (&d)[1], Vec (&t)[1]) { t[0] = d[0]; }
  CC_INLINE void weights(const Vec (&g)[1], Vec (&t)[1]) { t[0] = g[0]; }
  CC_INLINE void output(const Vec (&t)[1], Vec (&y)[1]) { y[0] = t[0]; }
  CC_INLINE void gradient(const Vec (&y)[1], Vec (&t)[1]) { t[0] = y[0]; }
  CC_INLINE void filter(const Vec (&t)[1], Vec (&g)[1]) { g[0] = t[0]; }
};

// Points 0, 1, -1, infinity.
struct F2 {
  static constexpr int outputs = 2, taps = 4, kernel = 3;
  CC_INLINE void input(const Vec (&d)[4], Vec (&t)[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[2] + d[1];
    t[2] = d[2] - d[1];
    t[3] = d[3] - d[1];
  }
  CC_INLINE void weights(const Vec (&g)[3], Vec (&t)[4]) {
    const Vec even = (g[0] + g[2]) * 0.5f, odd = g[1] * 0.5f;
    t[0] = g[0];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = g[2];
  }
  CC_INLINE void output(const Vec (&t)[4], Vec (&y)[2]) {
    y[0] = t[0] + (t[1] + t[2]);
    y[1] = t[3] + (t[1] - t[2]);
  }
  CC_INLINE void gradient(const Vec (&y)[2], Vec (&t)[4]) {
    t[0] = y[0];
    t[1] = y[0] + y[1];
    t[2] = y[0] - y[1];
    t[3] = y[1];
  }
  CC_INLINE void filter(const Vec (&t)[4], Vec (&g)[3]) {
    const Vec even = (t[1] + t[2]) * 0.5f;
    g[0] = t[0] + even;
    g[1] = (t[1] - t[2]) * 0.5f;
    g[2] = even + t[3];
  }
};

// Points 0, +-a, +-b, infinity with a = sqrt(1/2), b = sqrt(2).
struct F4 {
  static constexpr int outputs = 4, taps = 6, kernel = 3;
  static constexpr float a = 0.70710678118654752f, b = 1.41421356237309505f;
  CC_INLINE void input(const Vec (&d)[6], Vec (&t)[6]) {
    const Vec even_a = fma(set1(-2.0f), d[2], d[4]), odd_a = fma(set1(-2.0f), d[1], d[3]) * a;
    const Vec even_b = fma(set1(-0.5f), d[2], d[4]), odd_b = fma(set1(-0.5f), d[1], d[3]) * b;
    t[0] = fma(set1(-2.5f), d[2], d[0] + d[4]);
    t[1] = even_a + odd_a;
    t[2] = even_a - odd_a;
    t[3] = even_b + odd_b;
    t[4] = even_b - odd_b;
    t[5] = fma(set1(-2.5f), d[3], d[1] + d[5]);
  }
  // Rows divided by the product of the differences of the points: 1, -3/2, -3/2, 6, 6.
  CC_INLINE void weights(const Vec (&g)[3], Vec (&t)[6]) {
    const Vec even_a = fma(set1(0.5f), g[2], g[0]) * (-2.0f / 3.0f), odd_a = g[1] * (-2.0f / 3.0f * a);
    const Vec even_b = fma(set1(2.0f), g[2], g[0]) * (1.0f / 6.0f), odd_b = g[1] * (b / 6.0f);
    t[0] = g[0];
    t[1] = even_a + odd_a;
    t[2] = even_a - odd_a;
    t[3] = even_b + odd_b;
    t[4] = even_b - odd_b;
    t[5] = g[2];
  }
  CC_INLINE void output(const Vec (&t)[6], Vec (&y)[4]) {
    const Vec even_a = t[1] + t[2], odd_a = t[1] - t[2], even_b = t[3] + t[4], odd_b = t[3] - t[4];
    y[0] = t[0] + (even_a + even_b);
    y[1] = fma(set1(b), odd_b, odd_a * a);
    y[2] = fma(set1(2.0f), even_b, even_a * 0.5f);
    y[3] = fma(set1(2.0f * b), odd_b, fma(set1(0.5f * a), odd_a, t[5]));
  }
  CC_INLINE void gradient(const Vec (&y)[4], Vec (&t)[6]) {
    const Vec even_a = fma(set1(0.5f), y[2], y[0]), odd_a = fma(set1(0.5f), y[3], y[1]) * a;
    const Vec even_b = fma(set1(2.0f), y[2], y[0]), odd_b = fma(set1(2.0f), y[3], y[1]) * b;
    t[0] = y[0];
    t[1] = even_a + odd_a;
    t[2] = even_a - odd_a;
    t[3] = even_b + odd_b;
    t[4] = even_b - odd_b;
    t[5] = y[3];
  }
  CC_INLINE void filter(const Vec (&t)[6], Vec (&g)[3]) {
    const Vec even_a = (t[1] + t[2]) * (-2.0f / 3.0f), even_b = (t[3] + t[4]) * (1.0f / 6.0f);
    g[0] = t[0] + (even_a + even_b);
    g[1] = fma(set1(b / 6.0f), t[3] - t[4], (t[1] - t[2]) * (-2.0f / 3.0f * a));
    g[2] = fma(set1(2.0f), even_b, fma(set1(0.5f), even_a, t[5]));
  }
};

// A pointer from which the compiler derives no others: it would keep dozens of addresses at once, on the stack.
template <class T>
CC_INLINE T* opaque(T* p) {
  asm("" : "+r"(p));
  return p;
}

// Elements of a tile in memory, `row` and `pixel` bytes apart.
struct Elements {
  const char* first;
  int64_t row, pixel;
};

// Both axes of a tile, down the columns, then along the rows; results go to v, v_tap floats apart.
template <class Y, class X>
CC_INLINE void transform_input(const Elements& x, float* v, int64_t v_tap) {
  Vec half[Y::taps][X::taps];
  const char* column = x.first;
#pragma GCC unroll 6
  for (int j = 0; j < X::taps; ++j) {
    Vec d[Y::taps], t[Y::taps];
#pragma GCC unroll 6
    for (int i = 0; i < Y::taps; ++i) d[i] = load(reinterpret_cast<const float*>(column + i * x.row));
    column = opaque(column + x.pixel);
    Y::input(d, t);
#pragma GCC unroll 6
    for (int i = 0; i < Y::taps; ++i) half[i][j] = t[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < Y::taps; ++i) {
    Vec t[X::taps];
    X::input(half[i], t);
#pragma GCC unroll 6
    for (int j = 0; j < X::taps; ++j) {
      *reinterpret_cast<Vec*>(v) = t[j];
      v = opaque(v + v_tap);
    }
  }
}

// Row I of the transformed weights alone, the same bits.
template <class Y, class X, int I, class Load, class Keep>
CC_INLINE void transform_weights_row(Load load, Keep keep) {
  Vec row[X::kernel], t[X::taps];
#pragma GCC unroll 3
  for (int j = 0; j < X::kernel; ++j) {
    Vec g[Y::kernel], column[Y::taps];
#pragma GCC unroll 3
    for (int i = 0; i < Y::kernel; ++i) g[i] = load(i, j);
    Y::weights(g, column);
    row[j] = column[I];
  }
  X::weights(row, t);
#pragma GCC unroll 6
  for (int j = 0; j < X::taps; ++j) keep(j, t[j]);
}

template <class Y, class X, class Load, class Keep>
CC_INLINE void transform_weights(Load load, Keep keep) {
  Vec half[Y::taps][X::kernel];
#pragma GCC unroll 3
  for (int j = 0; j < X::kernel; ++j) {
    Vec g[Y::kernel], t[Y::taps];
#pragma GCC unroll 3
    for (int i = 0; i < Y::kernel; ++i) g[i] = load(i, j);
    Y::weights(g, t);
#pragma GCC unroll 6
    for (int i = 0; i < Y::taps; ++i) half[i][j] = t[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < Y::taps; ++i) {
    Vec t[X::taps];
    X::weights(half[i], t);
#pragma GCC unroll 6
    for (int j = 0; j < X::taps; ++j) keep(i, j, t[j]);
  }
}

// A tile of the result's gradient to v; the sum of its pixels to *sum.
template <class Y, class X>
CC_INLINE void transform_gradient(const Elements& dy, float* v, int64_t v_tap, Vec* sum) {
  Vec half[Y::taps][X::outputs];
  Vec pixels = {};
#pragma GCC unroll 4
  for (int j = 0; j < X::outputs; ++j) {
    Vec d[Y::outputs], t[Y::taps];
#pragma GCC unroll 4
    for (int i = 0; i < Y::outputs; ++i) {
      d[i] = load(reinterpret_cast<const float*>(dy.first + i * dy.row + j * dy.pixel));
      pixels += d[i];
    }
    Y::gradient(d, t);
#pragma GCC unroll 6
    for (int i = 0; i < Y::taps; ++i) half[i][j] = t[i];
  }
  *sum = pixels;
#pragma GCC unroll 6
  for (int i = 0; i < Y::taps; ++i) {
    Vec t[X::taps];
    X::gradient(half[i], t);
#pragma GCC unroll 6
    for (int j = 0; j < X::taps; ++j) {
      *reinterpret_cast<Vec*>(v) = t[j];
      v = opaque(v + v_tap);
    }
  }
}

template <class Y, class X, class Load, class Keep>
CC_INLINE void transform_filter(Load load, Keep keep) {
  Vec half[Y::kernel][X::taps];
#pragma GCC unroll 6
  for (int j = 0; j < X::taps; ++j) {
    Vec t[Y::taps], g[Y::kernel];
#pragma GCC unroll 6
    for (int i = 0; i < Y::taps; ++i) t[i] = load(i, j);
    Y::filter(t, g);
#pragma GCC unroll 3
    for (int i = 0; i < Y::kernel; ++i) half[i][j] = g[i];
  }
#pragma GCC unroll 3
  for (int i = 0; i < Y::kernel; ++i) {
    Vec g[X::kernel];
    X::filter(half[i], g);
#pragma GCC unroll 3
    for (int j = 0; j < X::kernel; ++j) keep(i, j, g[j]);
  }
}

// What is added to the outputs of a tile, and their limits.
struct Finish {
  Vec bias, low, high;
  const float* residual;  // like the outputs, or null
};

// A tile of products to outputs at y, y_row and y_pixel floats apart.
template <class Y, class X>
CC_INLINE void transform_output(const Elements& m, float* y, int64_t y_row, int64_t y_pixel, const Finish& f) {
  Vec half[Y::outputs][X::taps];
  const char* column = m.first;
#pragma GCC unroll 6
  for (int j = 0; j < X::taps; ++j) {
    Vec t[Y::taps], o[Y::outputs];
#pragma GCC unroll 6
    for (int i = 0; i < Y::taps; ++i) t[i] = load(reinterpret_cast<const float*>(column + i * m.row));
    column = opaque(column + m.pixel);
    Y::output(t, o);
#pragma GCC unroll 4
    for (int i = 0; i < Y::outputs; ++i) half[i][j] = o[i];
  }
  const float* residual = f.residual;
#pragma GCC unroll 4
  for (int i = 0; i < Y::outputs; ++i, y = opaque(y + y_row)) {
    Vec o[X::outputs];
    X::output(half[i], o);
#pragma GCC unroll 4
    for (int j = 0; j < X::outputs; ++j) {
      o[j] += f.bias;
      if (residual != nullptr) o[j] += load(residual + j * y_pixel);
      store(y + j * y_pixel, limited(o[j], f.low, f.high));
    }
    if (residual != nullptr) residual += y_row;
  }
}

// Calls f<Y, X>() for the transforms of a tile. winograd_tiles in winograd_plan.cpp lists the same ones.
#define CC_WINOGRAD_CALL(TILE, FUNCTION, ...)           \
  ((TILE).height == 4   ? FUNCTION<F4, F4>(__VA_ARGS__) \
   : (TILE).height == 2 ? FUNCTION<F2, F2>(__VA_ARGS__) \
                        : FUNCTION<Identity, F4>(__VA_ARGS__))

}  // namespace convcore::CC_ISA
