// Winograd convolution: the input transform, and the products with the output transform, bias and activation behind them.
#include "kernels/simd/epilogue.h"
#include "kernels/simd/winograd_place.h"
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

// Outputs that see pixels of zeros only have sums of 0 and not what rounding leaves there of the tile's other pixels: relu's
// derivative depends on it, and so do the weights that Adam changes. F(2) needs no help: in its transforms such pixels meet
// no others.
//
// Whether a tile may have such outputs: each of them sees a pixel in the middle, whose first channels tell.
template <class Y, class X>
CC_INLINE bool may_be_blank(const WinogradArgs& a, const Place& place, const Window<Y::taps, X::taps>& w) {
  if constexpr (X::outputs == 2) return false;
  constexpr int i = Y::outputs / 2, j = X::outputs / 2;
  const bool below = Y::outputs > 1 && place.y + Y::outputs <= a.out[0], right = place.x + X::outputs <= a.out[1];
  return w.empty(i, j, vl) || (right && w.empty(i, j + 1, vl)) ||
         (below && (w.empty(i + 1, j, vl) || (right && w.empty(i + 1, j + 1, vl))));
}

// Those outputs, a bit each, row by row.
template <class Y, class X>
uint32_t blank_outputs(const WinogradArgs& a, const Place& place) {
  const Window<Y::taps, X::taps> w(a.x, a.in, a.c, place.image, place.y - a.pad[0], place.x - a.pad[1]);
  uint32_t rows[Y::taps];  // where three pixels side by side are empty
  for (int i = 0; i < Y::taps; ++i) {
    uint32_t pixels = 0;
    for (int j = 0; j < X::taps; ++j) pixels |= static_cast<uint32_t>(w.empty(i, j, a.c)) << j;
    rows[i] = pixels & pixels >> 1 & pixels >> 2 & ((1u << X::outputs) - 1);
  }
  uint32_t outputs = 0;
  for (int i = 0; i < Y::outputs; ++i) {
    uint32_t row = rows[i];
    for (int k = 1; k < Y::kernel; ++k) row &= rows[i + k];
    outputs |= row << (i * X::outputs);
  }
  return outputs;
}

template <class Y, class X>
void input(const WinogradArgs& a, Range items) {
  const int64_t blocks = (a.c + vl - 1) / vl;
  int64_t tile = items.begin / blocks, block = items.begin % blocks;
  Place place(a, a.first + tile);
  for (int64_t i = items.begin; i < items.end; place.advance(a), ++tile, block = 0) {
    const Window<Y::taps, X::taps> w(a.x, a.in, a.c, place.image, place.y - a.pad[0], place.x - a.pad[1]);
    if (block == 0 && a.blank != nullptr) a.blank[tile] = may_be_blank<Y, X>(a, place, w);
    for (; block < blocks && i < items.end; ++block, ++i) {
      float* const v = a.v + (block * a.count + tile) * vl;
      const int lanes = static_cast<int>(least(vl, a.c - block * vl));
      if (lanes == vl && w.whole()) {
        const float* const x = w.x + (w.offset + block * vl);
        transform_input<Y, X>({reinterpret_cast<const char*>(x), w.row * 4, w.pixel * 4}, v, a.v_tap);
      } else {
        Vec patch[Y::taps * X::taps];
        w.copy(block * vl, lanes, patch);
        transform_input<Y, X>({reinterpret_cast<const char*>(patch), X::taps * vl * 4, vl * 4}, v, a.v_tap);
      }
    }
  }
}

// One block of output channels.
struct Outputs {
  const WinogradArgs& a;
  int64_t first, channels;
  int vectors;
  Epilogue epilogue;

  template <class Y, class X>
  void tiles(const float* m, int64_t begin, int64_t count) const {
    Place place(a, a.first + begin);
    for (int64_t t = 0; t < count; ++t, m += vectors * vl, place.advance(a)) {
      const int64_t at = ((place.image * a.out[0] + place.y) * a.out[1] + place.x) * a.f + first;
      const int64_t rows = least(Y::outputs, a.out[0] - place.y), columns = least(X::outputs, a.out[1] - place.x);
      const uint32_t blank = a.blank[begin + t] ? blank_outputs<Y, X>(a, place) : 0;
      for (int v = 0; v < vectors; ++v) {
        const int lanes = static_cast<int>(least(vl, channels - v * vl));
        if (rows == Y::outputs && columns == X::outputs && lanes == vl && blank == 0)
          whole_tile<Y, X>(m + v * vl, at + v * vl, v);
        else
          part_of_tile<Y, X>(m + v * vl, at + v * vl, v, lanes, rows, columns, blank);
      }
      if (epilogue.functions == nullptr) continue;
      for (int64_t i = 0; i < rows; ++i)
        activate(a.y + at + i * a.out[1] * a.f, columns, a.f, channels, *epilogue.functions);
    }
  }

  template <class X>
  Elements products(const float* m) const {
    return {reinterpret_cast<const char*>(m), X::taps * a.m_tap * 4, a.m_tap * 4};
  }

  // Vector v of the block, to y[at].
  template <class Y, class X>
  void whole_tile(const float* m, int64_t at, int v) const {
    const Finish finish = {a.bias == nullptr ? Vec{} : load(a.bias + first + v * vl), set1(epilogue.low),
                           set1(epilogue.high), a.residual == nullptr ? nullptr : a.residual + at};
    transform_output<Y, X>(products<X>(m), a.y + at, a.out[1] * a.f, a.f, finish);
  }

  // The same where some of the pixels or lanes lie outside the result, or pixels are `blank`.
  template <class Y, class X>
  void part_of_tile(const float* m, int64_t at, int v, int lanes, int64_t rows, int64_t columns, uint32_t blank) const {
    const Vec none = {}, infinity = set1(__builtin_inff());
    const Finish finish = {a.bias == nullptr ? none : load_first(a.bias + first + v * vl, lanes), none - infinity, infinity,
                           nullptr};
    Vec sums[Y::outputs * X::outputs];
    transform_output<Y, X>(products<X>(m), reinterpret_cast<float*>(sums), X::outputs * vl, vl, finish);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        const int64_t to = at + (i * a.out[1] + j) * a.f;
        Vec sum = sums[i * X::outputs + j];
        if (blank >> (i * X::outputs + j) & 1) sum = select(sum - sum == none, finish.bias, sum);  // 0 * NaN is not 0
        if (a.residual != nullptr) sum += load_first(a.residual + to, lanes);
        store_first(a.y + to, limited(sum, epilogue), lanes);
      }
  }
};

// One item: a block of tiles and a group of blocks of output channels.
struct Group {
  const WinogradArgs& a;
  int64_t begin, count;    // tiles of v
  int64_t f_begin, f_end;  // output channels
  static constexpr int64_t width = winograd_block_vectors * vl;

  Group(const WinogradArgs& args, int64_t item) : a(args) {
    const int64_t blocks = (a.count + a.block_tiles - 1) / a.block_tiles;
    begin = item % blocks * a.block_tiles, count = least(a.block_tiles, a.count - begin);
    f_begin = item / blocks * a.group * width, f_end = least(a.f, f_begin + a.group * width);
  }
  int vectors(int64_t f) const { return static_cast<int>((least(width, f_end - f) + vl - 1) / vl); }

  // Sums of one block of output channels at one tap.
  struct Sums {
    const float* start;  // of the first chain, or null
    float* m;
    bool more;  // m is added to
  };

  // m = v * u at one tap for one block of output channels. Register tiles differ by at most one row, so none is much slower
  // than the others. `next`: so many floats are fetched meanwhile; null: u further on.
  __attribute__((noinline)) void block(const float* v, const float* u, const Sums& sums, int vectors, int64_t channels,
                                       const float* next, int64_t floats) const {
    const int64_t pieces = (count + tile_rows - 1) / tile_rows, lines = channels * vectors * vl / 16;
    int64_t done = 0;
    for (int64_t left = pieces; left > 0; --left) {
      const int64_t size = (count - done + left - 1) / left, at = done * vectors * vl;
      const float* const start = sums.start == nullptr ? nullptr : sums.start + at;
      Product p = {v + done * vl, a.count * vl, u, sums.m + at, channels, start, sums.more, u + fetch_floats, 16};
      if (next != nullptr)
        p.fetch = next + floats * (pieces - left) / pieces, p.fetch_step = floats / most(1, pieces * lines) + 1;
      products[vectors - 1][size - 1](p);
      done += size;
    }
  }

  void multiply(int64_t taps) const {
    const float* u = a.u + f_begin * taps * a.c;
    for (int64_t tap = 0; tap < taps; ++tap) {
      float* m = a.m + tap * a.m_tap;
      for (int64_t f = f_begin; f < f_end; f += width, m += count * width) {
        block(a.v + tap * a.v_tap + begin * vl, u, {nullptr, m, false}, vectors(f), a.c, nullptr, 0);
        u += a.c * vectors(f) * vl;
      }
    }
  }

  // The same from weights that are transformed here, for some input channels at a time and row by row, so that neither they
  // nor what they become leave L1. Those of the next time follow in memory, and are fetched meanwhile.
  template <class Y, class X>
  void multiply_late() const {
    constexpr int64_t kernel_taps = Y::kernel * X::kernel, taps = Y::taps * X::taps;
    float* m = a.m;
    for (int64_t f = f_begin; f < f_end; f += width, m += count * width) {
      const int64_t block_width = vectors(f) * vl;
      const float* w = a.u + f * kernel_taps * a.c;
      for (int64_t c = 0; c < a.c; c += a.late_channels) {
        const int64_t channels = least(a.late_channels, a.c - c), floats = kernel_taps * channels * block_width;
        for (int row = 0; row < Y::taps; ++row) {
          transform_row<Y, X>(row, w, channels, block_width);
          for (int64_t j = 0; j < X::taps; ++j) {
            const int64_t tap = row * X::taps + j;
            late_block(tap, a.late + j * a.late_tap, f, c, channels, m, w + floats + floats * tap / taps, floats / taps);
          }
        }
        w += floats;
      }
    }
  }

  // The products of one tap. A chain that is longer than the channels at a time waits in `carry`.
  void late_block(int64_t tap, const float* u, int64_t f, int64_t c, int64_t channels, float* m, const float* next,
                  int64_t floats) const {
    const int64_t end = c + channels;
    const bool starts = c % winograd_piece == 0, ends = end % winograd_piece == 0 || end == a.c;
    float* const carry = a.carry + tap * a.carry_tap;
    const Sums sums = {starts ? nullptr : carry, ends ? m + tap * a.m_tap : carry, ends && c >= winograd_piece};
    block(a.v + tap * a.v_tap + c * a.count + begin * vl, u, sums, vectors(f), channels, next, floats);
  }

  template <class Y, class X, int I = 0>
  void transform_row(int row, const float* w, int64_t channels, int64_t block_width) const {
    if constexpr (I < Y::taps) {
      if (row != I) return transform_row<Y, X, I + 1>(row, w, channels, block_width);
      float* u = a.late;
      for (int64_t i = 0; i < channels; ++i, w += Y::kernel * X::kernel * block_width, u += block_width)
        for (int64_t v = 0; v < block_width; v += vl)
          transform_weights_row<Y, X, I>([&](int y, int x)
                                             CC_LAMBDA { return CC_ISA::load(w + (y * X::kernel + x) * block_width + v); },
                                         [&](int x, Vec t) CC_LAMBDA { CC_ISA::store(u + x * a.late_tap + v, t); });
    }
  }

  template <class Y, class X>
  void store() const {
    const float* m = a.m;
    for (int64_t f = f_begin; f < f_end; f += width, m += count * width) {
      const Outputs outputs = {a, f, least(width, f_end - f), vectors(f), epilogue_of(a.activation)};
      outputs.tiles<Y, X>(m, begin, count);
    }
  }
};

template <class Y, class X>
void multiply(const WinogradArgs& a, Range items) {
  for (int64_t item = items.begin; item < items.end; ++item) {
    const Group group(a, item);
    if (a.late_channels > 0)
      group.multiply_late<Y, X>();
    else
      group.multiply(Y::taps * X::taps);
    group.template store<Y, X>();
  }
}

}  // namespace

void winograd_input(const WinogradArgs& a, Range items) { CC_WINOGRAD_CALL(a.tile, input, a, items); }
void winograd_multiply(const WinogradArgs& a, Range items) { CC_WINOGRAD_CALL(a.tile, multiply, a, items); }

}  // namespace convcore::CC_ISA
