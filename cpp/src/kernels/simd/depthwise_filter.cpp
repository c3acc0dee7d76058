// Filter gradient of depthwise convolution and of convolution in small groups: vectors along the channels, the gradients of
// some taps in registers over a band of pixels.
#include "kernels/simd/depthwise_filter_tile.h"
#include "kernels/simd/depthwise_rows.h"
#include "kernels/simd/fetch_ahead.h"

namespace convcore::CC_ISA {

namespace {

using Tile = void (*)(const FilterRows&);

// How the taps are taken together: `rows` kernel rows of `taps` taps, `vectors` vectors of lanes. `single` takes one kernel
// row, for what is left over.
struct Shape {
  int rows, taps, vectors;
  Tile many, one, part;
};

constexpr int wide = registers >= 32 ? 2 : 1;

template <int RH, int KW, int S, int NV>
constexpr Shape shape() {
  return {RH, KW, NV, filter_rows<RH, KW, S, NV, true>, filter_rows<RH, KW, S, 1, true>, filter_rows<RH, KW, S, 1, false>};
}

const Shape three_rows_1 = shape<3, 3, 1, 1>(), three_rows_2 = shape<3, 3, 2, 1>(), row_3_1 = shape<1, 3, 1, 2>(),
            row_3_2 = shape<1, 3, 2, 2>(), row_5_1 = shape<1, 5, 1, wide>(), row_5_2 = shape<1, 5, 2, wide>(),
            row_7_1 = shape<1, 7, 1, 1>(), one_tap = shape<1, 1, 1, depthwise_filter_vectors>();

const Shape& find_shape(const DepthwiseFilterArgs& a) {
  const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
  if (!a.phase->dense || w.in_step > 2) return one_tap;
  const bool threes = d.taps * h.taps * a.terms % 3 == 0, step = w.in_step == 2;
  switch (w.taps) {
    case 3: return threes ? (step ? three_rows_2 : three_rows_1) : (step ? row_3_2 : row_3_1);
    case 5: return step ? row_5_2 : row_5_1;
    case 7: return step ? one_tap : row_7_1;
    default: return one_tap;
  }
}

// One band and the group of lanes from `lane` on.
struct Band {
  const DepthwiseFilterArgs& a;
  const Shape& shape;
  int64_t image, plane, row_begin, row_end;
  bool first;

  Band(const DepthwiseFilterArgs& args, const Shape& s, int64_t index, bool is_first) : a(args), shape(s), first(is_first) {
    const DepthwisePhase& p = *a.phase;
    row_begin = index % p.bands * p.band_rows, row_end = least(row_begin + p.band_rows, p.axis[1].count);
    index /= p.bands;
    plane = index % p.axis[0].count, image = index / p.axis[0].count;
  }

  // Copies what the band reads with every term in its lane; returns where (plane 0, row 0) would be.
  const float* copy_rows(int64_t lane, int64_t vectors) const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1];
    const int64_t term = vectors * vl, row = a.in[2] * a.terms * term;
    const int64_t plane0 = plane * d.in_step + d.offset[0];
    const int64_t row0 = most(0, row_begin * h.in_step + h.offset[0]);
    const int64_t row1 = least(a.in[1], (row_end - 1) * h.in_step + h.offset[h.taps - 1] + 1);
    for (int64_t v = 0; v < vectors; ++v) {
      const LaneMap map(lane + v * vl, a.lanes, a.lane_group, a.terms);
      for (int64_t t = 0; t < d.taps; ++t) {
        const int64_t z = plane * d.in_step + d.offset[t];
        if (z < 0 || z >= a.in[0]) continue;
        for (int64_t r = row0; r < row1; ++r)
          map.copy(a.x + image * a.x_image + z * a.x_plane + r * a.x_row, a.channels, a.in[2], a.terms,
                   a.scratch + ((z - plane0) * a.copy_rows + r - row0) * row + v * vl, term);
      }
    }
    return a.scratch - (plane0 * a.copy_rows + row0) * row;
  }

  void run(int64_t lane, int64_t vectors, float* dw, float* db) const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
    const int64_t column = a.copy ? a.terms * vectors * vl : a.channels;
    const int64_t x_row = a.copy ? a.in[2] * column : a.x_row, x_plane = a.copy ? a.copy_rows * x_row : a.x_plane;
    FilterRows t;
    t.x = a.copy ? copy_rows(lane, vectors) : a.x + image * a.x_image + lane;
    t.dy = a.dy + image * a.y_image + plane * a.y_plane + lane;
    t.row_begin = row_begin, t.row_end = row_end;
    t.x_row = h.in_step * x_row, t.dy_row = a.y_row;
    t.x_step = w.in_step * column, t.dy_step = a.lanes;
    t.tap_step = column, t.dw_step = a.terms * a.lanes;
    t.pixels = w.count, t.first = first;
    t.lanes = static_cast<int>(least(vl, a.lanes - lane));
    if (db != nullptr)
      for (int64_t v = 0; v < vectors; ++v) {
        FilterRows one = t;
        one.dy += v * vl, one.lanes = static_cast<int>(least(vl, a.lanes - lane - v * vl));
        (one.lanes == vl ? bias_rows<true> : bias_rows<false>)(one, db + lane + v * vl);
      }
    const Tile tile = vectors > 1 ? shape.many : t.lanes == vl ? shape.one : shape.part;
    int rows = 0;
    for (int64_t i = 0; i < d.taps; ++i)
      for (int64_t k = 0; k < h.taps; ++k)
        for (int64_t j = 0; j < a.terms; ++j)
          for (int64_t c = 0; c < w.taps; c += shape.taps) {
            const bool inside = plane >= d.begin[i] && plane < d.end[i];
            t.rows[rows++] = {(plane * d.in_step + d.offset[i]) * x_plane + h.offset[k] * x_row + w.offset[c] * column +
                                  (a.copy ? j * vectors * vl : 0),
                              inside ? h.begin[k] : 0, inside ? h.end[k] : 0,
                              dw + (((i * h.taps + k) * w.taps + c) * a.terms + j) * a.lanes + lane};
            if (rows < shape.rows) continue;
            t.begin = w.begin + c, t.end = w.end + c;
            tile(t), rows = 0;
          }
  }
};

Ahead fetch_band(const DepthwiseFilterArgs& a, const Band& band, int64_t lane, int64_t lanes, int64_t times) {
  const ConvAxis& h = a.phase->axis[1];
  const int64_t rows = band.row_end - band.row_begin, first = lane / a.lane_group * a.terms;
  const float* x = a.x + band.image * a.x_image + band.plane * a.phase->axis[0].in_step * a.x_plane;
  const float* dy = a.dy + band.image * a.y_image + band.plane * a.y_plane + band.row_begin * a.y_row;
  return {{x + band.row_begin * h.in_step * a.x_row + first, rows * h.in_step * a.in[2], a.channels,
           (lanes + a.lane_group - 1) / a.lane_group * a.terms},
          {dy + lane, rows * a.phase->axis[2].count, a.lanes, lanes},
          times};
}

void run_item(const DepthwiseFilterArgs& a, const Shape& shape, int64_t chunk, int64_t split) {
  const int64_t begin = a.bands * chunk / a.chunks, end = a.bands * (chunk + 1) / a.chunks;
  const int64_t blocks = (a.lanes + vl - 1) / vl, whole = a.lanes / vl;
  const int64_t first = blocks * split / a.splits, last = blocks * (split + 1) / a.splits;
  const int64_t times = (last - first + shape.vectors - 1) / shape.vectors;
  float* const dw = a.dw + chunk * a.chunk_floats;
  float* const db = a.db != nullptr ? a.db + chunk * a.chunk_floats : nullptr;
  for (int64_t b = begin; b < end; ++b) {
    const Band band(a, shape, b, b == begin);
    Ahead ahead = fetch_band(a, Band(a, shape, least(b + 1, end - 1), false), first * vl,
                             least(last * vl, a.lanes) - first * vl, times);
    for (int64_t block = first; block < last;) {
      if (b + 1 < end) ahead.fetch();
      const int64_t vectors = block + shape.vectors <= least(last, whole) ? shape.vectors : 1;
      band.run(block * vl, vectors, dw, db);
      block += vectors;
    }
  }
}

}  // namespace

void depthwise_filter(const DepthwiseFilterArgs& a, Range items) {
  const Shape& shape = find_shape(a);
  for (int64_t i = items.begin; i < items.end; ++i) run_item(a, shape, i / a.splits, i % a.splits);
}

}  // namespace convcore::CC_ISA
