// Depthwise convolution and convolution in small groups, forward and input gradient: vectors along the channels, tiles of
// several pixels in registers, rows read in place and clipped where they leave the image.
#include "kernels/simd/conv_rows.h"
#include "kernels/simd/depthwise_rows.h"
#include "kernels/simd/depthwise_tile.h"

namespace convcore::CC_ISA {

namespace {

constexpr int pixels_at_once = depthwise_tile_pixels;
constexpr int vectors_at_once = registers >= 32 ? 2 : 1;
// With AVX-512 a vector in part costs what a whole one does, and one function serves both.
#if defined(__AVX512F__)
constexpr bool one_is_whole = false;
#else
constexpr bool one_is_whole = true;
#endif

using TileFunction = void (*)(const DepthwiseTile&);

// By pixels; then one whole vector, one in part, two.
struct Tiles {
  TileFunction one[pixels_at_once], part[pixels_at_once], two[pixels_at_once];
};
#define CC_TILES(...)                                              \
  {__VA_ARGS__(1), __VA_ARGS__(2), __VA_ARGS__(3), __VA_ARGS__(4), \
   __VA_ARGS__(5), __VA_ARGS__(6), __VA_ARGS__(7), __VA_ARGS__(8)}

template <int KW, int S>
constexpr Tiles column_tiles() {
#define CC_ONE(P) columns_tile<KW, S, P, 1, one_is_whole>
#define CC_PART(P) columns_tile<KW, S, P, 1, false>
#define CC_TWO(P) columns_tile<KW, S, P, vectors_at_once, true>
  return {CC_TILES(CC_ONE), CC_TILES(CC_PART), CC_TILES(CC_TWO)};
#undef CC_ONE
#undef CC_PART
#undef CC_TWO
}

constexpr Tiles any_tiles() {
#define CC_ONE(P) taps_tile<P, 1, one_is_whole>
#define CC_PART(P) taps_tile<P, 1, false>
#define CC_TWO(P) taps_tile<P, vectors_at_once, true>
  return {CC_TILES(CC_ONE), CC_TILES(CC_PART), CC_TILES(CC_TWO)};
#undef CC_ONE
#undef CC_PART
#undef CC_TWO
}

const Tiles tiles_2_1 = column_tiles<2, 1>(), tiles_3_1 = column_tiles<3, 1>(), tiles_5_1 = column_tiles<5, 1>(),
            tiles_7_1 = column_tiles<7, 1>(), tiles_3_2 = column_tiles<3, 2>(), tiles_5_2 = column_tiles<5, 2>(),
            tiles_any = any_tiles();

const Tiles& find_tiles(const DepthwisePhase& p) {
  const ConvAxis& w = p.axis[2];
  if (!p.dense) return tiles_any;
  if (w.in_step == 1) {
    switch (w.taps) {
      case 2: return tiles_2_1;
      case 3: return tiles_3_1;
      case 5: return tiles_5_1;
      case 7: return tiles_7_1;
      default: return tiles_any;
    }
  }
  if (w.in_step == 2 && w.taps == 3) return tiles_3_2;
  if (w.in_step == 2 && w.taps == 5) return tiles_5_2;
  return tiles_any;
}

struct Item {
  const DepthwisePhase* phase;
  int64_t image, plane, row_begin, row_end, vector_begin, vector_end;
};

Item find_item(const DepthwiseArgs& a, int64_t index) {
  int64_t rest = index;
  const DepthwisePhase* const phase = find_phase(a, rest);
  Item item;
  item.phase = phase;
  item.vector_begin = rest % a.chunks * a.chunk, rest /= a.chunks;
  item.vector_end = least(item.vector_begin + a.chunk, (a.lanes + vl - 1) / vl);
  const int64_t rows = phase->axis[1].count, band = rest % phase->bands;
  item.row_begin = rows * band / phase->bands, item.row_end = rows * (band + 1) / phase->bands, rest /= phase->bands;
  item.plane = rest % phase->axis[0].count, item.image = rest / phase->axis[0].count;
  return item;
}

// Where one item's input is read: in the array itself, or in a copy that holds every term in its lane.
struct Source {
  const float* x;      // the item's first lane of (plane 0, row 0, column 0), which may lie before the memory there is
  int64_t plane, row;  // strides
  int64_t column, term;
};

Source copy_band(const DepthwiseArgs& a, const Item& item) {
  const ConvAxis &d = item.phase->axis[0], &h = item.phase->axis[1];
  const int64_t vectors = item.vector_end - item.vector_begin;
  const int64_t term = vectors * vl, column = a.terms * term, row = a.in[2] * column, plane = a.copy_rows * row;
  const Clip planes = clip(d, item.plane);
  const int64_t at = item.plane * d.in_step, plane0 = planes.first < planes.last ? at + d.offset[planes.first] : 0;
  const int64_t row0 = h.taps == 0 ? 0 : most(0, item.row_begin * h.in_step + h.offset[0]);
  const int64_t row1 = h.taps == 0 ? 0 : least(a.in[1], (item.row_end - 1) * h.in_step + h.offset[h.taps - 1] + 1);
  for (int64_t v = 0; v < vectors; ++v) {
    const LaneMap map((item.vector_begin + v) * vl, a.lanes, a.lane_group, a.terms);
    for (int64_t t = planes.first; t < planes.last; ++t)
      for (int64_t r = row0; r < row1; ++r) {
        const int64_t z = at + d.offset[t];
        map.copy(a.x + item.image * a.x_image + z * a.x_plane + r * a.x_row, a.channels, a.in[2], a.terms,
                 a.scratch + (z - plane0) * plane + (r - row0) * row + v * vl, term);
      }
  }
  return {a.scratch - plane0 * plane - row0 * row, plane, row, column, term};
}

// One item: all rows of a band for some vectors of lanes, segment by segment.
struct Band {
  const DepthwiseArgs& a;
  const Item& item;
  const Tiles& tiles;
  Source source;
  DepthwiseTile tile;
  RowTap rows[depthwise_most_rows];
  const float* below = nullptr;  // where the next output row's new input begins, for the vectors that come next

  Band(const DepthwiseArgs& args, const Item& it) : a(args), item(it), tiles(find_tiles(*it.phase)) {
    source = a.copy ? copy_band(a, item)
                    : Source{a.x + item.image * a.x_image + item.vector_begin * vl, a.x_plane, a.x_row, a.channels, 0};
    tile.rows = rows, tile.column = source.column, tile.w_block = a.w_block;
    tile.axis = &item.phase->axis[2], tile.y_step = item.phase->axis[2].out_step * a.lanes;
    tile.epilogue = epilogue_of(a.activation);
  }

  // The kernel rows of output row r that lie inside the image.
  void list_rows(int64_t r) {
    const DepthwisePhase& p = *item.phase;
    const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
    const Clip depth = clip(d, item.plane), height = clip(h, r);
    RowTap* row = rows;
    if (w.taps > 0)
      for (int64_t i = depth.first; i < depth.last; ++i)
        for (int64_t k = height.first; k < height.last; ++k)
          for (int64_t j = 0; j < a.terms; ++j)
            *row++ = {(item.plane * d.in_step + d.offset[i]) * source.plane + (r * h.in_step + h.offset[k]) * source.row +
                          j * source.term,
                      (((i * h.taps + k) * a.terms + j) * w.taps) * vl};
    tile.row_count = row - rows;
  }

  // `count` times `width` vectors of the tile's pixels; the tile moves on.
  void vectors(TileFunction function, int64_t size, int64_t count, int64_t width, int lanes) {
    tile.lanes = lanes;
    for (int64_t at_once = a.fetch ? 1 : count; count > 0; count -= at_once) {
      if (a.fetch) fetch_below(size, width * vl);
      tile.count = at_once;
      function(tile);
      const int64_t floats = at_once * width * vl;
      tile.x += floats, tile.y += floats, tile.w += at_once * width * a.w_block;
      if (tile.bias != nullptr) tile.bias += floats;
      if (tile.residual != nullptr) tile.residual += floats;
    }
  }

  // What the same vectors of the next output row will read anew. Rows are too long for the hardware to see the next, and a
  // tile's loads wait behind all that was asked for before: so it is fetched in portions, between the tiles.
  void fetch_below(int64_t size, int64_t floats) {
    const ConvAxis &h = item.phase->axis[1], &w = item.phase->axis[2];
    const float* row = below;
    for (int64_t i = 0; i < h.in_step; ++i, row += source.row)
      for (int64_t p = 0; p < size * w.in_step; ++p) fetch_ahead<false>(row + p * source.column, floats);
    below += floats;
  }

  // `size` pixels from the axis's element `first` on; y: the first pixel's first lane.
  void pixels(int64_t first, int64_t size, int64_t y) {
    tile.residual = a.residual != nullptr ? a.residual + y : nullptr;
    if (a.stream) return stream_pixels(a.y + y, first, size);
    pixels_to(a.y + y, first, size);
  }

  void stream_pixels(float* y, int64_t first, int64_t size) {
    alignas(64) float near[pixels_at_once * depthwise_most_streamed * vl];
    const int64_t lanes = (item.vector_end - item.vector_begin) * vl, y_step = tile.y_step;
    tile.y_step = lanes;
    pixels_to(near, first, size);
    for (int64_t p = 0; p < size; ++p, y += y_step)
      for (int64_t i = 0; i < lanes; i += vl) stream(y + i, load(near + p * lanes + i));
    tile.y_step = y_step;
  }

  void pixels_to(float* y, int64_t first, int64_t size) {
    const ConvAxis& w = item.phase->axis[2];
    const int64_t column = first * w.in_step + (w.taps > 0 ? w.offset[0] : 0);
    tile.first = first;
    const Tiles* by_size = &tiles;
    if (by_size != &tiles_any) {
      const int64_t end = a.in[2] - column, last = (size - 1) * w.in_step, columns = last + w.taps;
      const auto upto = [](int64_t n) { return (uint32_t{1} << n) - 1; };
      tile.inside = upto(most(0, least(columns, end))) & ~upto(least(columns, most(0, -column)));
      const uint32_t middle = upto(last + 1) & ~upto(w.taps - 1);
      if ((tile.inside & middle) != middle) by_size = &tiles_any;
    }
    const int64_t count = item.vector_end - item.vector_begin, lane0 = item.vector_begin * vl;
    const int64_t lanes = least(count * vl, a.lanes - lane0), whole = lanes / vl, pairs = whole / vectors_at_once;
    tile.x = source.x + column * source.column;
    tile.w = a.w + item.vector_begin * a.w_block + item.phase->w_begin * vl;
    tile.bias = a.bias != nullptr ? a.bias + lane0 : nullptr;
    tile.y = y;
    if (a.fetch && tile.row_count > 0) below = tile.x + rows[tile.row_count - 1].x + source.row;
    if (a.far)
      for (int64_t p = size; p < 2 * size; ++p) fetch_ahead<true>(y + p * tile.y_step, lanes);
    vectors(by_size->two[size - 1], size, pairs, vectors_at_once, vl);
    vectors(by_size->one[size - 1], size, whole - pairs * vectors_at_once, 1, vl);
    vectors(by_size->part[size - 1], size, lanes > whole * vl, 1, static_cast<int>(lanes - whole * vl));
    if (tile.epilogue.functions != nullptr) activate(y, size, tile.y_step, lanes, *tile.epilogue.functions);
  }

  void run() {
    const DepthwisePhase& p = *item.phase;
    const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
    const int64_t plane = item.image * a.y_image + (d.out_start + item.plane * d.out_step) * a.y_plane +
                          w.out_start * a.lanes + item.vector_begin * vl;
    const int64_t segments = (w.count + a.segment - 1) / a.segment, segment = (w.count + segments - 1) / segments;
    for (int64_t begin = 0; begin < w.count; begin += segment) {
      const int64_t end = least(begin + segment, w.count);
      for (int64_t r = item.row_begin; r < item.row_end; ++r) {
        list_rows(r);
        const int64_t y = plane + (h.out_start + r * h.out_step) * a.y_row;
        int64_t first = begin;
        for (int64_t left = (end - begin + pixels_at_once - 1) / pixels_at_once; left > 0; --left) {
          const int64_t size = (end - first + left - 1) / left;
          pixels(first, size, y + first * tile.y_step);
          first += size;
        }
      }
    }
  }
};

}  // namespace

void depthwise(const DepthwiseArgs& a, Range items) {
  for (int64_t i = items.begin; i < items.end; ++i) {
    const Item item = find_item(a, i);
    Band(a, item).run();
  }
  if (a.stream) finish_streams();
}

}  // namespace convcore::CC_ISA
