// One band of the filter gradient: its copies in scratch memory, and the table of pixel rows that the register tiles walk
// through.
#pragma once

#include "kernels/simd/conv_filter_tile.h"
#include "kernels/simd/conv_rows.h"

namespace convcore::CC_ISA {

constexpr int64_t block_width = conv_filter_vectors * vl;

// `count` things in `parts` parts that differ by at most one.
struct Parts {
  int64_t parts, size, longer;  // the first `longer` parts have one more

  static Parts of(int64_t count, int64_t parts) { return {parts, count / parts, count % parts}; }
  int64_t begin(int64_t i) const { return i * size + least(i, longer); }
  int64_t count(int64_t i) const { return size + (i < longer); }
  int64_t most() const { return size + (longer > 0); }
};

// What an item computes: some elements of every tap's run, some filters.
struct FilterPart {
  int64_t channel;                // the group's first
  int64_t run_begin;              // element of a tap's run
  int64_t filter_begin, filters;  // counted through all groups
  Parts run;                      // in tiles
  bool bias;                      // this part adds up the bias gradient of its filters

  int64_t blocks() const { return (filters + block_width - 1) / block_width; }
};

// A tap by its place on each axis; a merged tap stands at its row's first element.
struct Tap {
  int64_t i[3];
};

// One axis of a copy to panels. An axis with one tap keeps only the elements that are read.
struct PanelAxis {
  int64_t first, stride, count;  // position p holds input element first + p*stride
  int64_t origin, step;          // output o starts at position o*step - origin, to which the tap's shift is added

  PanelAxis(const ConvAxis& axis, int64_t size, int64_t begin, int64_t end) {
    if (axis.taps == 1) {
      begin = most(begin, axis.begin[0]), end = most(begin, least(end, axis.end[0]));
      first = begin * axis.in_step + axis.offset[0], stride = axis.in_step, count = end - begin, origin = begin, step = 1;
    } else {
      first = most(0, begin * axis.in_step + axis.offset[0]), stride = 1, origin = first, step = axis.in_step;
      count = most(0, least(size, (end - 1) * axis.in_step + axis.offset[axis.taps - 1] + 1) - first);
    }
  }
  static int64_t shift(const ConvAxis& axis, int64_t tap) { return axis.taps == 1 ? 0 : axis.offset[tap]; }
};

struct Band {
  const ConvFilterArgs& a;
  const FilterPart& part;
  float *dy_copy, *x_copy;
  PixelRow* rows;
  int64_t first_plane, end_plane, first_row, end_row;
  int64_t count = 0;  // of rows

  Band(const ConvFilterArgs& args, const FilterPart& of, int64_t index) : a(args), part(of) {
    const ConvPhase& p = *a.phase;
    dy_copy = static_cast<float*>(a.scratch), x_copy = dy_copy + a.dy_floats;
    rows = reinterpret_cast<PixelRow*>(x_copy + a.x_floats);
    first_plane = index / p.bands * a.band_planes, end_plane = least(first_plane + a.band_planes, a.n * p.axis[0].count);
    first_row = index % p.bands * p.band_rows, end_row = least(first_row + p.band_rows, p.axis[1].count);
    if (a.copy) copy_input();
    if (a.x_panels) copy_input_panels();
    if (a.dy_panels) copy_gradient_panels();
  }

  int64_t last_columns(int64_t row) const {
    return row == a.phase->axis[1].count - 1 ? a.phase->last_row : a.phase->axis[2].count;
  }
  const float* gradient_row(int64_t q, int64_t r) const {
    const int64_t planes = a.phase->axis[0].count;
    return a.dy + q / planes * a.y_image + q % planes * a.y_plane + r * a.y_row;
  }
  // The input plane that tap t of output plane q reads, or null.
  const float* input_plane(int64_t q, int64_t t) const {
    const ConvAxis& d = a.phase->axis[0];
    const int64_t z = q % d.count * d.in_step + d.offset[t];
    return z < 0 || z >= a.in[0] ? nullptr : a.x + q / d.count * a.x_image + z * a.x_plane;
  }

  RowCopy row_copy() const { return {a.in[1], a.in[2], a.c, a.x_row, a.pad_left, a.pad_right}; }

  void copy_input() const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1];
    const RowCopy copy = row_copy();
    float* out = x_copy;
    for (int64_t q = first_plane; q < end_plane; ++q)
      for (int64_t t = 0; t < d.taps; ++t, out += a.copy_rows * copy.row_floats())
        copy.run(input_plane(q, t), first_row * h.in_step + h.offset[0], a.copy_rows, out);
  }

  PanelAxis panel_rows() const { return {a.phase->axis[1], a.in[1], first_row, end_row}; }
  PanelAxis panel_columns() const { return {a.phase->axis[2], a.in[2], 0, a.phase->axis[2].count}; }
  int64_t plane_pixels() const { return a.copy_rows * a.copy_columns; }  // of a panel
  // A vector is stored for every pixel, over what the next one will bring: the last one needs room.
  int64_t panel_floats() const { return a.band_planes * a.phase->axis[0].taps * plane_pixels() * part.run.most() + vl; }

  void copy_input_panels() const {
    const ConvAxis& d = a.phase->axis[0];
    const PanelAxis rows = panel_rows();
    PanelAxis columns = panel_columns();
    const int64_t all_columns = columns.count, last_row = a.phase->last_row;
    const int64_t width = part.run.most();
    float* out = x_copy;
    for (int64_t q = first_plane; q < end_plane; ++q)
      for (int64_t t = 0; t < d.taps; ++t, out += plane_pixels() * width) {
        const float* plane = input_plane(q, t);
        if (plane == nullptr) continue;
        for (int64_t r = 0; r < rows.count; ++r) {
          const int64_t row = rows.first + r * rows.stride;
          columns.count = row == a.in[1] - 1 && last_row < a.phase->axis[2].count ? last_row : all_columns;
          copy_row_to_panels(plane + row * a.x_row + columns.first * a.c + part.channel + part.run_begin, columns,
                             out + r * a.copy_columns * width);
        }
      }
  }

  // Pixel by pixel: what is read lies side by side.
  void copy_row_to_panels(const float* from, const PanelAxis& columns, float* out) const {
    const int64_t step = columns.stride * a.c, width = part.run.most(), panel = panel_floats();
    const int64_t inside = a.c - part.channel - part.run_begin;  // of the pixel: what a tile need not read may be read
    for (int64_t p = 0; p < columns.count; ++p, from += step, out += width) {
      float* to = out;
      for (int64_t i = 0, e = 0; i < part.run.parts; ++i, to += panel) {
        const int64_t end = e + part.run.count(i);
        for (int64_t v = e; v < end; v += vl) store(to + (v - e), load_up_to(from + v, inside - v));
        e = end;
      }
    }
  }

  // Any vector that begins inside, lanes beyond the end zero.
  static Vec load_up_to(const float* p, int64_t left) {
    return left >= vl ? load(p) : load_first(p, static_cast<int>(left));
  }

  void copy_gradient_panels() const {
    float* out = dy_copy;
    for (int64_t q = first_plane; q < end_plane; ++q)
      for (int64_t r = first_row; r < end_row; ++r) {
        const float* row = gradient_row(q, r) + part.filter_begin;
        const int64_t columns = last_columns(r);
        for (int64_t p = 0; p < columns; ++p)
          for (int64_t v = 0; v < part.filters; v += vl) {
            const int64_t block = v / block_width * block_width;
            store(out + block * a.band_pixels + p * block_width + (v - block),
                  load_up_to(row + p * a.f + v, part.filters - v));
          }
        out += columns * block_width;
      }
  }

  // Floats from pixel to pixel of a row, where tiles read them.
  int64_t gradient_step() const { return a.dy_panels ? block_width : a.f; }
  int64_t input_step() const { return layout().column_step; }

  // Where tile `i` of the run and block `b` of the filters find their input and their gradient.
  const float* x_of(int64_t i) const {
    if (a.x_panels) return x_copy + i * panel_floats();
    return (a.copy ? x_copy : a.x) + part.channel + part.run_begin + part.run.begin(i);
  }
  const float* dy_of(int64_t b) const {
    return a.dy_panels ? dy_copy + b * block_width * a.band_pixels : a.dy + part.filter_begin + b * block_width;
  }

  // Where tiles read the input: floats from image to image and from one output plane, row and pixel to the next (the steps),
  // from one input row and pixel to the next, and what stands at output 0 of image 0.
  struct Layout {
    int64_t image, plane, row, column, row_step, column_step, origin;
  };

  Layout layout() const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
    if (a.copy) {
      const int64_t row = row_copy().row_floats(), plane = a.copy_rows * row;
      return {d.count * d.taps * plane,
              d.taps * plane,
              row,
              a.c,
              h.in_step * row,
              w.in_step * a.c,
              -first_row * h.in_step * row - first_plane * d.taps * plane};
    }
    if (a.x_panels) {
      const PanelAxis rows = panel_rows(), columns = panel_columns();
      const int64_t pixel = part.run.most(), row = a.copy_columns * pixel, plane = a.copy_rows * row;
      return {d.count * d.taps * plane,
              d.taps * plane,
              row,
              pixel,
              rows.step * row,
              columns.step * pixel,
              -rows.origin * row - columns.origin * pixel - first_plane * d.taps * plane};
    }
    return {a.x_image, d.in_step * a.x_plane, a.x_row, a.c, h.in_step * a.x_row, w.in_step * a.c, 0};
  }

  int64_t tap_offset(const Tap& tap) const {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
    const Layout x = layout();
    if (a.copy)
      return tap.i[0] * a.copy_rows * x.row + (h.offset[tap.i[1]] - h.offset[0]) * x.row +
             (a.pad_left + w.offset[tap.i[2]]) * a.c;
    if (a.x_panels)
      return tap.i[0] * a.copy_rows * x.row + PanelAxis::shift(h, tap.i[1]) * x.row +
             PanelAxis::shift(w, tap.i[2]) * x.column;
    return d.offset[tap.i[0]] * a.x_plane + h.offset[tap.i[1]] * a.x_row + w.offset[tap.i[2]] * a.c;
  }

  // Lists all pixels, or those for which `tap` is inside, whose offset is then part of the row's.
  void list(const Tap* tap) {
    const ConvAxis &d = a.phase->axis[0], &h = a.phase->axis[1], &w = a.phase->axis[2];
    const int64_t row_begin = tap ? most(first_row, h.begin[tap->i[1]]) : first_row;
    const int64_t row_end = tap ? least(end_row, h.end[tap->i[1]]) : end_row;
    const int64_t begin = tap ? w.begin[tap->i[2]] : 0;
    const Layout x = layout();
    const int64_t origin = x.origin + (tap ? tap_offset(*tap) : 0) + begin * x.column_step;
    const int64_t dy_step = gradient_step();
    int64_t pixels_before = 0;
    count = 0;
    for (int64_t q = first_plane; q < end_plane; ++q) {
      const int64_t z = q % d.count;
      const bool outside = tap && (z < d.begin[tap->i[0]] || z >= d.end[tap->i[0]]);
      for (int64_t r = first_row; r < end_row; pixels_before += last_columns(r), ++r) {
        if (outside || r < row_begin || r >= row_end) continue;
        const int64_t dy = (a.dy_panels ? pixels_before * dy_step : gradient_row(q, r) - a.dy) + begin * dy_step;
        add_row({origin + q / d.count * x.image + z * x.plane + r * x.row_step, dy,
                 (tap ? w.end[tap->i[2]] : last_columns(r)) - begin});
      }
    }
  }

  // Rows without a gap between them are one.
  void add_row(const PixelRow& row) {
    if (count > 0) {
      PixelRow& last = rows[count - 1];
      if (last.x + last.count * input_step() == row.x && last.dy + last.count * gradient_step() == row.dy) {
        last.count += row.count;
        return;
      }
    }
    rows[count++] = row;
  }
};

}  // namespace convcore::CC_ISA
