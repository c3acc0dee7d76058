// Convolution forward and input gradient: register tiles over bands of rows, packed weights, bias and activation fused.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/conv_tile.h"

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

// Where the rows of one item are read: in the array itself, or in a padded copy.
struct Source {
  const float* x;
  int64_t origin;      // offset of (plane 0, row 0, column 0), which may lie before the array
  int64_t plane, row;  // strides
};

Source copy_band(const ConvArgs& a, const Item& item, float* scratch) {
  const ConvAxis &d = item.phase->axis[0], &h = item.phase->axis[1];
  const RowCopy copy = {a.in[1], a.in[2], a.c, a.x_row, a.pad_left, a.pad_right};
  const int64_t row = copy.row_floats(), plane = a.scratch_plane_rows * row;
  const Clip planes = clip(d, item.plane);
  const int64_t at = item.plane * d.in_step, plane0 = planes.first < planes.last ? at + d.offset[planes.first] : 0;
  const int64_t row0 = h.taps == 0 ? 0 : most(0, item.row_begin * h.in_step + h.offset[0]);
  const int64_t row1 = h.taps == 0 ? 0 : least(a.in[1], (item.row_end - 1) * h.in_step + h.offset[h.taps - 1] + 1);
  for (int64_t t = planes.first; t < planes.last; ++t) {
    const int64_t z = at + d.offset[t];
    copy.run(a.x + item.image * a.x_image + z * a.x_plane, row0, row1 - row0, scratch + (z - plane0) * plane);
  }
  return {scratch, a.pad_left * a.c - plane0 * plane - row0 * row, plane, row};
}

// The taps of one output row as offsets from the row's first pixel, column by column of the kernel. Depends only on where
// the taps are clipped.
struct TapList {
  ConvTap* taps;
  int64_t columns;  // taps of one kernel row: one if the row is merged
  Clip depth = {-1, -1}, height = {-1, -1};
  int64_t rows = 0;  // kernel rows inside the image

  int64_t count() const { return rows * columns; }

  void update(const ConvArgs& a, const ConvPhase& p, const Source& source, Clip d, Clip h) {
    if (d == depth && h == height) return;
    depth = d, height = h, rows = (d.last - d.first) * (h.last - h.first);
    const ConvAxis& w = p.axis[2];
    ConvTap* tap = taps;
    for (int64_t t = 0; t < columns; ++t)
      for (int64_t i = d.first; i < d.last; ++i)
        for (int64_t j = h.first; j < h.last; ++j)
          *tap++ = {p.axis[0].offset[i] * source.plane + p.axis[1].offset[j] * source.row + w.offset[t] * a.c,
                    ((i * p.axis[1].taps + j) * w.taps + t) * (a.c / a.groups)};
  }
};

struct Taps {
  TapList inside, edge;
};

// One item and one block of channels.
struct Block {
  const ConvArgs& a;
  const ConvPhase& p;
  const TileFunction* functions;
  Tile tile;
  int64_t channels;
  int vectors;

  void finish(int64_t size) const {
    if (tile.epilogue.functions != nullptr) activate(tile.y, size, tile.y_step, channels, *tile.epilogue.functions);
  }

  // A tile at the end of a row: each column of taps is added to those of its pixels for which it lies inside the image.
  void edge_tile(const TapList& list, int64_t begin, int64_t size) {
    alignas(sizeof(Vec)) Vec sums[tile_pixels * conv_block_vectors];
    for (int64_t m = 0; m < size; ++m)
      for (int v = 0; v < vectors; ++v)
        sums[m * vectors + v] =
            tile.bias == nullptr ? Vec{} : load_first(tile.bias + v * vl, v == vectors - 1 ? tile.lanes : vl);
    const ConvAxis& w = p.axis[2];
    Tile part = tile;
    part.tap_count = list.rows, part.run = a.c / a.groups;
    for (int64_t t = 0; t < list.columns; ++t) {
      const int64_t first = most(begin, w.begin[t]), count = least(begin + size, w.end[t]) - first;
      if (count <= 0) continue;
      part.taps = list.taps + t * list.rows;
      part.base = tile.base + (first - begin) * tile.x_step;
      part.partial = sums + (first - begin) * vectors;
      functions[count - 1](part);
    }
    store_sums(sums, size);
  }

  void store_sums(const Vec* sums, int64_t size) const {
    for (int64_t m = 0; m < size; ++m)
      for (int v = 0; v < vectors; ++v) {
        const int64_t at = m * tile.y_step + v * vl;
        const int lanes = v == vectors - 1 ? tile.lanes : vl;
        Vec sum = sums[m * vectors + v];
        if (tile.residual != nullptr) sum += load_first(tile.residual + at, lanes);
        store_first(tile.y + at, limited(sum, tile.epilogue), lanes);
      }
  }

  // Tiles of a row differ by at most one pixel, so none is much slower than the others.
  void row(const Source& source, Taps& taps, Clip depth, Clip height, int64_t pixels) {
    int64_t begin = 0;
    for (int64_t left = (pixels + tile_pixels - 1) / tile_pixels; left > 0; --left) {
      const int64_t size = (pixels - begin + left - 1) / left;
      const bool inside = begin >= p.interior_begin && begin + size <= p.interior_end;
      TapList& list = inside ? taps.inside : taps.edge;
      list.update(a, p, source, depth, height);
      if (inside) {
        tile.taps = list.taps, tile.tap_count = list.count();
        functions[size - 1](tile);
      } else {
        edge_tile(list, begin, size);
      }
      finish(size);
      tile.base += size * tile.x_step, tile.y += size * tile.y_step, begin += size;
      if (tile.residual != nullptr) tile.residual += size * tile.y_step;
    }
  }
};

void run_block(const ConvArgs& a, const Item& item, const Source& source, Taps& taps, int64_t group, int64_t block) {
  const ConvPhase& p = *item.phase;
  const int64_t fg = a.f / a.groups, width = conv_block_vectors * vl;
  const int64_t padded = (fg + vl - 1) / vl * vl;
  const int64_t first = block * width, channels = least(width, fg - first);
  const int vectors = static_cast<int>((channels + vl - 1) / vl);
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  Block b = {a, p, tiles[vectors - 1], {}, channels, vectors};
  b.tile.x = source.x, b.tile.x_step = w.in_step * a.c, b.tile.run = p.run;
  b.tile.w = a.w + (group * a.packed_rows + p.k_begin) * padded + first * p.k_rows;
  b.tile.bias = a.bias ? a.bias + group * fg + first : nullptr;
  b.tile.y_step = w.out_step * a.f;
  b.tile.lanes = static_cast<int>(channels - (vectors - 1) * vl);
  b.tile.epilogue = epilogue_of(a.activation);
  float* const plane = a.y + item.image * a.y_image + (d.out_start + item.plane * d.out_step) * a.y_plane +
                       w.out_start * a.f + group * fg + first;
  const Clip depth = clip(d, item.plane);
  // Where an item is an image and its outputs cost enough, the next image is fetched meanwhile. (Where they are cheap,
  // writing them is the bottleneck already.)
  const bool ahead = p.k_rows >= 128 && p.bands == 1 && d.count == 1 && group + block == 0 && item.image + 1 < a.n;
  for (int64_t r = item.row_begin; r < item.row_end; ++r) {
    b.tile.base =
        source.origin + item.plane * d.in_step * source.plane + r * h.in_step * source.row + group * (a.c / a.groups);
    b.tile.y = plane + (h.out_start + r * h.out_step) * a.y_row;
    b.tile.residual = a.residual != nullptr ? a.residual + (b.tile.y - a.y) : nullptr;
    if (ahead) {
      const int64_t row = least(r * h.in_step, a.in[1] - 1);
      fetch_ahead<false>(a.x + (item.image + 1) * a.x_image + row * a.x_row, a.x_row);
      fetch_ahead<true>(b.tile.y + a.y_image, a.y_row);
    }
    b.row(source, taps, depth, clip(h, r), r == h.count - 1 ? p.last_row : w.count);
  }
}

void run_item(const ConvArgs& a, const Item& item) {
  const ConvPhase& p = *item.phase;
  ConvTap* const memory = static_cast<ConvTap*>(a.scratch);
  Taps taps = {{memory, p.merged ? p.axis[2].taps > 0 : p.axis[2].taps}, {memory + a.max_taps, p.axis[2].taps}};
  Source source = {a.x, item.image * a.x_image, a.x_plane, a.x_row};
  if (a.copy) source = copy_band(a, item, reinterpret_cast<float*>(memory + 2 * a.max_taps));
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
