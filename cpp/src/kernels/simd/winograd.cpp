// Winograd convolution: the input transform, and the products with the output transform, bias and activation behind them.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/epilogue.h"
#include "kernels/simd/winograd_tile.h"
#include "kernels/simd/winograd_transform.h"

namespace convcore::CC_ISA {

namespace {

constexpr int tile_rows = winograd_rows(registers);
static_assert(tile_rows == 6 || tile_rows == 14);

using ProductFunction = void (*)(const Product&);
#define CC_PRODUCTS_6(NV) product<1, NV>, product<2, NV>, product<3, NV>, product<4, NV>, product<5, NV>, product<6, NV>
#define CC_PRODUCTS_14(NV)                                                                                              \
  CC_PRODUCTS_6(NV), product<7, NV>, product<8, NV>, product<9, NV>, product<10, NV>, product<11, NV>, product<12, NV>, \
      product<13, NV>, product<14, NV>
#if defined(__AVX512F__) || defined(__aarch64__)
const ProductFunction products[winograd_block_vectors][tile_rows] = {{CC_PRODUCTS_14(1)}, {CC_PRODUCTS_14(2)}};
#else
const ProductFunction products[winograd_block_vectors][tile_rows] = {{CC_PRODUCTS_6(1)}, {CC_PRODUCTS_6(2)}};
#endif

// Where a tile lies: its image and its first output pixel.
struct Place {
  int64_t image, y, x;

  Place(const WinogradArgs& a, int64_t tile) {
    x = tile % a.tiles[1] * a.tile.width, tile /= a.tiles[1];
    y = tile % a.tiles[0] * a.tile.height, image = tile / a.tiles[0];
  }
};

// The input pixels under a tile, those outside the image being zero.
struct Window {
  const float* x;
  int64_t offset, row, pixel;        // of the first pixel, which may lie outside; strides
  int64_t top, bottom, left, right;  // the part inside the image

  template <class Y, class X>
  bool whole() const {
    return top == 0 && left == 0 && bottom == Y::taps && right == X::taps;
  }
  bool holds(int i, int j) const { return i >= top && i < bottom && j >= left && j < right; }
  const float* at(int i, int j) const { return x + (offset + i * row + j * pixel); }
};

template <class Y, class X>
Window window_of(const WinogradArgs& a, const Place& p) {
  const int64_t y0 = p.y - a.pad[0], x0 = p.x - a.pad[1], row = a.in[1] * a.c;
  return {a.x,          (p.image * a.in[0] + y0) * row + x0 * a.c,
          row,          a.c,
          most(0, -y0), least(Y::taps, a.in[0] - y0),
          most(0, -x0), least(X::taps, a.in[1] - x0)};
}

template <class Y, class X>
void input(const WinogradArgs& a, Range items) {
  const int64_t blocks = (a.c + vl - 1) / vl;
  for (int64_t i = items.begin; i < items.end;) {
    const int64_t tile = i / blocks;
    const Window w = window_of<Y, X>(a, Place(a, a.first + tile));
    for (int64_t block = i % blocks; block < blocks && i < items.end; ++block, ++i) {
      float* const v = a.v + (block * a.count + tile) * vl;
      const auto keep = [&](int y, int x, Vec t) CC_LAMBDA { *reinterpret_cast<Vec*>(v + (y * X::taps + x) * a.v_tap) = t; };
      const int64_t c = block * vl;
      const int lanes = static_cast<int>(least(vl, a.c - c));
      if (lanes == vl && w.template whole<Y, X>())
        transform_input<Y, X>([&](int y, int x) CC_LAMBDA { return load(w.at(y, x) + c); }, keep);
      else
        transform_input<Y, X>(
            [&](int y, int x) CC_LAMBDA { return w.holds(y, x) ? load_first(w.at(y, x) + c, lanes) : Vec{}; }, keep);
    }
  }
}

// One block of output channels.
struct Outputs {
  const WinogradArgs& a;
  int64_t first, channels;
  int vectors;
  Epilogue epilogue;

  int lanes(int v) const { return static_cast<int>(least(vl, channels - v * vl)); }

  template <class Y, class X>
  void tile(const float* m, int64_t index) const {
    const Place p(a, index);
    const int64_t rows = least(Y::outputs, a.out[0] - p.y), columns = least(X::outputs, a.out[1] - p.x);
    const int64_t at = ((p.image * a.out[0] + p.y) * a.out[1] + p.x) * a.f + first, row = a.out[1] * a.f;
    for (int v = 0; v < vectors; ++v) {
      const int n = lanes(v);
      const Vec bias = a.bias == nullptr ? Vec{} : load_first(a.bias + first + v * vl, n);
      transform_output<Y, X>(
          [&](int i, int j) CC_LAMBDA { return *reinterpret_cast<const Vec*>(m + (i * X::taps + j) * a.m_tap + v * vl); },
          [&](int i, int j, Vec sum) CC_LAMBDA {
            if (i >= rows || j >= columns) return;
            const int64_t to = at + i * row + j * a.f + v * vl;
            sum += bias;
            if (a.residual != nullptr) sum += load_first(a.residual + to, n);
            store_first(a.y + to, limited(sum, epilogue), n);
          });
    }
    if (epilogue.functions == nullptr) return;
    for (int64_t i = 0; i < rows; ++i) activate(a.y + at + i * row, columns, a.f, channels, *epilogue.functions);
  }
};

template <class Y, class X>
void multiply(const WinogradArgs& a, Range items) {
  constexpr int64_t taps = Y::taps * X::taps, width = winograd_block_vectors * vl;
  const int64_t blocks = (a.count + a.block_tiles - 1) / a.block_tiles;
  for (int64_t item = items.begin; item < items.end; ++item) {
    const int64_t block = item / blocks, begin = item % blocks * a.block_tiles;
    const int64_t count = least(a.block_tiles, a.count - begin), channels = least(width, a.f - block * width);
    const int vectors = static_cast<int>((channels + vl - 1) / vl);
    const Outputs outputs = {a, block * width, channels, vectors, epilogue_of(a.activation)};
    const ProductFunction* const functions = products[vectors - 1];
    const float* u = a.u + block * taps * a.c * width;
    for (int64_t tap = 0; tap < taps; ++tap, u += a.c * vectors * vl) {
      const float* const v = a.v + tap * a.v_tap + begin * vl;
      float* const m = a.m + tap * a.m_tap;
      // Register tiles differ by at most one row, so none is much slower than the others.
      int64_t done = 0;
      for (int64_t left = (count + tile_rows - 1) / tile_rows; left > 0; --left) {
        const int64_t size = (count - done + left - 1) / left;
        functions[size - 1]({v + done * vl, a.count * vl, u, m + done * vectors * vl, a.c});
        done += size;
      }
    }
    for (int64_t t = 0; t < count; ++t) outputs.tile<Y, X>(a.m + t * vectors * vl, a.first + begin + t);
  }
}

}  // namespace

void winograd_input(const WinogradArgs& a, Range items) { CC_WINOGRAD_CALL(a.tile, input, a, items); }
void winograd_multiply(const WinogradArgs& a, Range items) { CC_WINOGRAD_CALL(a.tile, multiply, a, items); }

}  // namespace convcore::CC_ISA
