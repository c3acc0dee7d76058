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

// `count` things in `parts` parts that differ by at most one.
struct Parts {
  int64_t parts, size, longer;  // the first `longer` parts have one more

  static Parts of(int64_t count, int64_t parts) { return {parts, count / parts, count % parts}; }
  int64_t begin(int64_t i) const { return i * size + least(i, longer); }
  int64_t count(int64_t i) const { return size + (i < longer); }
};

// How the result is cut into tiles. A unit is one tile; units are numbered taps, group, block, run, the last fastest.
struct Units {
  Parts taps, run;
  int64_t groups, blocks;

  explicit Units(const ConvFilterArgs& a) : groups(a.groups) {
    const int64_t width = conv_block_vectors * vl;
    const int64_t together = a.clipped || a.run > short_run ? 1 : least(most_taps, tile_rows / a.run);
    taps = Parts::of(a.taps, (a.taps + together - 1) / together);
    run = Parts::of(a.run, (a.run + tile_rows - 1) / tile_rows);
    blocks = (a.f / a.groups + width - 1) / width;
  }
  int64_t count() const { return taps.parts * groups * blocks * run.parts; }
};

struct Unit {
  int64_t tap, group, block, run;

  Unit(const Units& u, int64_t index) {
    run = index % u.run.parts, index /= u.run.parts;
    block = index % u.blocks, index /= u.blocks;
    group = index % u.groups, tap = index / u.groups;
  }
  // True if the next unit has other taps.
  bool next(const Units& u) {
    if (++run < u.run.parts) return false;
    run = 0;
    if (++block < u.blocks) return false;
    block = 0;
    if (++group < u.groups) return false;
    group = 0, ++tap;
    return true;
  }
};

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

void run_unit(const Band& band, const Units& u, const Unit& unit, float* dw, bool first) {
  const ConvFilterArgs& a = band.a;
  const int64_t fg = a.f / a.groups, cg = a.c / a.groups;
  const int64_t e = u.run.begin(unit.run), tap = u.taps.begin(unit.tap), taps = u.taps.count(unit.tap);
  const int64_t f0 = unit.block * conv_block_vectors * vl, filters = least(conv_block_vectors * vl, fg - f0);
  const int vectors = filters > vl ? 2 : 1;
  FilterTile t;
  t.x = band.x() + unit.group * cg + e;
  for (int64_t i = 0; i < taps; ++i) t.tap[i] = a.clipped ? 0 : band.tap_offset(find_tap(a, tap + i));
  t.dy = a.dy + unit.group * fg + f0;
  t.dw = dw + (tap * a.run + e) * a.f + unit.group * fg + f0;
  t.pixels = band.pixels, t.pixel_count = band.count;
  t.f = a.f, t.tap_step = a.run * a.f;
  t.lanes = static_cast<int>(filters - (vectors - 1) * vl);
  t.first = first;
  tiles[vectors - 1][taps - 1][u.run.count(unit.run) - 1](t);
}

// db += the gradients of one row, `vectors` vectors of filters at a time. Four sums each, so that additions need not wait.
template <int NV>
void add_row(const float* dy, int64_t pixels, int64_t f, int lanes, float* db) {
  constexpr int sums = 4;
  Vec acc[sums][NV] = {};
  const auto add = [&](int s) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) acc[s][v] += v == NV - 1 ? load_lanes(dy + v * vl, lanes) : load(dy + v * vl);
    dy += f;
  };
  int64_t p = 0;
  for (; p + sums <= pixels; p += sums)
#pragma GCC unroll 4
    for (int s = 0; s < sums; ++s) add(s);
  for (; p < pixels; ++p) add(0);
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int n = v == NV - 1 ? lanes : vl;
    store_first(db + v * vl, load_first(db + v * vl, n) + ((acc[0][v] + acc[1][v]) + (acc[2][v] + acc[3][v])), n);
  }
}

void add_bias_gradient(const Band& band, float* db, bool first) {
  const ConvFilterArgs& a = band.a;
  const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
  if (first) __builtin_memset(db, 0, static_cast<size_t>(a.f) * 4);
  for (int64_t q = band.first_plane; q < band.end_plane; ++q)
    for (int64_t r = band.first_row; r < band.end_row; ++r) {
      const float* dy = a.dy + q / d.count * a.y_image + q % d.count * a.y_plane + r * a.y_row;
      const int64_t pixels = r == h.count - 1 ? a.phase->last_row : w.count;
      int64_t f = 0;
      for (; f + 2 * vl <= a.f; f += 2 * vl) add_row<2>(dy + f, pixels, a.f, vl, db + f);
      for (; f < a.f; f += vl) add_row<1>(dy + f, pixels, a.f, static_cast<int>(least(vl, a.f - f)), db + f);
    }
}

void run_item(const ConvFilterArgs& a, const Units& u, int64_t chunk, int64_t split) {
  float* const dw = a.dw + chunk * a.chunk_floats;
  const int64_t begin = a.bands * chunk / a.chunks, end = a.bands * (chunk + 1) / a.chunks;
  const int64_t first = u.count() * split / a.splits, count = u.count() * (split + 1) / a.splits - first;
  for (int64_t b = begin; b < end; ++b) {
    Band band(a, b);
    if (a.db != nullptr && split == 0) add_bias_gradient(band, a.db + chunk * a.chunk_floats, b == begin);
    if (!a.clipped) band.list(nullptr);
    Unit unit(u, first);
    bool other_tap = true;
    for (int64_t i = 0; i < count; ++i, other_tap = unit.next(u)) {
      if (a.clipped && other_tap) {
        const Tap tap = find_tap(a, unit.tap);
        band.list(&tap);
      }
      run_unit(band, u, unit, dw, b == begin);
    }
  }
}

}  // namespace

void conv_filter(const ConvFilterArgs& a, Range items) {
  const Units u(a);
  for (int64_t i = items.begin; i < items.end; ++i) run_item(a, u, i / a.splits, i % a.splits);
}

void sum_parts(const SumPartsArgs& a, Range elements) {
  for (int64_t i = elements.begin; i < elements.end; i += vl) {
    const int lanes = static_cast<int>(least(vl, elements.end - i));
    Vec sum = load_first(a.parts + i, lanes);
    for (int64_t p = 1; p < a.part_count; ++p) sum = sum + load_first(a.parts + p * a.stride + i, lanes);
    store_first(a.y + i, sum, lanes);
  }
}

}  // namespace convcore::CC_ISA
