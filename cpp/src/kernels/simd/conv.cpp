// Convolution forward and input gradient: register tiles over bands of rows, packed weights, bias and activation fused.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/conv_tile.h"

namespace convcore::CC_ISA {

namespace {

constexpr int tile_pixels = conv_tile_shape(vl, registers).pixels, block_vectors = conv_tile_shape(vl, registers).vectors;
constexpr int64_t block_width = block_vectors * vl;

using TileFunction = void (*)(const Tile&);

// Pixels of a tile whose sums come from memory: high tiles there are not worth their code.
constexpr int partial_pixels = tile_pixels < 7 ? tile_pixels : 7;

// By vectors of channels, then by pixels.
struct Tiles {
  TileFunction few[block_vectors][tile_pixels], many[block_vectors][tile_pixels], partial[block_vectors][partial_pixels];
};

template <int NV, int M>
constexpr void fill(Tiles& tiles) {
  tiles.few[NV - 1][M - 1] = conv_tile<M, NV, fused>;  // without fused products it gains 1 %
  tiles.many[NV - 1][M - 1] = conv_tile<M, NV, false>;
  if constexpr (M <= partial_pixels) tiles.partial[NV - 1][M - 1] = partial_tile<M, NV>;
  if constexpr (M > 1) fill<NV, M - 1>(tiles);
  if constexpr (M == 1 && NV > 1) fill<NV - 1, tile_pixels>(tiles);
}

constexpr Tiles all_tiles() {
  Tiles tiles = {};
  fill<block_vectors, tile_pixels>(tiles);
  return tiles;
}
constexpr Tiles tiles = all_tiles();

struct Item {
  const ConvPhase* phase;
  int64_t image, image_end, plane, row_begin, row_end, split;
};

Item find_item(const ConvArgs& a, int64_t index) {
  int64_t rest = index;
  const ConvPhase* const phase = find_phase(a, rest);
  Item item;
  item.phase = phase;
  const int64_t rows = phase->axis[1].count, images = (a.n + a.band_images - 1) / a.band_images;
  const int64_t band = rest % phase->bands;
  item.row_begin = rows * band / phase->bands, item.row_end = rows * (band + 1) / phase->bands, rest /= phase->bands;
  item.plane = rest % phase->axis[0].count, rest /= phase->axis[0].count;
  item.image = rest % images * a.band_images, item.split = rest / images;
  item.image_end = least(item.image + a.band_images, a.n);
  return item;
}

// Where the rows of one item are read: in the array itself, or in a padded copy.
struct Source {
  const float* x;
  int64_t origin;      // offset of (plane 0, row 0, column 0), which may lie before the array
  int64_t plane, row;  // strides
};

// The copy of what an item reads of its (only) image. `fill`: it is made now; else it was before.
Source copy_band(const ConvArgs& a, const Item& item, float* scratch, bool fill) {
  const ConvAxis &d = item.phase->axis[0], &h = item.phase->axis[1];
  const RowCopy copy = {a.in[1], a.in[2], a.c, a.x_row, a.pad_left, a.pad_right};
  const int64_t row = copy.row_floats(), plane = a.scratch_plane_rows * row;
  const Clip planes = clip(d, item.plane);
  const int64_t at = item.plane * d.in_step, plane0 = planes.first < planes.last ? at + d.offset[planes.first] : 0;
  const int64_t row0 = h.taps == 0 ? 0 : most(0, item.row_begin * h.in_step + h.offset[0]);
  const int64_t row1 = h.taps == 0 ? 0 : least(a.in[1], (item.row_end - 1) * h.in_step + h.offset[h.taps - 1] + 1);
  for (int64_t t = planes.first; fill && t < planes.last; ++t) {
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

// Some blocks of channels of one group, all but the last of full width. Their weights stay in L2 while pixels pass: the tile
// of a few pixels is computed for all blocks before the next, so that its input stays in L1 and its results are written in
// one piece.
struct Panel {
  int64_t first, channels;  // counted through the group

  int64_t full_blocks() const { return channels / block_width; }
  int64_t rest() const { return channels % block_width; }
  int rest_vectors() const { return static_cast<int>((rest() + vl - 1) / vl); }
  int rest_lanes() const { return static_cast<int>((rest() - 1) % vl + 1); }
};

// Pixels that lie a multiple of 4 KB apart fall into one set of an L1, which has 8 ways on many processors and 12 on others.
// For results that is worth lower tiles, which read weights more often, only if pixels are many: then the weights are near.
CC_INLINE int64_t tile_height(int64_t x_step, int64_t y_step, int64_t pixels) {
  constexpr int64_t set_floats = 1024, ways = 8, many = 5 * tile_pixels;
  const auto in_one_set = [](int64_t step) { return step != 0 && step % set_floats == 0; };
  const bool low = in_one_set(x_step) || (in_one_set(y_step) && pixels > many);
  return low ? least(tile_pixels, ways - 1) : tile_pixels;
}

// One image of an item, and one panel.
struct Image {
  const ConvArgs& a;
  const ConvPhase& p;
  const Source& source;
  Taps& taps;
  Panel panel;
  int64_t most_pixels;  // of a tile
  Tile tile;

  // f(tile, vectors) for the full blocks, then for the rest.
  template <class F>
  void for_blocks(F f) const {
    if (panel.full_blocks() == 0) return f(tile, panel.rest_vectors());
    f(tile, block_vectors);
    if (panel.rest() > 0) f(rest_tile(), panel.rest_vectors());
  }

  Tile rest_tile() const {
    Tile rest = tile;
    skip(rest, panel.channels - panel.rest());
    rest.blocks = 1, rest.lanes = panel.rest_lanes();
    return rest;
  }

  void skip(Tile& t, int64_t channels) const {
    t.w += channels * p.k_rows, t.y += channels;
    if (t.bias != nullptr) t.bias += channels;
    if (t.residual != nullptr) t.residual += channels;
  }

  // A tile at the end of a row: each column of taps is added to those of its pixels for which it lies inside the image.
  void edge_tile(const Tile& t, const TapList& list, int64_t begin, int64_t size, int vectors) const {
    alignas(sizeof(Vec)) Vec sums[tile_pixels * block_vectors];
    for (int64_t m = 0; m < size; ++m)
      for (int v = 0; v < vectors; ++v)
        sums[m * vectors + v] = t.bias == nullptr ? Vec{} : load_first(t.bias + v * vl, v == vectors - 1 ? t.lanes : vl);
    const ConvAxis& w = p.axis[2];
    Tile part = t;
    part.tap_count = list.rows, part.run = a.c / a.groups;
    for (int64_t tap = 0; tap < list.columns; ++tap) {
      part.taps = list.taps + tap * list.rows;
      const int64_t end = least(begin + size, w.end[tap]);
      for (int64_t first = most(begin, w.begin[tap]), count; first < end; first += count) {
        count = least(partial_pixels, end - first);
        part.base = t.base + (first - begin) * t.x_step;
        part.partial = sums + (first - begin) * vectors;
        tiles.partial[vectors - 1][count - 1](part);
      }
    }
    store_sums(t, sums, size, vectors);
  }

  static void store_sums(const Tile& t, const Vec* sums, int64_t size, int vectors) {
    for (int64_t m = 0; m < size; ++m)
      for (int v = 0; v < vectors; ++v) {
        const int64_t at = m * t.y_step + v * vl;
        const int lanes = v == vectors - 1 ? t.lanes : vl;
        Vec sum = sums[m * vectors + v];
        if (t.residual != nullptr) sum += load_first(t.residual + at, lanes);
        store_first(t.y + at, limited(sum, t.epilogue), lanes);
      }
  }

  void pixels(Clip depth, Clip height, int64_t begin, int64_t size) {
    const bool inside = begin >= p.interior_begin && begin + size <= p.interior_end;
    TapList& list = inside ? taps.inside : taps.edge;
    list.update(a, p, source, depth, height);
    if (inside) {
      tile.taps = list.taps, tile.tap_count = list.count();
      const auto& by_size = p.k_rows <= piece && tile.next == nullptr ? tiles.few : tiles.many;
      for_blocks([&](const Tile& t, int vectors) { by_size[vectors - 1][size - 1](t); });
    } else {
      for_blocks([&](Tile t, int vectors) {
        for (int64_t block = 0; block < t.blocks; ++block, skip(t, block_width)) edge_tile(t, list, begin, size, vectors);
      });
    }
    if (tile.epilogue.functions != nullptr) activate(tile.y, size, tile.y_step, panel.channels, *tile.epilogue.functions);
  }

  // Tiles of a row differ by at most one pixel, so none is much slower than the others.
  void row(Clip depth, Clip height, int64_t count) {
    int64_t begin = 0;
    for (int64_t left = (count + most_pixels - 1) / most_pixels; left > 0; --left) {
      const int64_t size = (count - begin + left - 1) / left;
      pixels(depth, height, begin, size);
      if (tile.next != nullptr) tile.next += tile.blocks * p.k_rows / 16 * tile.next_step;
      tile.base += size * tile.x_step, tile.y += size * tile.y_step, begin += size;
      if (tile.residual != nullptr) tile.residual += size * tile.y_step;
    }
  }
};

void run_panel(const ConvArgs& a, const Item& item, const Source& source, Taps& taps, int64_t group, Panel panel,
               bool first) {
  const ConvPhase& p = *item.phase;
  const int64_t fg = a.f / a.groups, padded = (fg + vl - 1) / vl * vl;
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  const int64_t rows = (item.image_end - item.image) * (item.row_end - item.row_begin);
  const int64_t height = tile_height(w.in_step * a.c, w.out_step * a.f, rows * w.count);
  const int64_t pixel_tiles = rows * ((w.count + height - 1) / height);
  Image image = {a, p, source, taps, panel, height, {}};
  Tile& tile = image.tile;
  tile.x = source.x, tile.x_step = w.in_step * a.c, tile.run = p.run;
  tile.w = a.w + (group * a.packed_rows + p.k_begin) * padded + panel.first * p.k_rows;
  tile.bias = a.bias ? a.bias + group * fg + panel.first : nullptr;
  tile.y_step = w.out_step * a.f;
  tile.epilogue = epilogue_of(a.activation);
  tile.blocks = most(1, panel.full_blocks()), tile.w_step = block_width * p.k_rows;
  tile.lanes = panel.full_blocks() > 0 ? vl : panel.rest_lanes();
  // Weights beyond an L2 for few tiles of pixels: the first tile of a panel would wait for them while the others do not.
  if (pixel_tiles >= 2 && pixel_tiles <= 8 && 4 * p.k_rows * fg > far_bytes && (p.run == p.k_rows || p.run % piece == 0))
    tile.next = tile.w + panel.channels * p.k_rows, tile.next_step = (block_width + pixel_tiles - 1) / pixel_tiles * 16;
  tile.far = a.far;
  float* const plane = a.y + item.image * a.y_image + (d.out_start + item.plane * d.out_step) * a.y_plane +
                       w.out_start * a.f + group * fg + panel.first;
  const Clip depth = clip(d, item.plane);
  // Where an item is an image and its outputs cost enough, the next image is fetched meanwhile. (Where they are cheap,
  // writing them is the bottleneck already.)
  const bool ahead = first && p.k_rows >= 128 && p.bands == 1 && d.count == 1 && item.image + 1 < a.n;
  for (int64_t r = item.row_begin; r < item.row_end; ++r) {
    tile.base =
        source.origin + item.plane * d.in_step * source.plane + r * h.in_step * source.row + group * (a.c / a.groups);
    tile.y = plane + (h.out_start + r * h.out_step) * a.y_row;
    tile.residual = a.residual != nullptr ? a.residual + (tile.y - a.y) : nullptr;
    if (ahead) {
      const int64_t row = least(r * h.in_step, a.in[1] - 1);
      fetch_ahead<false>(a.x + (item.image + 1) * a.x_image + row * a.x_row, a.x_row);
      fetch_ahead<true>(tile.y + a.y_image, a.y_row);
    }
    image.row(depth, clip(h, r), r == h.count - 1 ? p.last_row : w.count);
  }
}

// All images of an item for one panel before the next: its weights are read once.
void run_images(const ConvArgs& a, Item item, Taps& taps, int64_t group, Panel panel, bool first) {
  float* const copies = reinterpret_cast<float*>(taps.inside.taps + 2 * a.max_taps);
  for (; item.image < item.image_end; ++item.image) {
    Source source = {a.x, item.image * a.x_image, a.x_plane, a.x_row};
    if (a.copy) source = copy_band(a, item, copies, first);
    run_panel(a, item, source, taps, group, panel, first);
  }
}

void run_item(const ConvArgs& a, const Item& item) {
  const ConvPhase& p = *item.phase;
  ConvTap* const memory = static_cast<ConvTap*>(a.scratch);
  Taps taps = {{memory, p.merged ? p.axis[2].taps > 0 : p.axis[2].taps}, {memory + a.max_taps, p.axis[2].taps}};
  const int64_t fg = a.f / a.groups, blocks = (fg + block_width - 1) / block_width, all = a.groups * blocks;
  const int64_t begin = all * item.split / a.splits, end = all * (item.split + 1) / a.splits;
  for (int64_t b = begin; b < end;) {
    const int64_t group = b / blocks, block = b % blocks, count = least(least(p.panel_blocks, blocks - block), end - b);
    const int64_t first = block * block_width;
    run_images(a, item, taps, group, {first, least(count * block_width, fg - first)}, b == begin);
    b += count;
  }
}

}  // namespace

void conv(const ConvArgs& a, Range items) {
  for (int64_t i = items.begin; i < items.end; ++i) run_item(a, find_item(a, i));
}

}  // namespace convcore::CC_ISA
