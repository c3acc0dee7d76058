// Filter gradient: register tiles of the result over bands of pixels that stay in the cache.
#include "kernels/simd/conv_filter_band.h"

namespace convcore::CC_ISA {

namespace {

constexpr int tile_rows = conv_filter_rows(registers);
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
const TileFunction tiles[conv_filter_vectors][most_taps][14] = {CC_TAPS(1), CC_TAPS(2)};

Tap find_tap(const ConvFilterArgs& a, int64_t tap) {
  const ConvAxis &h = a.phase->axis[1], &w = a.phase->axis[2];
  const int64_t columns = a.merged ? 1 : w.taps;
  return {{tap / (columns * h.taps), tap / columns % h.taps, tap % columns}};
}

FilterPart find_part(const ConvFilterArgs& a, int64_t index) {
  const int64_t fg = a.f / a.groups, cg = a.c / a.groups;
  const Parts run = Parts::of(a.run, a.run_parts), blocks = Parts::of((fg + block_width - 1) / block_width, a.filter_parts);
  const int64_t r = index % a.run_parts, f = index / a.run_parts % a.filter_parts;
  const int64_t group = index / (a.run_parts * a.filter_parts);
  const int64_t first = blocks.begin(f) * block_width, filters = least(blocks.count(f) * block_width, fg - first);
  return {group * cg,
          run.begin(r),
          group * fg + first,
          filters,
          Parts::of(run.count(r), (run.count(r) + tile_rows - 1) / tile_rows),
          r == 0};
}

// All tiles of `taps` taps from `tap` on.
void run_taps(const Band& band, int64_t tap, int64_t taps, float* dw, bool first) {
  const ConvFilterArgs& a = band.a;
  const FilterPart& part = band.part;
  FilterTile t;
  for (int64_t i = 0; i < taps; ++i) t.tap[i] = a.clipped ? 0 : band.tap_offset(find_tap(a, tap + i));
  t.rows = band.rows, t.row_count = band.count;
  t.x_step = band.input_step(), t.dy_step = band.gradient_step();
  t.f = a.f, t.tap_step = a.run * a.f, t.first = first;
  for (int64_t b = 0; b < part.blocks(); ++b) {
    const int64_t filters = least(block_width, part.filters - b * block_width);
    const int vectors = filters > vl ? 2 : 1;
    t.dy = band.dy_of(b), t.lanes = static_cast<int>(filters - (vectors - 1) * vl);
    for (int64_t i = 0; i < part.run.parts; ++i) {
      t.x = band.x_of(i);
      t.dw = dw + (tap * a.run + part.run_begin + part.run.begin(i)) * a.f + part.filter_begin + b * block_width;
      tiles[vectors - 1][taps - 1][part.run.count(i) - 1](t);
    }
  }
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
  const int64_t filters = band.part.filters;
  db += band.part.filter_begin;
  if (first) __builtin_memset(db, 0, static_cast<size_t>(filters) * 4);
  for (int64_t q = band.first_plane; q < band.end_plane; ++q)
    for (int64_t r = band.first_row; r < band.end_row; ++r) {
      const float* dy = band.gradient_row(q, r) + band.part.filter_begin;
      const int64_t pixels = band.last_columns(r);
      int64_t f = 0;
      for (; f + 2 * vl <= filters; f += 2 * vl) add_row<2>(dy + f, pixels, a.f, vl, db + f);
      for (; f < filters; f += vl) add_row<1>(dy + f, pixels, a.f, static_cast<int>(least(vl, filters - f)), db + f);
    }
}

void run_item(const ConvFilterArgs& a, int64_t chunk, const FilterPart& part) {
  float* const dw = a.dw + chunk * a.chunk_floats;
  const int64_t begin = a.bands * chunk / a.chunks, end = a.bands * (chunk + 1) / a.chunks;
  const int64_t together = a.clipped || a.run > short_run ? 1 : least(most_taps, tile_rows / a.run);
  const Parts taps = Parts::of(a.taps, (a.taps + together - 1) / together);
  for (int64_t b = begin; b < end; ++b) {
    Band band(a, part, b);
    if (a.db != nullptr && part.bias) add_bias_gradient(band, a.db + chunk * a.chunk_floats, b == begin);
    if (!a.clipped) band.list(nullptr);
    for (int64_t t = 0; t < taps.parts; ++t) {
      if (a.clipped) {
        const Tap tap = find_tap(a, taps.begin(t));
        band.list(&tap);
      }
      run_taps(band, taps.begin(t), taps.count(t), dw, b == begin);
    }
  }
}

}  // namespace

void conv_filter(const ConvFilterArgs& a, Range items) {
  const int64_t parts = a.items / a.chunks;
  for (int64_t i = items.begin; i < items.end; ++i) run_item(a, i / parts, find_part(a, i % parts));
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
