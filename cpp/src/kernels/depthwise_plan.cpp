// Cuts depthwise convolutions into phases, bands, chunks of channels and segments of rows.
#include "kernels/depthwise_plan.h"

#include <algorithm>

#include "base/buffer.h"
#include "base/shape.h"

namespace convcore {

namespace {

constexpr std::int64_t l1_bytes = 24 << 10;   // input rows that a segment of output rows reads again
constexpr std::int64_t l2_bytes = 256 << 10;  // the same where input comes from memory, of which long stretches come faster
constexpr std::int64_t band_bytes = 256 << 10;   // input of one band, all channels
constexpr std::int64_t few_items = 8;            // fewer are hard to share evenly
constexpr std::int64_t copy_bytes = 128 << 10;   // of one band's copy
constexpr std::int64_t chunk_bytes = 1024;       // of one pixel, at least
constexpr std::int64_t stream_bytes = 32 << 20;  // of a result that no cache keeps for the next reader
constexpr std::int64_t fetch_bytes = 16 << 20;   // of an input that is fetched row by row ahead

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// The largest of equal parts of `count` that are at most `most`.
std::int64_t balanced(std::int64_t count, std::int64_t most) {
  return std::max<std::int64_t>(1, ceil_div(count, std::max<std::int64_t>(1, ceil_div(count, most))));
}

// In how many bands of about `most` rows to cut each of `planes`: as many for one slot as for the next.
std::int64_t cut_rows(std::int64_t rows, std::int64_t most, std::int64_t planes, std::int64_t slots) {
  const std::int64_t bands = ceil_div(rows, most);
  return planes % slots == 0 ? bands : std::min(ceil_div(bands, slots) * slots, rows);
}

// Input rows that one output row reads, gaps included.
std::int64_t reach(const ConvAxis& axis) { return axis.taps == 0 ? 0 : axis.offset[axis.taps - 1] - axis.offset[0] + 1; }

}  // namespace

DepthwisePlan::DepthwisePlan(const ConvShape& s, ConvPlan::Pass pass, const Activation& activation, const KernelTable& table,
                             int slots)
    : table_(table) {
  const bool forward = pass == ConvPlan::Pass::forward;
  const std::int64_t cg = s.c / s.groups, fg = s.f / s.groups;
  args_.n = s.n, args_.activation = activation;
  args_.channels = forward ? s.c : s.f, args_.lanes = forward ? s.f : s.c;
  args_.terms = forward ? cg : fg, args_.lane_group = forward ? fg : cg;
  args_.copy = cg != 1 || fg != 1;
  const std::int64_t *in = forward ? s.in : s.out, *out = forward ? s.out : s.in;
  std::copy_n(in, 3, args_.in);
  args_.x_row = checked_mul(in[2], args_.channels), args_.x_plane = checked_mul(in[1], args_.x_row);
  args_.x_image = checked_mul(in[0], args_.x_plane);
  args_.y_row = checked_mul(out[2], args_.lanes), args_.y_plane = checked_mul(out[1], args_.y_row);
  args_.y_image = checked_mul(out[0], args_.y_plane);
  pack_.lanes = args_.lanes, pack_.lane_group = args_.lane_group, pack_.terms = args_.terms;
  pack_.f = s.f, pack_.transposed = !forward;
  std::copy_n(s.k, 3, pack_.k);
  build_phases(s, forward);
  choose_blocks();
  count_items(slots);
  slots_ = args_.copy ? slots : 1;
  size_scratch();
  args_.phases = pack_.phases = phases_.data();
  args_.phase_count = pack_.phase_count = static_cast<std::int64_t>(phases_.size());
  args_.w_block = pack_.w_block = checked_mul(args_.w_block, table.vector_width);
}

std::int64_t DepthwisePlan::blocks() const { return ceil_div(args_.lanes, table_.vector_width); }

void DepthwisePlan::build_phases(const ConvShape& s, bool forward) {
  if (forward) return add_phase({{axes_.forward(s, 0), axes_.forward(s, 1), axes_.forward(s, 2)}});
  for (std::int64_t d = 0; d < s.stride[0]; ++d)
    for (std::int64_t h = 0; h < s.stride[1]; ++h)
      for (std::int64_t w = 0; w < s.stride[2]; ++w)
        add_phase({{axes_.gradient(s, 0, d), axes_.gradient(s, 1, h), axes_.gradient(s, 2, w)}});
}

void DepthwisePlan::add_phase(DepthwisePhase p) {
  const ConvAxis &d = p.axis[0], &h = p.axis[1], &w = p.axis[2];
  if (d.count * h.count * w.count == 0) return;
  p.dense = w.taps > 0 && reach(w) == w.taps;
  p.w_begin = args_.w_block;
  p.w_vectors = checked_mul(checked_mul(d.taps, h.taps), checked_mul(w.taps, args_.terms));
  args_.w_block += p.w_vectors;
  nanoseconds_ += depthwise_ns * static_cast<double>(p.w_vectors + 4) * static_cast<double>(d.count * h.count * w.count) *
                  static_cast<double>(args_.n * blocks());
  phases_.push_back(p);
}

// Chunks are as wide as lets the rows stay in L1 that one output row shares with the next; rows too long for that are done
// in segments.
void DepthwisePlan::choose_blocks() {
  std::int64_t rows = 1, step = 1, width = 1;
  for (const DepthwisePhase& p : phases_) {
    rows = std::max(rows, std::max<std::int64_t>(1, p.axis[0].taps) * (reach(p.axis[1]) + 1));
    step = std::max(step, p.axis[2].in_step), width = std::max(width, p.axis[2].count);
  }
  const std::int64_t vector = 4 * table_.vector_width, least = std::max<std::int64_t>(1, chunk_bytes / vector);
  const std::int64_t pixel = rows * vector * args_.terms;
  args_.chunk = balanced(blocks(), std::clamp<std::int64_t>(l1_bytes / (pixel * step * width), least, 4 * least));
  if (args_.copy) args_.chunk = std::min<std::int64_t>(args_.chunk, 2);
  args_.chunks = ceil_div(blocks(), args_.chunk);
  const std::int64_t tile = depthwise_tile_pixels;
  args_.stream = phases_.size() == 1 && phases_[0].axis[2].out_step == 1 && args_.lanes % table_.vector_width == 0 &&
                 args_.chunk <= depthwise_most_streamed && 4 * args_.n * args_.y_image >= stream_bytes;
  const auto segment = [&](std::int64_t bytes) {
    return std::max(tile, bytes / (pixel * step * args_.chunk) / tile * tile);
  };
  args_.segment = segment(l1_bytes), far_segment_ = segment(l2_bytes);
}

void DepthwisePlan::count_items(std::int64_t slots) {
  const std::int64_t copied = 4 * args_.chunk * table_.vector_width * args_.terms * args_.in[2];
  const std::int64_t row_bytes = args_.copy ? copied : 4 * args_.x_row, limit = args_.copy ? copy_bytes : band_bytes;
  for (DepthwisePhase& p : phases_) {
    const std::int64_t all = args_.n * p.axis[0].count * p.axis[1].count * args_.chunks;
    const std::int64_t rows = std::min(limit / (std::max<std::int64_t>(1, row_bytes) * p.axis[1].in_step), all / few_items);
    const std::int64_t planes = args_.n * p.axis[0].count;
    // Few rows are not cut: the slots share their channels then, as those of the convolution before do.
    const bool by_channels = planes == 1 && args_.in[1] < 4 * slots && args_.chunks >= slots;
    p.bands = by_channels ? 1 : cut_rows(p.axis[1].count, std::max<std::int64_t>(rows, 4), planes, slots);
    p.band_rows = ceil_div(p.axis[1].count, p.bands), p.items_begin = args_.items;
    args_.items += args_.n * p.axis[0].count * p.bands * args_.chunks;
  }
  args_.phases_together = equally_cut(phases_);
}

void DepthwisePlan::size_scratch() {
  if (!args_.copy) return;
  std::int64_t planes = 0;
  for (const DepthwisePhase& p : phases_) {
    planes = std::max(planes, std::min(args_.in[0], reach(p.axis[0])));
    const std::int64_t rows = (p.band_rows - 1) * p.axis[1].in_step + reach(p.axis[1]);
    args_.copy_rows = std::max(args_.copy_rows, std::min(args_.in[1], rows));
  }
  const std::int64_t pixels = checked_mul(checked_mul(planes, args_.copy_rows), args_.in[2]);
  const std::int64_t floats = checked_mul(checked_mul(pixels, args_.terms), args_.chunk * table_.vector_width);
  slot_bytes_ = (static_cast<std::size_t>(floats) * sizeof(float) + alignment - 1) / alignment * alignment;
}

std::size_t DepthwisePlan::packed_bytes() const {
  return static_cast<std::size_t>(checked_mul(blocks(), args_.w_block)) * sizeof(float);
}

void DepthwisePlan::pack(const float* w, float* packed) const {
  DepthwisePackArgs pack = pack_;
  pack.w = w, pack.packed = packed;
  parallel_for(blocks(), static_cast<double>(pack.w_block), [&](Range range) { table_.depthwise_pack(pack, range); });
}

void DepthwisePlan::run(const float* x, const float* packed, const float* bias, const float* residual, float* y,
                        void* workspace, std::int64_t whole_bytes) const {
  DepthwiseArgs args = args_;
  args.x = x, args.w = packed, args.bias = bias, args.residual = residual, args.y = y;
  args.stream &= residual == nullptr && reinterpret_cast<std::uintptr_t>(y) % alignment == 0;
  // Of a slice, the step before has just made the input.
  args.fetch = !args.copy && whole_bytes == 0 && 4 * args_.n * args_.x_image > fetch_bytes;
  if (args.fetch) args.segment = far_segment_;
  args.far = !args.stream && std::max(whole_bytes, 4 * args_.n * args_.y_image) > far_bytes;
  if (!args.copy) {
    const double each = nanoseconds_ / static_cast<double>(std::max<std::int64_t>(1, args.items));
    return parallel_for(args.items, each, [&](Range items) { table_.depthwise(args, items); });
  }
  parallel_for(slots_, nanoseconds_ / slots_, [&](Range slots) {
    for (std::int64_t s = slots.begin; s < slots.end; ++s) {
      DepthwiseArgs mine = args;
      mine.scratch = reinterpret_cast<float*>(static_cast<char*>(workspace) + static_cast<std::size_t>(s) * slot_bytes_);
      table_.depthwise(mine, {args.items * s / slots_, args.items * (s + 1) / slots_});
    }
  });
}

}  // namespace convcore
