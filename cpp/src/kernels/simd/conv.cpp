// Convolution forward and input gradient: register tiles over bands of rows, packed weights, bias and activation fused.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/conv_tile.h"
#include "kernels/simd/epilogue.h"

namespace convcore::CC_ISA {

namespace {

constexpr int tile_pixels = conv_tile_pixels(registers);
static_assert(tile_pixels == 6 || tile_pixels == 14);

using TileFunction = void (*)(const Tile&);
#define CC_TILES_6(NV) \
  conv_tile<1, NV>, conv_tile<2, NV>, conv_tile<3, NV>, conv_tile<4, NV>, conv_tile<5, NV>, conv_tile<6, NV>
#define CC_TILES_14(NV)                                                                                       \
  CC_TILES_6(NV), conv_tile<7, NV>, conv_tile<8, NV>, conv_tile<9, NV>, conv_tile<10, NV>, conv_tile<11, NV>, \
      conv_tile<12, NV>, conv_tile<13, NV>, conv_tile<14, NV>
#if defined(__AVX512F__) || defined(__aarch64__)
const TileFunction tiles[conv_block_vectors][tile_pixels] = {{CC_TILES_14(1)}, {CC_TILES_14(2)}};
#else
const TileFunction tiles[conv_block_vectors][tile_pixels] = {{CC_TILES_6(1)}, {CC_TILES_6(2)}};
#endif

struct Item {
  const ConvPhase* phase;
  int64_t image, plane, row_begin, row_end, split;
};

Item find_item(const ConvArgs& a, int64_t index) {
  const ConvPhase* phase = a.phases + a.phase_count - 1;
  while (phase->items_begin > index) --phase;
  int64_t rest = index - phase->items_begin;
  Item item;
  item.phase = phase;
  item.split = rest % a.splits, rest /= a.splits;
  item.row_begin = rest % phase->bands * phase->band_rows, rest /= phase->bands;
  item.row_end = least(item.row_begin + phase->band_rows, phase->axis[1].count);
  item.plane = rest % phase->axis[0].count, item.image = rest / phase->axis[0].count;
  return item;
}

// The taps of one output row as offsets from the row's first pixel. Depends only on where the taps are clipped.
struct TapList {
  ConvTap* taps;
  Clip depth = {-1, -1}, height = {-1, -1};
  int64_t count = 0;

  void update(const ConvArgs& a, const ConvPhase& p, const Source& source, Clip d, Clip h) {
    if (d.first == depth.first && d.last == depth.last && h.first == height.first && h.last == height.last) return;
    depth = d, height = h, count = 0;
    const ConvAxis& w = p.axis[2];
    const int64_t columns = p.merged ? (w.taps > 0) : w.taps, rows = p.axis[1].taps;
    const int64_t cg = a.c / a.groups;
    for (int64_t i = d.first; i < d.last; ++i)
      for (int64_t j = h.first; j < h.last; ++j)
        for (int64_t t = 0; t < columns; ++t)
          taps[count++] = {p.axis[0].offset[i] * source.plane + p.axis[1].offset[j] * source.row + w.offset[t] * a.c,
                           ((i * rows + j) * w.taps + t) * cg};
  }
};

// One output row of one block of channels. Tiles differ by at most one pixel, so none is much slower than the others.
void run_row(Tile& tile, const TileFunction* functions, int64_t pixels, int64_t channels, Activation activation) {
  for (int64_t left = (pixels + tile_pixels - 1) / tile_pixels; left > 0; --left) {
    const int64_t size = (pixels + left - 1) / left;
    functions[size - 1](tile);
    if (activation > Activation::relu)
      for (int64_t m = 0; m < size; ++m) activate(tile.y + m * tile.y_step, channels, activation);
    tile.base += size * tile.x_step, tile.y += size * tile.y_step, pixels -= size;
  }
}

void run_block(const ConvArgs& a, const Item& item, const Source& source, TapList& taps, int64_t group, int64_t block) {
  const ConvPhase& p = *item.phase;
  const int64_t fg = a.f / a.groups, width = conv_block_vectors * vl;
  const int64_t padded = (fg + vl - 1) / vl * vl;
  const int64_t first = block * width, channels = least(width, fg - first);
  const int vectors = static_cast<int>((channels + vl - 1) / vl);
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  Tile tile;
  tile.x = source.x, tile.x_step = w.in_step * a.c, tile.taps = taps.taps, tile.run = p.run;
  tile.w = a.w + (group * a.packed_rows + p.k_begin) * padded + first * p.k_rows;
  tile.bias = a.bias ? a.bias + group * fg + first : nullptr;
  tile.y_step = w.out_step * a.f;
  tile.lanes = static_cast<int>(channels - (vectors - 1) * vl);
  tile.relu = a.activation == Activation::relu;
  float* const plane = a.y + item.image * a.y_image + (d.out_start + item.plane * d.out_step) * a.y_plane +
                       w.out_start * a.f + group * fg + first;
  const Clip depth = clip(d, a.in[0], item.plane);
  for (int64_t r = item.row_begin; r < item.row_end; ++r) {
    taps.update(a, p, source, depth, clip(h, a.in[1], r));
    tile.tap_count = taps.count;
    tile.base =
        source.origin + item.plane * d.in_step * source.plane + r * h.in_step * source.row + group * (a.c / a.groups);
    tile.y = plane + (h.out_start + r * h.out_step) * a.y_row;
    run_row(tile, tiles[vectors - 1], r == h.count - 1 ? p.last_row : w.count, channels, a.activation);
  }
}

void run_item(const ConvArgs& a, const Item& item) {
  TapList taps{static_cast<ConvTap*>(a.scratch)};
  float* const scratch = reinterpret_cast<float*>(taps.taps + a.max_taps);
  const float* image = a.x + item.image * a.x_image;
  Source source = {a.x, item.image * a.x_image, a.x_plane, a.x_row};
  if (a.pad_left > 0 || a.pad_right > 0) {
    const BandInput band = {image, a.in, a.c, a.x_plane, a.x_row, a.pad_left, a.pad_right, a.scratch_plane_rows};
    source = copy_band(band, *item.phase, item.plane, item.row_begin, item.row_end, scratch);
  }
  const int64_t fg = a.f / a.groups, width = conv_block_vectors * vl;
  const int64_t blocks = (fg + width - 1) / width, all = a.groups * blocks;
  for (int64_t b = all * item.split / a.splits; b < all * (item.split + 1) / a.splits; ++b)
    run_block(a, item, source, taps, b / blocks, b % blocks);
}

}  // namespace

void conv(const ConvArgs& a, Range items) {
  for (int64_t i = items.begin; i < items.end; ++i) run_item(a, find_item(a, i));
}

}  // namespace convcore::CC_ISA
