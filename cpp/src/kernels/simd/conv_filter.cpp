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

// How the result is cut into tiles. A unit is one tile; units are numbered group, block, taps, run fastest.
struct Units {
  int64_t blocks, tap_tiles, run_tiles, count;
};

Units cut(const ConvFilterArgs& a) {
  const int64_t run = a.phase->run, width = conv_block_vectors * vl;
  const int64_t together = run > short_run || run == 0 ? 1 : least(most_taps, tile_rows / run);
  Units u;
  u.blocks = (a.f / a.groups + width - 1) / width;
  u.tap_tiles = (a.taps + together - 1) / together;
  u.run_tiles = (run + tile_rows - 1) / tile_rows;
  u.count = a.groups * u.blocks * u.tap_tiles * u.run_tiles;
  return u;
}

// The rows of one band: where their gradients and their taps' inputs lie.
struct Band {
  FilterRow* rows;
  int64_t* offsets;
  float* zeros;
  float* copies;
  const float* x;
  int64_t count;
};

void add_row(const ConvFilterArgs& a, Band& band, const Source& source, Clip depth, int64_t image, int64_t plane,
             int64_t r) {
  const ConvPhase& p = *a.phase;
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  const int64_t columns = p.merged ? 1 : w.taps;
  const Clip height = clip(h, a.in[1], r);
  const int64_t base = source.x - band.x + source.origin + plane * d.in_step * source.plane + r * h.in_step * source.row;
  int64_t* offset = band.offsets + band.count * a.taps;
  for (int64_t i = 0; i < d.taps; ++i)
    for (int64_t j = 0; j < h.taps; ++j) {
      const bool inside = i >= depth.first && i < depth.last && j >= height.first && j < height.last;
      const int64_t row = base + d.offset[i] * source.plane + h.offset[j] * source.row;
      for (int64_t t = 0; t < columns; ++t) *offset++ = inside ? row + w.offset[t] * a.c : -1;
    }
  band.rows[band.count++] = {r == h.count - 1 ? p.last_row : w.count, image * a.y_image + plane * a.y_plane + r * a.y_row};
}

void fill_band(const ConvFilterArgs& a, Band& band, int64_t index) {
  const ConvPhase& p = *a.phase;
  const int64_t planes = p.axis[0].count, all_planes = a.n * planes;
  const int64_t begin = index / p.bands * a.band_planes, end = least(begin + a.band_planes, all_planes);
  const int64_t row_begin = index % p.bands * p.band_rows, row_end = least(row_begin + p.band_rows, p.axis[1].count);
  const bool copied = a.pad_left > 0 || a.pad_right > 0;
  band.x = copied ? band.copies : a.x;
  band.count = 0;
  for (int64_t i = begin; i < end; ++i) {
    const int64_t image = i / planes, plane = i % planes;
    Source source = {a.x, image * a.x_image, a.x_plane, a.x_row};
    if (copied) {
      const BandInput input = {a.x + image * a.x_image, a.in, a.c, a.x_plane, a.x_row, a.pad_left, a.pad_right,
                               a.scratch_plane_rows};
      source = copy_band(input, p, plane, row_begin, row_end, band.copies + (i - begin) * a.copy_floats);
    }
    const Clip depth = clip(p.axis[0], a.in[0], plane);
    for (int64_t r = row_begin; r < row_end; ++r) add_row(a, band, source, depth, image, plane, r);
  }
}

void run_unit(const ConvFilterArgs& a, const Band& band, const Units& u, int64_t unit, float* dw, bool first) {
  const int64_t run = a.phase->run, fg = a.f / a.groups, cg = a.c / a.groups;
  const int64_t run_tile = unit % u.run_tiles, tap_tile = unit / u.run_tiles % u.tap_tiles;
  const int64_t block = unit / (u.run_tiles * u.tap_tiles) % u.blocks, group = unit / (u.run_tiles * u.tap_tiles * u.blocks);
  const int64_t e = run * run_tile / u.run_tiles, size = run * (run_tile + 1) / u.run_tiles - e;
  const int64_t tap = a.taps * tap_tile / u.tap_tiles, taps = a.taps * (tap_tile + 1) / u.tap_tiles - tap;
  const int64_t f0 = block * conv_block_vectors * vl, filters = least(conv_block_vectors * vl, fg - f0);
  const int vectors = static_cast<int>((filters + vl - 1) / vl);
  FilterTile t;
  t.x = band.x + group * cg + e, t.zeros = band.zeros;
  t.dy = a.dy + group * fg + f0;
  t.dw = dw + (tap * run + e) * a.f + group * fg + f0;
  t.rows = band.rows, t.row_count = band.count;
  t.offsets = band.offsets + tap, t.taps = a.taps;
  t.x_step = a.phase->axis[2].in_step * a.c, t.f = a.f, t.tap_step = run * a.f;
  t.lanes = static_cast<int>(filters - (vectors - 1) * vl);
  t.first = first;
  tiles[vectors - 1][taps - 1][size - 1](t);
}

void run_item(const ConvFilterArgs& a, const Units& u, int64_t chunk, int64_t split) {
  Band band;
  band.rows = static_cast<FilterRow*>(a.scratch);
  band.offsets = reinterpret_cast<int64_t*>(band.rows + a.table_rows);
  band.zeros = reinterpret_cast<float*>(band.offsets + a.table_rows * a.taps);
  band.copies = band.zeros + a.zero_floats;
  __builtin_memset(band.zeros, 0, static_cast<size_t>(a.zero_floats) * 4);
  float* const dw = a.dw + chunk * a.phase->k_rows * a.f;
  const int64_t begin = a.bands * chunk / a.chunks, end = a.bands * (chunk + 1) / a.chunks;
  for (int64_t b = begin; b < end; ++b) {
    fill_band(a, band, b);
    for (int64_t i = u.count * split / a.splits; i < u.count * (split + 1) / a.splits; ++i)
      run_unit(a, band, u, i, dw, b == begin);
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
