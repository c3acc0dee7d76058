// Filter gradient: register tiles of the result over bands of pixels that stay in the cache.
#include "kernels/simd/conv_filter_tile.h"
#include "kernels/simd/conv_rows.h"

namespace convcore::CC_ISA {

namespace {

constexpr int tile_rows = conv_tile_pixels(registers);
constexpr int most_taps = 4;  // taps in one tile, where a tap is too short to fill one
constexpr int short_run = tile_rows / 2;

using TileFunction = void (*)(const FilterTile&);

template <int T, int R, int NV>
constexpr TileFunction pick_tile() {
  if constexpr (T * R <= tile_rows) {
    return filter_tile<T, R, NV>;
  } else {
    return nullptr;
  }
}
#define CC_RUNS_7(T, NV)                                                                                             \
  pick_tile<T, 1, NV>(), pick_tile<T, 2, NV>(), pick_tile<T, 3, NV>(), pick_tile<T, 4, NV>(), pick_tile<T, 5, NV>(), \
      pick_tile<T, 6, NV>(), pick_tile<T, 7, NV>()
#define CC_RUNS_14(T, NV)                                                                                         \
  CC_RUNS_7(T, NV), pick_tile<T, 8, NV>(), pick_tile<T, 9, NV>(), pick_tile<T, 10, NV>(), pick_tile<T, 11, NV>(), \
      pick_tile<T, 12, NV>(), pick_tile<T, 13, NV>(), pick_tile<T, 14, NV>()
#define CC_TAPS(NV)                                                                      \
  {                                                                                      \
    {CC_RUNS_14(1, NV)}, {CC_RUNS_14(2, NV)}, {CC_RUNS_14(3, NV)}, { CC_RUNS_14(4, NV) } \
  }
const TileFunction tiles[conv_block_vectors][most_taps][14] = {CC_TAPS(1), CC_TAPS(2)};

// How the result is cut into tiles. A unit is one tile; units are numbered taps, group, block, run, the last fastest.
struct Units {
  int64_t blocks, tap_tiles, run_tiles, per_tap, count;
};

Units cut(const ConvFilterArgs& a) {
  const int64_t width = conv_block_vectors * vl;
  const int64_t together = a.clipped || a.run > short_run ? 1 : least(most_taps, tile_rows / a.run);
  Units u;
  u.blocks = (a.f / a.groups + width - 1) / width;
  u.tap_tiles = (a.taps + together - 1) / together;
  u.run_tiles = (a.run + tile_rows - 1) / tile_rows;
  u.per_tap = a.groups * u.blocks * u.run_tiles;
  u.count = u.tap_tiles * u.per_tap;
  return u;
}

// A tap by its place on each axis; a merged tap stands at its row's first element.
struct Tap {
  int64_t i[3];
};

Tap find_tap(const ConvFilterArgs& a, int64_t tap) {
  const ConvAxis &h = a.phase->axis[1], &w = a.phase->axis[2];
  const int64_t columns = a.merged ? 1 : w.taps;
  return {{tap / (columns * h.taps), tap / columns % h.taps, tap % columns}};
}

// One band of output pixels and the table that the tiles walk through.
struct Band {
  const ConvFilterArgs& a;
  Pixel* pixels;
  float* copies;
  int64_t first_plane, end_plane, first_row, end_row;
  int64_t count = 0;

  Band(const ConvFilterArgs& args, int64_t index) : a(args) {
    const ConvPhase& p = *a.phase;
    pixels = static_cast<Pixel*>(a.scratch), copies = reinterpret_cast<float*>(pixels + a.band_pixels);
    first_plane = index / p.bands * a.band_planes, end_plane = least(first_plane + a.band_planes, a.n * p.axis[0].count);
    first_row = index % p.bands * p.band_rows, end_row = least(first_row + p.band_rows, p.axis[1].count);
    if (a.copy) copy_input();
  }

  RowCopy row_copy() const { return {a.in[1], a.in[2], a.c, a.x_row, a.pad_left, a.pad_right}; }

  void copy_input() const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1];
    const RowCopy copy = row_copy();
    for (int64_t q = first_plane; q < end_plane; ++q)
      for (int64_t t = 0; t < d.taps; ++t) {
        const int64_t z = q % d.count * d.in_step + d.offset[t];
        const float* plane = z < 0 || z >= a.in[0] ? nullptr : a.x + q / d.count * a.x_image + z * a.x_plane;
        copy.run(plane, first_row * h.in_step + h.offset[0], a.copy_rows,
                 copies + (q - first_plane) * a.copy_floats + t * a.copy_rows * copy.row_floats());
      }
  }

  const float* x() const { return a.copy ? copies : a.x; }

  int64_t tap_offset(const Tap& tap) const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
    if (!a.copy) return d.offset[tap.i[0]] * a.x_plane + h.offset[tap.i[1]] * a.x_row + w.offset[tap.i[2]] * a.c;
    const int64_t row = row_copy().row_floats();
    return tap.i[0] * a.copy_rows * row + (h.offset[tap.i[1]] - h.offset[0]) * row + (a.pad_left + w.offset[tap.i[2]]) * a.c;
  }

  // Lists all pixels, or those for which `tap` is inside, whose offset is then part of the pixel's.
  void list(const Tap* tap) {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
    const int64_t row_begin = tap ? most(first_row, h.begin[tap->i[1]]) : first_row;
    const int64_t row_end = tap ? least(end_row, h.end[tap->i[1]]) : end_row;
    const int64_t begin = tap ? w.begin[tap->i[2]] : 0;
    const int64_t shift = tap ? tap_offset(*tap) : 0;
    count = 0;
    for (int64_t q = first_plane; q < end_plane; ++q) {
      const int64_t image = q / d.count, plane = q % d.count;
      if (tap && (plane < d.begin[tap->i[0]] || plane >= d.end[tap->i[0]])) continue;
      const int64_t x_plane = a.copy ? (q - first_plane) * a.copy_floats : image * a.x_image + plane * d.in_step * a.x_plane;
      for (int64_t r = row_begin; r < row_end; ++r) {
        const int64_t x =
            x_plane + (a.copy ? (r - first_row) * h.in_step * row_copy().row_floats() : r * h.in_step * a.x_row);
        const int64_t dy = image * a.y_image + plane * a.y_plane + r * a.y_row;
        const int64_t end = tap ? w.end[tap->i[2]] : r == h.count - 1 ? a.phase->last_row : w.count;
        for (int64_t i = begin; i < end; ++i) pixels[count++] = {x + shift + i * w.in_step * a.c, dy + i * a.f};
      }
    }
  }
};

void run_unit(const Band& band, const Units& u, int64_t unit, float* dw, bool first) {
  const ConvFilterArgs& a = band.a;
  const int64_t fg = a.f / a.groups, cg = a.c / a.groups;
  const int64_t run_tile = unit % u.run_tiles, block = unit / u.run_tiles % u.blocks;
  const int64_t group = unit / (u.run_tiles * u.blocks) % a.groups, tap_tile = unit / u.per_tap;
  const int64_t e = a.run * run_tile / u.run_tiles, size = a.run * (run_tile + 1) / u.run_tiles - e;
  const int64_t tap = a.taps * tap_tile / u.tap_tiles, taps = a.taps * (tap_tile + 1) / u.tap_tiles - tap;
  const int64_t f0 = block * conv_block_vectors * vl, filters = least(conv_block_vectors * vl, fg - f0);
  const int vectors = static_cast<int>((filters + vl - 1) / vl);
  FilterTile t;
  t.x = band.x() + group * cg + e;
  for (int64_t i = 0; i < taps; ++i) t.tap[i] = a.clipped ? 0 : band.tap_offset(find_tap(a, tap + i));
  t.dy = a.dy + group * fg + f0;
  t.dw = dw + (tap * a.run + e) * a.f + group * fg + f0;
  t.pixels = band.pixels, t.pixel_count = band.count;
  t.f = a.f, t.tap_step = a.run * a.f;
  t.lanes = static_cast<int>(filters - (vectors - 1) * vl);
  t.first = first;
  tiles[vectors - 1][taps - 1][size - 1](t);
}

void run_item(const ConvFilterArgs& a, const Units& u, int64_t chunk, int64_t split) {
  float* const dw = a.dw + chunk * a.result_floats;
  const int64_t begin = a.bands * chunk / a.chunks, end = a.bands * (chunk + 1) / a.chunks;
  const int64_t first = u.count * split / a.splits, last = u.count * (split + 1) / a.splits;
  for (int64_t b = begin; b < end; ++b) {
    Band band(a, b);
    if (!a.clipped) band.list(nullptr);
    for (int64_t unit = first; unit < last; ++unit) {
      if (a.clipped && (unit == first || unit % u.per_tap == 0)) {
        const Tap tap = find_tap(a, unit / u.per_tap);
        band.list(&tap);
      }
      run_unit(band, u, unit, dw, b == begin);
    }
  }
}

}  // namespace

void conv_filter(const ConvFilterArgs& a, Range items) {
  const Units u = cut(a);
  for (int64_t i = items.begin; i < items.end; ++i) run_item(a, u, i / a.splits, i % a.splits);
}

void sum_parts(const SumPartsArgs& a, Range elements) {
  for (int64_t i = elements.begin; i < elements.end; i += vl) {
    const int lanes = static_cast<int>(least(vl, elements.end - i));
    Vec sum = load_first(a.parts + i, lanes);
    for (int64_t p = 1; p < a.part_count; ++p) sum = sum + load_first(a.parts + p * a.count + i, lanes);
    store_first(a.y + i, sum, lanes);
  }
}

}  // namespace convcore::CC_ISA
