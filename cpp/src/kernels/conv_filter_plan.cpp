// Cuts the filter gradient into bands, chunks and parts of the result, by the problem's size alone.
#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "base/shape.h"
#include "kernels/conv_plan.h"

namespace convcore {

namespace {

constexpr std::int64_t band_bytes = 192 << 10;   // input and gradient of one band
constexpr std::int64_t partial_bytes = 8 << 20;  // all partial results together
constexpr std::int64_t chunk_pixels = 512;       // a shorter sum is not worth a partial result
constexpr std::int64_t most_parts = 16;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::size_t round_up(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

}  // namespace

// Short taps at the border are summed over a padded copy; long ones over only those pixels for which they are inside.
void ConvFilterPlan::choose_taps() {
  const ConvPhase& p = forward_.phases_[0];
  bool padded = false;
  for (const ConvAxis& axis : p.axis) padded |= axis.begin[0] > 0 || axis.end[axis.taps - 1] < axis.count;
  const std::int64_t cg = args_.c / args_.groups;
  args_.copy = padded && cg < ConvPlan::long_run, args_.clipped = padded && !args_.copy;
  args_.merged = p.merged && !args_.clipped;
  args_.run = args_.merged ? p.run : cg;
  args_.taps = p.axis[0].taps * p.axis[1].taps * (args_.merged ? 1 : p.axis[2].taps);
}

void ConvFilterPlan::cut_bands() {
  ConvPhase& p = forward_.phases_[0];
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  const std::int64_t row_bytes = 4 * (h.in_step * args_.x_row + w.count * args_.f);
  const std::int64_t fit = std::max<std::int64_t>(1, band_bytes / row_bytes);
  p.band_rows = ceil_div(h.count, ceil_div(h.count, fit)), p.bands = ceil_div(h.count, p.band_rows);
  args_.band_planes = p.bands > 1 ? 1 : std::clamp<std::int64_t>(fit / h.count, 1, args_.n * d.count);
  args_.bands = ceil_div(args_.n * d.count, args_.band_planes) * p.bands;
  args_.band_pixels = args_.band_planes * p.band_rows * w.count;

  const std::int64_t pixels = args_.n * d.count * h.count * w.count;
  args_.chunks = std::clamp<std::int64_t>(std::min(pixels / chunk_pixels, partial_bytes / (4 * result_floats_)), 1,
                                          std::min(args_.bands, most_parts));
  const std::int64_t width = conv_block_vectors * table_.vector_width;
  const std::int64_t tiles = args_.groups * ceil_div(args_.f / args_.groups, width) * args_.taps *
                             ceil_div(args_.run, conv_tile_pixels(table_.registers));
  args_.splits = std::clamp<std::int64_t>(ceil_div(most_parts, args_.chunks), 1, tiles);
}

void ConvFilterPlan::size_scratch() {
  const ConvPhase& p = forward_.phases_[0];
  const ConvAxis &d = p.axis[0], &h = p.axis[1];
  if (args_.copy) {
    args_.copy_rows = (p.band_rows - 1) * h.in_step + h.offset[h.taps - 1] - h.offset[0] + 1;
    const std::int64_t row = checked_mul(args_.c, args_.pad_left + args_.in[2] + args_.pad_right);
    args_.copy_floats = checked_mul(checked_mul(d.taps, args_.copy_rows), row);
  }
  const std::int64_t table = checked_mul(args_.band_pixels, 2 * static_cast<std::int64_t>(sizeof(std::int64_t)));
  const std::int64_t copies = checked_mul(args_.band_planes, checked_mul(args_.copy_floats, sizeof(float)));
  slot_bytes_ = round_up(static_cast<std::size_t>(checked_add(table, copies)));
}

std::size_t ConvFilterPlan::workspace_bytes() const {
  if (args_.bands == 0) return 0;
  const std::int64_t partials = args_.chunks == 1 ? 0 : args_.chunks * args_.chunk_floats;
  return round_up(static_cast<std::size_t>(partials) * sizeof(float)) + static_cast<std::size_t>(slots_) * slot_bytes_;
}

void ConvFilterPlan::run(const float* x, const float* dy, float* dw, float* db, void* workspace) const {
  if (args_.bands == 0) {
    std::memset(dw, 0, static_cast<std::size_t>(result_floats_) * sizeof(float));
    if (db != nullptr) std::memset(db, 0, static_cast<std::size_t>(args_.f) * sizeof(float));
    return;
  }
  ConvFilterArgs args = args_;
  const bool whole = args.chunks == 1;
  float* const partials = static_cast<float*>(workspace);
  args.x = x, args.dy = dy, args.dw = whole ? dw : partials;
  if (db != nullptr) args.db = whole ? db : partials + result_floats_;
  char* const scratch = static_cast<char*>(workspace) + (workspace_bytes() - static_cast<std::size_t>(slots_) * slot_bytes_);
  const std::int64_t items = args.chunks * args.splits;
  parallel_for(slots_, nanoseconds_ / slots_, [&](Range slots) {
    for (std::int64_t s = slots.begin; s < slots.end; ++s) {
      ConvFilterArgs mine = args;
      mine.scratch = scratch + static_cast<std::size_t>(s) * slot_bytes_;
      table_.conv_filter(mine, {items * s / slots_, items * (s + 1) / slots_});
    }
  });
  if (whole) return;
  const SumPartsArgs sum = {args.dw, dw, args.chunks, args.chunk_floats};
  parallel_for(result_floats_, 0.05 * static_cast<double>(args.chunks), [&](Range range) { table_.sum_parts(sum, range); });
  if (db != nullptr) table_.sum_parts({args.db, db, args.chunks, args.chunk_floats}, {0, args.f});
}

}  // namespace convcore
