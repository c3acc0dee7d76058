// The filter gradient by Winograd: the gradient's transform, the products summed over tiles, and the way back to the kernel.
#include "kernels/winograd_filter.h"

#include "kernels/simd/winograd_place.h"
#include "kernels/simd/winograd_transform.h"

namespace convcore::CC_ISA {

namespace {

constexpr int block_rows = winograd_filter_rows(registers, vl);
constexpr int64_t width = winograd_block_vectors * vl;
static_assert(winograd_block_vectors == 2);

template <class Y, class X>
void gradient(const WinogradFilterArgs& a, Range items) {
  const int64_t blocks = (a.f + vl - 1) / vl;
  int64_t tile = items.begin / blocks, block = items.begin % blocks;
  Place place(a, a.first + tile);
  for (int64_t i = items.begin; i < items.end; place.advance(a), ++tile, block = 0) {
    const Window<Y::outputs, X::outputs> w(a.dy, a.out, a.f, place.image, place.y, place.x);
    for (; block < blocks && i < items.end; ++block, ++i) {
      float* const d = a.d + (block * a.count + tile) * vl;
      const int lanes = static_cast<int>(least(vl, a.f - block * vl));
      Vec sum;
      if (lanes == vl && w.whole()) {
        const float* const dy = w.x + (w.offset + block * vl);
        transform_gradient<Y, X>({reinterpret_cast<const char*>(dy), w.row * 4, w.pixel * 4}, d, a.d_tap, &sum);
      } else {
        Vec patch[Y::outputs * X::outputs];
        w.copy(block * vl, lanes, patch);
        transform_gradient<Y, X>({reinterpret_cast<const char*>(patch), X::outputs * vl * 4, vl * 4}, d, a.d_tap, &sum);
      }
      if (a.with_bias) *reinterpret_cast<Vec*>(d + Y::taps * X::taps * a.d_tap) = sum;
    }
  }
}

struct TileSums {
  const float* v;  // of the first channel: vl floats from tile to tile
  const float* d;  // of the first vector of filters: likewise
  int64_t d_block;
  float* sums;  // [channel][NV * vl]
  int64_t count;
  bool add;
};

// block_rows channels times NV vectors of filters, summed over the tiles.
template <int NV>
static void sum_tiles(const TileSums& t) {
  Vec acc[block_rows][NV] = {};
  if (t.add)
#pragma GCC unroll 32
    for (int i = 0; i < block_rows * NV; ++i) acc[i / NV][i % NV] = *reinterpret_cast<const Vec*>(t.sums + i * vl);
  const float *v = t.v, *d = t.d;
  for (int64_t left = t.count; left > 0; --left, v += vl, d += vl) {
    Vec dv[NV];
#pragma GCC unroll 4
    for (int n = 0; n < NV; ++n) dv[n] = *reinterpret_cast<const Vec*>(d + n * t.d_block);
#pragma GCC unroll 16
    for (int m = 0; m < block_rows; ++m) {
      const Vec x = set1(v[m]);
#pragma GCC unroll 4
      for (int n = 0; n < NV; ++n) add_product(acc[m][n], x, dv[n]);
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < block_rows * NV; ++i) *reinterpret_cast<Vec*>(t.sums + i * vl) = acc[i / NV][i % NV];
}

int64_t rows_of(const WinogradFilterArgs& a) { return (a.c + block_rows - 1) / block_rows * block_rows; }

void sum_tap(const WinogradFilterArgs& a, int64_t tap) {
  const int64_t rows = rows_of(a), d_block = a.count * vl;
  const float *const v = a.v + tap * a.v_tap, *d = a.d + tap * a.d_tap;
  float* sums = a.sums + tap * a.sums_tap;
  for (int64_t f = 0; f < a.f; f += width, d += winograd_block_vectors * d_block) {
    const bool both = a.f - f > vl;
    for (int64_t c = 0; c < rows; c += block_rows, sums += block_rows * (both ? 2 : 1) * vl) {
      const TileSums t = {v + c / vl * a.count * vl + c % vl, d, d_block, sums, a.count, a.add};
      both ? sum_tiles<2>(t) : sum_tiles<1>(t);
    }
  }
}

void sum_bias(const WinogradFilterArgs& a, int64_t taps) {
  const float* d = a.d + taps * a.d_tap;
  float* const sums = a.sums + taps * a.sums_tap;
  for (int64_t f = 0; f < a.f; f += vl) {
    Vec sum = a.add ? load(sums + f) : Vec{};
    for (int64_t t = 0; t < a.count; ++t, d += vl) sum += load(d);
    store(sums + f, sum);
  }
}

CC_INLINE Vec sum_parts_at(const WinogradFilterArgs& a, const float* sums) {
  Vec sum = load(sums);
  for (int64_t p = 1; p < a.parts; ++p) sum += load(sums + p * a.part_floats);
  return sum;
}

template <class Y, class X>
void finish(const WinogradFilterArgs& a, Range channels) {
  const int64_t rows = rows_of(a);
  for (int64_t c = channels.begin; c < channels.end; ++c)
    for (int64_t f = 0; f < a.f; f += vl) {
      const int lanes = static_cast<int>(least(vl, a.f - f));
      if (c == a.c) {
        store_first(a.db + f, sum_parts_at(a, a.sums + Y::taps * X::taps * a.sums_tap + f), lanes);
        continue;
      }
      const int64_t block = f / width * width, block_width = a.f - block > vl ? width : vl;
      const float* const sums = a.sums + block * rows + c * block_width + f % width;
      transform_filter<Y, X>([&](int y, int x) CC_LAMBDA { return sum_parts_at(a, sums + (y * X::taps + x) * a.sums_tap); },
                             [&](int y, int x, Vec g)
                                 CC_LAMBDA { store_first(a.dw + ((y * X::kernel + x) * a.c + c) * a.f + f, g, lanes); });
    }
}

}  // namespace

void winograd_gradient(const WinogradFilterArgs& a, Range items) { CC_WINOGRAD_CALL(a.tile, gradient, a, items); }

void winograd_filter(const WinogradFilterArgs& a, Range items) {
  for (int64_t tap = items.begin; tap < items.end; ++tap) tap < a.tile.taps() ? sum_tap(a, tap) : sum_bias(a, tap);
}

void winograd_filter_finish(const WinogradFilterArgs& a, Range channels) { CC_WINOGRAD_CALL(a.tile, finish, a, channels); }

}  // namespace convcore::CC_ISA
