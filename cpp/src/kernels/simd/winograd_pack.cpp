// Transforms the weights of a 3x3 convolution and packs them into the order in which winograd_multiply reads them.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/winograd_transform.h"
#include "kernels/winograd.h"

namespace convcore::CC_ISA {

namespace {

constexpr int max_kernel = 9;

// The kernels of a vector of input channels and a vector of output channels: [tap][input channel][output channel].
using Kernels = float[max_kernel][vl][vl];

void read_plain(const WinogradPackArgs& a, int taps, int64_t c0, int channels, int64_t f0, int lanes, Kernels& k) {
  for (int tap = 0; tap < taps; ++tap)
    for (int i = 0; i < channels; ++i) store(k[tap][i], load_first(a.w + (tap * a.c + c0 + i) * a.f + f0, lanes));
}

// The array is (k..., f, c), and its last tap comes first.
void read_transposed(const WinogradPackArgs& a, int taps, int64_t c0, int channels, int64_t f0, int lanes, Kernels& k) {
  float row[vl];
  for (int tap = 0; tap < taps; ++tap)
    for (int j = 0; j < vl; ++j) {
      store(row, j < lanes ? load_first(a.w + ((taps - 1 - tap) * a.f + f0 + j) * a.c + c0, channels) : Vec{});
      for (int i = 0; i < vl; ++i) k[tap][i][j] = row[i];
    }
}

template <class Y, class X>
void pack(const WinogradPackArgs& a, Range vectors) {
  constexpr int taps = Y::taps * X::taps;
  constexpr int64_t width = winograd_block_vectors * vl;
  Kernels k;
  for (int64_t c0 = vectors.begin * vl; c0 < least(vectors.end * vl, a.c); c0 += vl) {
    const int channels = static_cast<int>(least(vl, a.c - c0));
    for (int64_t f0 = 0; f0 < a.f; f0 += vl) {
      const int lanes = static_cast<int>(least(vl, a.f - f0));
      (a.transposed ? read_transposed : read_plain)(a, Y::kernel * X::kernel, c0, channels, f0, lanes, k);
      const int64_t block = f0 / width, block_width = least(width, (a.f - block * width + vl - 1) / vl * vl);
      float* const u = a.u + block * taps * a.c * width + f0 % width;
      for (int i = 0; i < channels; ++i)
        transform_weights<Y, X>([&](int y, int x) CC_LAMBDA { return load(k[y * X::kernel + x][i]); },
                                [&](int y, int x, Vec v)
                                    CC_LAMBDA { store(u + ((y * X::taps + x) * a.c + c0 + i) * block_width, v); });
    }
  }
}

}  // namespace

void winograd_pack(const WinogradPackArgs& a, Range vectors) { CC_WINOGRAD_CALL(a.tile, pack, a, vectors); }

}  // namespace convcore::CC_ISA
