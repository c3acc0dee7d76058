// Cuts the filter gradient of depthwise convolutions into bands, chunks and parts of the lanes, by the problem's size alone.
#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "base/shape.h"
#include "base/share.h"
#include "kernels/depthwise_plan.h"

namespace convcore {

namespace {

constexpr std::int64_t band_bytes = 256 << 10;    // input and gradient of one band, all channels
constexpr std::int64_t copy_bytes = 128 << 10;    // of one band's copy
constexpr std::int64_t partials_bytes = 4 << 20;  // all partial results together
constexpr std::int64_t chunk_pixels = 512;        // a shorter sum is not worth a partial result
constexpr std::int64_t most_parts = 16;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
std::size_t round_up(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

}  // namespace

DepthwiseFilterPlan::DepthwiseFilterPlan(const ConvShape& shape, FilterResult result, const KernelTable& table, int slots)
    : table_(table),
      phase_{{axes_.forward(shape, 0), axes_.forward(shape, 1), axes_.forward(shape, 2)}},
      by_image_(result == FilterResult::kernel_by_image),
      images_(by_image_ ? shape.n : 1) {
  const ConvShape s = summed_shape(shape, result);
  const ConvAxis& w = phase_.axis[2];
  phase_.dense = w.offset[w.taps - 1] - w.offset[0] + 1 == w.taps;
  args_.phase = &phase_;
  args_.n = s.n, args_.channels = s.c, args_.lanes = s.f;
  args_.terms = s.c / s.groups, args_.lane_group = s.f / s.groups;
  args_.copy = args_.terms != 1 || args_.lane_group != 1;
  std::copy_n(s.in, 3, args_.in);
  args_.x_row = checked_mul(s.in[2], s.c), args_.x_plane = checked_mul(s.in[1], args_.x_row);
  args_.x_image = checked_mul(s.in[0], args_.x_plane);
  args_.y_row = checked_mul(s.out[2], s.f), args_.y_plane = checked_mul(s.out[1], args_.y_row);
  args_.y_image = checked_mul(s.out[0], args_.y_plane);
  result_floats_ = checked_mul(checked_mul(s.k[0], s.k[1]), checked_mul(s.k[2], args_.terms));
  nanoseconds_ = depthwise_ns * static_cast<double>(result_floats_ + 4) *
                 static_cast<double>(s.n * s.out[0] * s.out[1] * s.out[2]) *
                 static_cast<double>(ceil_div(s.f, table.vector_width));
  result_floats_ = checked_mul(result_floats_, s.f);
  args_.chunk_floats = result_floats_ + (result == FilterResult::kernel_and_bias ? s.f : 0);
  if (s.n * args_.y_image == 0) return;
  cut(s);
  slots_ = args_.copy ? slots : 0;
}

void DepthwiseFilterPlan::cut(const ConvShape& s) {
  const ConvAxis &d = phase_.axis[0], &h = phase_.axis[1];
  const std::int64_t copied = 4 * depthwise_filter_vectors * table_.vector_width * args_.terms * s.in[2];
  const std::int64_t row_bytes = args_.copy ? h.in_step * copied : 4 * (h.in_step * args_.x_row + args_.y_row);
  const std::int64_t fit = std::max<std::int64_t>(4, (args_.copy ? copy_bytes : band_bytes) / row_bytes);
  phase_.band_rows = ceil_div(h.count, ceil_div(h.count, fit)), phase_.bands = ceil_div(h.count, phase_.band_rows);
  args_.bands = s.n * d.count * phase_.bands;
  const std::int64_t pixels = s.n * d.count * h.count * s.out[2];
  args_.chunks = by_image_ ? 1
                           : std::clamp<std::int64_t>(std::min(pixels / chunk_pixels, partials_bytes / (4 * result_floats_)),
                                                      1, std::min(args_.bands, most_parts));
  const std::int64_t blocks = ceil_div(s.f, table_.vector_width);
  args_.splits = std::clamp<std::int64_t>(ceil_div(most_parts, images_ * args_.chunks), 1, ceil_div(blocks, 2));
  if (!args_.copy) return;
  args_.copy_rows = std::min(s.in[1], (phase_.band_rows - 1) * h.in_step + h.offset[h.taps - 1] - h.offset[0] + 1);
  const std::int64_t planes = d.offset[d.taps - 1] - d.offset[0] + 1;
  const std::int64_t floats = checked_mul(checked_mul(planes, args_.copy_rows), copied / 4);
  slot_bytes_ = round_up(static_cast<std::size_t>(floats) * sizeof(float));
}

std::size_t DepthwiseFilterPlan::partial_bytes() const {
  return args_.chunks == 1 ? 0 : round_up(static_cast<std::size_t>(args_.chunks * args_.chunk_floats) * sizeof(float));
}

std::size_t DepthwiseFilterPlan::workspace_bytes() const {
  return partial_bytes() + static_cast<std::size_t>(slots_) * slot_bytes_;
}

void DepthwiseFilterPlan::run(const float* x, const float* dy, float* dw, float* db, void* workspace) const {
  if (args_.bands == 0) {
    std::memset(dw, 0, static_cast<std::size_t>(images_ * result_floats_) * sizeof(float));
    if (db != nullptr) std::memset(db, 0, static_cast<std::size_t>(args_.lanes) * sizeof(float));
    return;
  }
  DepthwiseFilterArgs args = args_;
  const bool whole = args.chunks == 1;
  float* const partials = static_cast<float*>(workspace);
  args.x = x, args.dy = dy, args.dw = whole ? dw : partials;
  if (db != nullptr) args.db = whole ? db : partials + result_floats_;
  const std::int64_t each = args.chunks * args.splits;
  char* const scratch = static_cast<char*>(workspace) + partial_bytes();
  const auto run_items = [&](std::int64_t slot, Range items) {
    DepthwiseFilterArgs mine = args;
    mine.scratch = reinterpret_cast<float*>(scratch + static_cast<std::size_t>(slot) * slot_bytes_);
    for_each_image(items, each, [&](std::int64_t image, Range part) {
      mine.x = args.x + image * args.x_image, mine.dy = args.dy + image * args.y_image;
      mine.dw = args.dw + image * result_floats_;
      table_.depthwise_filter(mine, part);
    });
  };
  const std::int64_t items = images_ * each;
  const double nanoseconds = static_cast<double>(images_) * nanoseconds_;
  if (slots_ > 0) {
    share_items(items, slots_, nanoseconds, run_items);
  } else {
    parallel_for(items, nanoseconds / static_cast<double>(items), [&](Range range) { run_items(0, range); });
  }
  if (whole) return;
  const SumPartsArgs sum = {args.dw, dw, args.chunks, args.chunk_floats};
  parallel_for(result_floats_, 0.05 * static_cast<double>(args.chunks), [&](Range range) { table_.sum_parts(sum, range); });
  if (db != nullptr) table_.sum_parts({args.db, db, args.chunks, args.chunk_floats}, {0, args.lanes});
}

}  // namespace convcore
