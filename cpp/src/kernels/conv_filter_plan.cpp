// Cuts the filter gradient into bands, chunks and parts of the result, by the problem's size alone.
#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "base/shape.h"
#include "kernels/conv_plan.h"

namespace convcore {

namespace {

constexpr std::int64_t band_bytes = 512 << 10;  // input and gradient of one band, of one part of the result
constexpr std::int64_t band_pixels = 256;  // enough of them for the result's tiles not to be loaded and stored too often
constexpr std::int64_t part_floats = 256;  // of a run, and filters, in one part of the result
constexpr std::int64_t partial_bytes = 8 << 20;  // all partial results together
constexpr std::int64_t chunk_pixels = 512;       // a shorter sum is not worth a partial result
constexpr std::int64_t most_parts = 16;
constexpr std::int64_t worth_panels = 8;  // tiles that read each element of a copy

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::size_t round_up(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

}  // namespace

// Short taps at the border are summed over a padded copy; long ones over only those pixels for which they are inside.
void ConvFilterPlan::choose_taps() {
  const ConvPhase& p = forward_.phases_[0];
  bool padded = false;
  for (const ConvAxis& axis : p.axis) padded |= axis.begin[0] > 0 || axis.end[axis.taps - 1] < axis.count;
  const std::int64_t cg = args_.c / args_.groups;
  const std::int64_t columns = p.axis[2].taps, all_taps = p.axis[0].taps * p.axis[1].taps * columns;
  const std::int64_t blocks = ceil_div(std::min(args_.f / args_.groups, part_floats), block_width());
  args_.copy = padded && cg < ConvPlan::long_run, args_.clipped = padded && !args_.copy;
  args_.x_panels = cg >= ConvPlan::long_run && all_taps * blocks >= worth_panels;
  args_.merged = p.merged && !args_.clipped && !args_.x_panels;
  args_.run = args_.merged ? p.run : cg;
  args_.taps = args_.merged ? all_taps / columns : all_taps;
  const std::int64_t tiles = args_.taps * ceil_div(std::min(args_.run, part_floats), conv_filter_rows(table_.registers));
  args_.dy_panels = args_.f > block_width() && tiles >= worth_panels;
}

// Parts of the result until there are enough items; a part's share of the band stays in L2.
void ConvFilterPlan::cut_result() {
  const ConvPhase& p = forward_.phases_[0];
  const std::int64_t pixels = args_.n * p.axis[0].count * p.axis[1].count * p.axis[2].count;
  const std::int64_t tiles = ceil_div(args_.run, conv_filter_rows(table_.registers));
  const std::int64_t blocks = ceil_div(args_.f / args_.groups, block_width());
  args_.chunks = by_image_ ? 1
                           : std::clamp<std::int64_t>(std::min(pixels / chunk_pixels, partial_bytes / (4 * result_floats_)),
                                                      1, most_parts);
  args_.run_parts = ceil_div(args_.run, part_floats), args_.filter_parts = ceil_div(args_.f / args_.groups, part_floats);
  // The input is copied for every part of the filters, the gradient for every part of the run.
  const double input = static_cast<double>(args_.in[0] * args_.in[1] * args_.in[2]) * static_cast<double>(args_.c);
  const double gradient = static_cast<double>(pixels / args_.n) * static_cast<double>(args_.f);
  while (2 * images_ * args_.chunks * args_.groups * args_.run_parts * args_.filter_parts <= most_parts) {
    const bool more_tiles = 2 * args_.run_parts <= tiles, more_blocks = 2 * args_.filter_parts <= blocks;
    if (!more_tiles && !more_blocks) break;
    const bool cheaper = input * static_cast<double>(args_.filter_parts) <= gradient * static_cast<double>(args_.run_parts);
    if (more_blocks && (cheaper || !more_tiles)) {
      args_.filter_parts *= 2;
    } else {
      args_.run_parts *= 2;
    }
  }
}

void ConvFilterPlan::cut_bands() {
  ConvPhase& p = forward_.phases_[0];
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  const std::int64_t x_pixel = args_.x_panels ? ceil_div(args_.run, args_.run_parts) : args_.c;
  const std::int64_t dy_pixel = std::min(args_.f, ceil_div(args_.f / args_.groups, args_.filter_parts));
  const std::int64_t row_bytes = 4 * (h.in_step * args_.in[2] * x_pixel + w.count * dy_pixel);
  const std::int64_t fit = std::max<std::int64_t>(1, std::min(band_bytes / row_bytes, ceil_div(band_pixels, w.count)));
  p.band_rows = ceil_div(h.count, ceil_div(h.count, fit)), p.bands = ceil_div(h.count, p.band_rows);
  args_.band_planes = p.bands > 1 ? 1 : std::clamp<std::int64_t>(fit / h.count, 1, args_.n * d.count);
  args_.bands = ceil_div(args_.n * d.count, args_.band_planes) * p.bands;
  args_.band_pixels = args_.band_planes * p.band_rows * w.count;
  args_.band_rows = args_.band_planes * p.band_rows;
  args_.chunks = std::min(args_.chunks, args_.bands);
  args_.items = args_.chunks * args_.groups * args_.run_parts * args_.filter_parts;
}

namespace {

// Elements of an axis that `outputs` outputs read.
std::int64_t span(const ConvAxis& axis, std::int64_t outputs) {
  return (outputs - 1) * axis.in_step + axis.offset[axis.taps - 1] - axis.offset[0] + 1;
}

}  // namespace

void ConvFilterPlan::size_scratch() {
  const ConvPhase& p = forward_.phases_[0];
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  std::int64_t pixel = args_.c;
  if (args_.copy) {
    args_.copy_rows = span(h, p.band_rows), args_.copy_columns = args_.pad_left + args_.in[2] + args_.pad_right;
  } else if (args_.x_panels) {
    args_.copy_rows = h.taps == 1 ? p.band_rows : std::min(args_.in[1], span(h, p.band_rows));
    args_.copy_columns = w.taps == 1 ? w.count : std::min(args_.in[2], span(w, w.count));
    const std::int64_t run = ceil_div(args_.run, args_.run_parts), tiles = ceil_div(run, conv_filter_rows(table_.registers));
    pixel = checked_mul(tiles, ceil_div(run, tiles));
    args_.x_floats = tiles * table_.vector_width;
  }
  const std::int64_t pixels =
      checked_mul(checked_mul(args_.band_planes, d.taps), checked_mul(args_.copy_rows, args_.copy_columns));
  args_.x_floats = checked_add(args_.x_floats, checked_mul(pixels, pixel));
  if (args_.dy_panels) {
    const std::int64_t blocks = ceil_div(ceil_div(args_.f / args_.groups, block_width()), args_.filter_parts);
    args_.dy_floats = checked_mul(args_.band_pixels, blocks * block_width());
  }
  const std::int64_t table = checked_mul(args_.band_rows, 3 * static_cast<std::int64_t>(sizeof(std::int64_t)));
  const std::int64_t floats = ceil_div(checked_add(args_.x_floats, args_.dy_floats), 2) * 2;  // the table is aligned to 8
  args_.x_floats = floats - args_.dy_floats;
  slot_bytes_ = round_up(static_cast<std::size_t>(checked_add(table, checked_mul(floats, sizeof(float)))));
}

std::size_t ConvFilterPlan::workspace_bytes() const {
  if (args_.bands == 0) return 0;
  const std::int64_t partials = args_.chunks == 1 ? 0 : args_.chunks * args_.chunk_floats;
  return round_up(static_cast<std::size_t>(partials) * sizeof(float)) + static_cast<std::size_t>(slots_) * slot_bytes_;
}

void ConvFilterPlan::run(const float* x, const float* dy, float* dw, float* db, void* workspace) const {
  if (args_.bands == 0) {
    std::memset(dw, 0, static_cast<std::size_t>(images_ * result_floats_) * sizeof(float));
    if (db != nullptr) std::memset(db, 0, static_cast<std::size_t>(args_.f) * sizeof(float));
    return;
  }
  ConvFilterArgs args = args_;
  const bool whole = args.chunks == 1;
  float* const partials = static_cast<float*>(workspace);
  args.x = x, args.dy = dy, args.dw = whole ? dw : partials;
  if (db != nullptr) args.db = whole ? db : partials + result_floats_;
  char* const scratch = static_cast<char*>(workspace) + (workspace_bytes() - static_cast<std::size_t>(slots_) * slot_bytes_);
  share_items(images_ * args.items, slots_, static_cast<double>(images_) * nanoseconds_,
              [&](std::int64_t slot, Range items) {
                ConvFilterArgs mine = args;
                mine.scratch = scratch + static_cast<std::size_t>(slot) * slot_bytes_;
                for_each_image(items, args.items, [&](std::int64_t image, Range part) {
                  mine.x = args.x + image * x_floats_, mine.dy = args.dy + image * dy_floats_,
                  mine.dw = args.dw + image * result_floats_;
                  table_.conv_filter(mine, part);
                });
              });
  if (whole) return;
  const SumPartsArgs sum = {args.dw, dw, args.chunks, args.chunk_floats};
  parallel_for(result_floats_, 0.05 * static_cast<double>(args.chunks), [&](Range range) { table_.sum_parts(sum, range); });
  if (db != nullptr) table_.sum_parts({args.db, db, args.chunks, args.chunk_floats}, {0, args.f});
}

}  // namespace convcore
