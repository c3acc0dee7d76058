// Packs convolution and dense weights into the order in which the register tiles read them.
#include "kernels/conv.h"
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/transpose.h"

namespace convcore::CC_ISA {

namespace {

constexpr int64_t block_width = conv_tile_shape(vl, registers).vectors * vl;

// `out` gets `rows` rows of `width` floats, of which the first `count` come from memory: row r, column i is from[r*row +
// i*col].
void copy_rows(const float* from, int64_t row, int64_t rows, int64_t count, int64_t width, float* out) {
  for (int64_t r = 0; r < rows; ++r, from += row, out += width)
    for (int64_t v = 0; v < width; v += vl)
      store(out + v, load_first(from + v, static_cast<int>(least(vl, most(0, count - v)))));
}

// The same with rows and columns exchanged in memory.
void copy_transposed(const float* from, int64_t col, int64_t rows, int64_t count, int64_t width, float* out) {
  for (int64_t r = 0; r < rows; r += vl) {
    const int lanes = static_cast<int>(least(vl, rows - r));
    for (int64_t c = 0; c < width; c += vl) {
      Vec square[vl];
#pragma GCC unroll 16
      for (int i = 0; i < vl; ++i) square[i] = c + i < count ? load_first(from + (c + i) * col + r, lanes) : Vec{};
      transpose_lanes<vl / 2>(square);
      float* to = out + r * width + c;
#pragma GCC unroll 16
      for (int i = 0; i < vl; ++i, to += width)
        if (i < lanes) store(to, square[i]);
    }
  }
}

void pack_block(const ConvPackArgs& a, const ConvPhase& p, int64_t group, int64_t first, float* out) {
  const int64_t cg = a.c / a.groups, fg = a.f / a.groups;
  const int64_t rows = a.transposed ? fg : cg, channels = a.transposed ? cg : fg;
  const int64_t count = least(block_width, channels - first), width = (count + vl - 1) / vl * vl;
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  for (int64_t i = 0; i < d.taps; ++i)
    for (int64_t j = 0; j < h.taps; ++j)
      for (int64_t t = 0; t < w.taps; ++t, out += rows * width) {
        const float* tap = a.w + ((d.index[i] * a.k[1] + h.index[j]) * a.k[2] + w.index[t]) * cg * a.f + group * fg;
        if (a.transposed) {
          copy_transposed(tap + first * a.f, a.f, rows, count, width, out);
        } else {
          copy_rows(tap + first, a.f, rows, count, width, out);
        }
      }
}

}  // namespace

void conv_pack(const ConvPackArgs& a, Range items) {
  const int64_t channels = (a.transposed ? a.c : a.f) / a.groups, padded = (channels + vl - 1) / vl * vl;
  const int64_t blocks = (channels + block_width - 1) / block_width;
  for (int64_t i = items.begin; i < items.end; ++i) {
    const int64_t group = i / blocks, first = i % blocks * block_width;
    for (const ConvPhase* p = a.phases; p != a.phases + a.phase_count; ++p)
      pack_block(a, *p, group, first, a.packed + (group * a.packed_rows + p->k_begin) * padded + first * p->k_rows);
  }
}

}  // namespace convcore::CC_ISA
