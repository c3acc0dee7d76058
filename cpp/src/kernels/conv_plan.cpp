// Turns a convolution problem into phases, bands and scratch sizes for the simd kernels.
#include "kernels/conv_plan.h"

#include <algorithm>

#include "base/buffer.h"
#include "base/shape.h"

namespace convcore {

namespace {

constexpr std::int64_t panel_bytes = 256 << 10;       // weights that stay in L2
constexpr std::int64_t band_bytes = 128 << 10;        // input of one band
constexpr std::int64_t large_band_bytes = 512 << 10;  // if several panels read it: it stays in L2 beside one

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// 1x1, stride 1, no padding: pixels are independent rows of a matrix.
bool is_matrix_product(const ConvShape& s) {
  for (int a = 0; a < 3; ++a)
    if (s.k[a] != 1 || s.stride[a] != 1 || s.pad[a] != 0 || s.in[a] != s.out[a]) return false;
  return true;
}

// A window as large as the input sees it whole: its taps are channels of one pixel.
void merge_full_window(ConvShape& s) {
  if (s.groups != 1) return;
  for (int a = 0; a < 3; ++a)
    if (s.k[a] != s.in[a] || s.out[a] != 1 || s.pad[a] != 0 || s.dilation[a] != 1) return;
  for (int a = 0; a < 3; ++a) s.c = checked_mul(s.c, s.k[a]), s.k[a] = s.in[a] = s.stride[a] = 1;
}

// All pixels in one image whose rows are whole tiles, at least `wanted` of them where there are enough; returns the pixels
// of the last row.
std::int64_t collapse(ConvShape& s, std::int64_t tile, std::int64_t wanted) {
  const std::int64_t total = s.n * s.in[0] * s.in[1] * s.in[2], tiles = ceil_div(total, tile);
  const std::int64_t rows = std::max<std::int64_t>(1, ceil_div(tiles, std::clamp<std::int64_t>(tiles / wanted, 1, 8)));
  const std::int64_t columns = std::max<std::int64_t>(1, ceil_div(total, rows));
  s.n = total > 0, s.in[0] = s.out[0] = 1;
  s.in[1] = s.out[1] = std::max<std::int64_t>(1, ceil_div(total, columns)), s.in[2] = s.out[2] = columns;
  return total - (s.in[1] - 1) * columns;
}

std::size_t round_up(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

// Multiply-adds in a nanosecond on one core, at about two thirds of what the ISA can do.
double macs_per_ns(const KernelTable& table) { return 4.0 * table.vector_width; }

double macs(const ConvShape& s) {
  double product = static_cast<double>(s.n) * static_cast<double>(s.c / s.groups) * static_cast<double>(s.f);
  for (int a = 0; a < 3; ++a) product *= static_cast<double>(s.out[a]) * static_cast<double>(s.k[a]);
  return product;
}

}  // namespace

ConvPlan::ConvPlan(const ConvShape& given, Pass pass, const Activation& activation, const KernelTable& table, int slots)
    : table_(table), slots_(slots) {
  ConvShape shape = given;
  nanoseconds_ = macs(shape) / macs_per_ns(table);
  std::int64_t last_row = 0;
  if (pass != Pass::transpose) merge_full_window(shape);
  if (is_matrix_product(shape)) {
    last_row = collapse(shape, tile().pixels, 4 * slots);
  }
  const bool forward = pass == Pass::forward;
  args_.n = shape.n, args_.groups = shape.groups, args_.activation = activation;
  args_.c = forward ? shape.c : shape.f, args_.f = forward ? shape.f : shape.c;
  const std::int64_t *in = forward ? shape.in : shape.out, *out = forward ? shape.out : shape.in;
  std::copy_n(in, 3, args_.in);
  args_.x_row = checked_mul(in[2], args_.c), args_.x_plane = checked_mul(in[1], args_.x_row);
  args_.x_image = checked_mul(in[0], args_.x_plane);
  args_.y_row = checked_mul(out[2], args_.f), args_.y_plane = checked_mul(out[1], args_.y_row);
  args_.y_image = checked_mul(out[0], args_.y_plane);
  pack_.c = shape.c, pack_.f = shape.f, pack_.groups = shape.groups, pack_.transposed = !forward;
  std::copy_n(shape.k, 3, pack_.k);
  build_phases(shape, pass);
  if (last_row > 0) phases_[0].last_row = last_row;
  pad_columns();
  cut_bands();
  size_scratch();
  args_.phases = pack_.phases = phases_.data();
  args_.phase_count = pack_.phase_count = static_cast<std::int64_t>(phases_.size());
  pack_.packed_rows = args_.packed_rows;
}

void ConvPlan::build_phases(const ConvShape& s, Pass pass) {
  if (pass == Pass::forward) return finish_phase({{axes_.forward(s, 0), axes_.forward(s, 1), axes_.forward(s, 2)}});
  for (std::int64_t d = 0; d < s.stride[0]; ++d)
    for (std::int64_t h = 0; h < s.stride[1]; ++h)
      for (std::int64_t w = 0; w < s.stride[2]; ++w)
        finish_phase({{axes_.gradient(s, 0, d), axes_.gradient(s, 1, h), axes_.gradient(s, 2, w)}});
}

void ConvPlan::finish_phase(ConvPhase p) {
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  if (d.count * h.count * w.count == 0) return;
  const std::int64_t cg = args_.c / args_.groups;
  p.merged = args_.groups == 1;
  for (std::int64_t t = 1; t < w.taps; ++t) p.merged &= w.offset[t] == w.offset[t - 1] + 1;
  p.run = p.merged ? w.taps * cg : cg;
  p.k_begin = args_.packed_rows;
  p.k_rows = checked_mul(checked_mul(d.taps, h.taps), checked_mul(w.taps, cg));
  p.last_row = w.count;
  args_.packed_rows += p.k_rows;
  args_.max_taps = std::max(args_.max_taps, d.taps * h.taps * w.taps);
  phases_.push_back(p);
}

// Rows and planes outside the image are skipped. Where taps reach beyond the ends of a row, the row is copied between zeros
// if taps are short; else its end tiles are clipped tap by tap.
void ConvPlan::pad_columns() {
  for (ConvPhase& p : phases_) {
    const ConvAxis& w = p.axis[2];
    p.interior_end = w.count;
    if (w.taps == 0) continue;
    args_.pad_left = std::max(args_.pad_left, -w.offset[0]);
    args_.pad_right = std::max(args_.pad_right, (w.count - 1) * w.in_step + w.offset[w.taps - 1] - (args_.in[2] - 1));
  }
  const bool inside = args_.pad_left <= 0 && args_.pad_right <= 0;
  args_.copy = !inside && args_.c / args_.groups < long_run;
  if (inside || args_.copy) return;
  for (ConvPhase& p : phases_) {
    const ConvAxis& w = p.axis[2];
    if (w.taps > 0) p.interior_begin = w.begin[0], p.interior_end = w.end[w.taps - 1];
  }
}

void ConvPlan::count_items() {
  args_.items = 0;
  for (ConvPhase& p : phases_) {
    p.band_rows = ceil_div(p.axis[1].count, p.bands), p.items_begin = args_.items;
    args_.items += ceil_div(args_.n, args_.band_images) * p.axis[0].count * p.bands * args_.splits;
  }
  args_.phases_together = equally_cut(phases_);
}

// Enough items for all slots, and as many for one as for the next: bands of rows, so that a slot finds in its cache what it
// wrote in the step before, or, where the weights are more than what is read and written, parts of the channels.
void ConvPlan::cut_bands() {
  const std::int64_t wanted = slots_ == 1 ? 1 : 4 * slots_;
  const std::int64_t fg = args_.f / args_.groups, blocks = ceil_div(fg, block_width());
  bool one_panel = true;
  for (ConvPhase& p : phases_) {
    p.panel_blocks =
        std::clamp<std::int64_t>(panel_bytes / (4 * block_width() * std::max<std::int64_t>(1, p.k_rows)), 1, blocks);
    one_panel &= p.panel_blocks == blocks;
  }
  const std::int64_t row_bytes = 4 * std::max<std::int64_t>(1, args_.x_row);
  const std::int64_t fit = std::max<std::int64_t>(1, (one_panel ? band_bytes : large_band_bytes) / row_bytes);
  for (ConvPhase& p : phases_) p.bands = ceil_div(p.axis[1].count, std::max<std::int64_t>(1, fit / p.axis[1].in_step));
  count_items();
  if (!one_panel && !args_.copy && phases_.size() == 1 && phases_[0].bands == 1 && phases_[0].axis[0].count == 1) {
    const std::int64_t most = std::max<std::int64_t>(1, args_.items / wanted);
    args_.band_images = std::clamp<std::int64_t>(fit / std::max<std::int64_t>(1, args_.in[1]), 1, most);
    count_items();
  }
  if (args_.items == 0 || args_.items >= 2 * wanted) return;
  const std::int64_t more = ceil_div(wanted, args_.items);
  const bool by_channels = more > 1 && args_.packed_rows * fg > args_.x_image + args_.y_image;
  if (by_channels) args_.splits = std::min(args_.groups * blocks, more);
  for (ConvPhase& p : phases_) {
    const std::int64_t others = ceil_div(args_.n, args_.band_images) * p.axis[0].count * args_.splits;
    std::int64_t bands = by_channels ? p.bands : p.bands * more;
    if (others % slots_ != 0) bands = ceil_div(bands, slots_) * slots_;
    p.bands = std::min(bands, p.axis[1].count);
  }
  count_items();
}

void ConvPlan::size_scratch() {
  if (args_.copy) {
    std::int64_t planes = 0;
    for (const ConvPhase& p : phases_) {
      const ConvAxis &d = p.axis[0], &h = p.axis[1];
      if (d.taps == 0 || h.taps == 0) continue;
      planes = std::max(planes, std::min(args_.in[0], d.offset[d.taps - 1] - d.offset[0] + 1));
      const std::int64_t rows = (p.band_rows - 1) * h.in_step + h.offset[h.taps - 1] - h.offset[0] + 1;
      args_.scratch_plane_rows = std::max(args_.scratch_plane_rows, std::min(args_.in[1], rows));
    }
    const std::int64_t row = checked_mul(args_.c, checked_add(args_.pad_left + args_.pad_right, args_.in[2]));
    args_.scratch_floats = checked_mul(planes, checked_mul(args_.scratch_plane_rows, row));
  }
  slot_bytes_ = round_up(2 * static_cast<std::size_t>(args_.max_taps) * sizeof(ConvTap) +
                         static_cast<std::size_t>(args_.scratch_floats) * sizeof(float));
}

std::size_t ConvPlan::packed_bytes() const {
  const std::int64_t vector = table_.vector_width;
  const std::int64_t padded = ceil_div(args_.f / args_.groups, vector) * vector;
  return static_cast<std::size_t>(checked_mul(checked_mul(args_.packed_rows, padded), args_.groups)) * sizeof(float);
}

void ConvPlan::pack(const float* w, float* packed) const {
  ConvPackArgs pack = pack_;
  pack.w = w, pack.packed = packed;
  const std::int64_t items = args_.groups * ceil_div(args_.f / args_.groups, block_width());
  const double bytes = static_cast<double>(packed_bytes()) / static_cast<double>(std::max<std::int64_t>(1, items));
  parallel_for(items, bytes * 0.1, [&](Range range) { table_.conv_pack(pack, range); });
}

void ConvPlan::run(const float* x, const float* packed, const float* bias, const float* residual, float* y, void* workspace,
                   std::int64_t whole_bytes) const {
  ConvArgs args = args_;
  args.x = x, args.w = packed, args.bias = bias, args.residual = residual, args.y = y;
  args.far = std::max(whole_bytes, 4 * args.n * args.y_image) > far_bytes;
  share_items(args.items, slots_, nanoseconds_, [&](std::int64_t slot, Range items) {
    ConvArgs mine = args;
    mine.scratch = static_cast<char*>(workspace) + static_cast<std::size_t>(slot) * slot_bytes_;
    table_.conv(mine, items);
  });
}

ConvShape summed_shape(const ConvShape& shape, FilterResult result) {
  ConvShape summed = shape;
  if (result == FilterResult::kernel_by_image) summed.n = std::min<std::int64_t>(shape.n, 1);
  return summed;
}

ConvFilterPlan::ConvFilterPlan(const ConvShape& shape, FilterResult result, const KernelTable& table, int slots)
    : forward_(summed_shape(shape, result), ConvPlan::Pass::forward, Activation{}, table, 1),
      table_(table),
      by_image_(result == FilterResult::kernel_by_image),
      images_(by_image_ ? shape.n : 1),
      slots_(slots) {
  const ConvShape given = summed_shape(shape, result);
  const ConvArgs& f = forward_.args_;
  nanoseconds_ = forward_.nanoseconds_;
  args_.phase = forward_.phases_.data();
  args_.n = f.n, args_.c = f.c, args_.f = f.f, args_.groups = f.groups;
  std::copy_n(f.in, 3, args_.in);
  args_.x_image = f.x_image, args_.x_plane = f.x_plane, args_.x_row = f.x_row;
  args_.y_image = f.y_image, args_.y_plane = f.y_plane, args_.y_row = f.y_row;
  args_.pad_left = std::max<std::int64_t>(f.pad_left, 0), args_.pad_right = std::max<std::int64_t>(f.pad_right, 0);
  result_floats_ = checked_mul(checked_mul(given.k[0], given.k[1]), checked_mul(given.k[2], given.c / given.groups));
  result_floats_ = checked_mul(result_floats_, given.f);
  args_.chunk_floats = result_floats_ + (result == FilterResult::kernel_and_bias ? given.f : 0);
  x_floats_ = checked_mul(checked_mul(given.in[0], given.in[1]), checked_mul(given.in[2], given.c));
  dy_floats_ = checked_mul(checked_mul(given.out[0], given.out[1]), checked_mul(given.out[2], given.f));
  if (forward_.phases_.empty() || args_.n == 0) return;
  choose_taps();
  cut_result();
  cut_bands();
  size_scratch();
}

}  // namespace convcore
