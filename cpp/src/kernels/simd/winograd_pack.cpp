// Transforms the weights of a 3x3 convolution and packs them into the order in which winograd_multiply reads them.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/winograd_transform.h"
#include "kernels/winograd.h"

namespace convcore::CC_ISA {

namespace {

// The transposed kernels of a vector of input channels and a vector of output channels, the last tap first.
template <int Taps>
struct Turned {
  float k[Taps][vl][vl];  // [tap][input channel][output channel]

  void read(const WinogradPackArgs& a, int64_t c0, int channels, int64_t f0, int lanes) {
    float row[vl];
    for (int tap = 0; tap < Taps; ++tap)
      for (int j = 0; j < vl; ++j) {
        store(row, j < lanes ? load_first(a.w + ((Taps - 1 - tap) * a.f + f0 + j) * a.c + c0, channels) : Vec{});
        for (int i = 0; i < vl; ++i) k[tap][i][j] = row[i];
      }
  }
};

template <class Y, class X>
void pack(const WinogradPackArgs& a, Range vectors) {
  constexpr int taps = Y::taps * X::taps;
  constexpr int64_t width = winograd_block_vectors * vl;
  const int64_t padded = (a.f + vl - 1) / vl * vl;
  Turned<Y::kernel * X::kernel> turned;
  for (int64_t c0 = vectors.begin * vl; c0 < least(vectors.end * vl, a.c); c0 += vl) {
    const int channels = static_cast<int>(least(vl, a.c - c0));
    for (int64_t f0 = 0; f0 < a.f; f0 += vl) {
      const int lanes = static_cast<int>(least(vl, a.f - f0));
      const int64_t block = f0 - f0 % width, group = f0 - f0 % (a.group * width);  // their first channels
      const int64_t block_width = least(width, padded - block), group_width = least(a.group * width, padded - group);
      if (a.transposed) turned.read(a, c0, channels, f0, lanes);
      for (int i = 0; i < channels; ++i) {
        const auto kernel = [&](int y, int x) CC_LAMBDA {
          const int k = y * X::kernel + x;
          return a.transposed ? load(turned.k[k][i]) : load_first(a.w + (k * a.c + c0 + i) * a.f + f0, lanes);
        };
        if (a.late) {
          float* const to = a.u + (block * a.c + (c0 + i) * block_width) * Y::kernel * X::kernel + f0 % width;
          for (int y = 0; y < Y::kernel; ++y)
            for (int x = 0; x < X::kernel; ++x) store(to + (y * X::kernel + x) * block_width, kernel(y, x));
          continue;
        }
        float* const u = a.u + (group * taps + block - group) * a.c + (c0 + i) * block_width + f0 % width;
        transform_weights<Y, X>(kernel,
                                [&](int y, int x, Vec v) CC_LAMBDA { store(u + (y * X::taps + x) * a.c * group_width, v); });
      }
    }
  }
}

}  // namespace

void winograd_pack(const WinogradPackArgs& a, Range vectors) { CC_WINOGRAD_CALL(a.tile, pack, a, vectors); }

}  // namespace convcore::CC_ISA
