// Cuts the filter gradient by Winograd into parts of the sum and chunks of tiles, by the problem's size alone.
#include "kernels/winograd_filter_plan.h"

#include <algorithm>

#include "base/shape.h"
#include "kernels/conv_plan.h"

namespace convcore {

namespace {

constexpr std::int64_t near_sums = (640 << 10) / 4;        // sums of a part that stay in an L2
constexpr std::int64_t near_chunk = (512 << 10) / 4;       // transformed tiles of a part beside them
constexpr std::int64_t shared_chunk = (8 << 20) / 4;       // transformed tiles that all threads work on: a part of an L3
constexpr std::int64_t most_parts = 16, part_tiles = 128;  // fewer tiles are not worth sums of their own
constexpr std::int64_t worth_apart = 4;                    // parts, to keep several threads busy

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// An odd number of cache lines: strides between taps that are powers of two would meet in one set of the caches.
std::int64_t odd_lines(std::int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

}  // namespace

WinogradFilterPlan::WinogradFilterPlan(const ConvShape& s, WinogradTile tile, bool with_bias, const KernelTable& table,
                                       int slots)
    : table_(table), slots_(slots) {
  WinogradArgs& in = input_;
  WinogradFilterArgs& a = filter_;
  in.tile = a.tile = tile, in.c = a.c = s.c, in.f = a.f = s.f, a.with_bias = with_bias;
  const int outputs[2] = {tile.height, tile.width};
  for (int i = 0; i < 2; ++i) {
    in.in[i] = s.in[i + 1], in.out[i] = a.out[i] = s.out[i + 1], in.pad[i] = s.pad[i + 1];
    in.tiles[i] = a.tiles[i] = ceil_div(s.out[i + 1], outputs[i]);
  }
  total_ = checked_mul(s.n, checked_mul(a.tiles[0], a.tiles[1]));
  vectors_c_ = ceil_div(s.c, table.vector_width), vectors_f_ = ceil_div(s.f, table.vector_width);
  cut();
}

void WinogradFilterPlan::cut() {
  WinogradFilterArgs& a = filter_;
  const std::int64_t taps = a.tile.taps(), vector = table_.vector_width, planes = taps + (a.with_bias ? 1 : 0);
  a.sums_tap = odd_lines(checked_mul(vectors_c_ * vector, vectors_f_ * vector));
  a.part_floats = checked_mul(planes, a.sums_tap);
  const std::int64_t tile_floats = taps * (vectors_c_ + vectors_f_) * vector;
  const std::int64_t parts = std::clamp<std::int64_t>(total_ / part_tiles, 1, most_parts);
  apart_ = a.part_floats <= near_sums && parts >= worth_apart;
  a.parts = apart_ ? parts : 1;
  const std::int64_t tiles = ceil_div(total_, a.parts);
  const std::int64_t most = std::max<std::int64_t>(16, (apart_ ? near_chunk : shared_chunk) / tile_floats);
  chunk_ = std::max<std::int64_t>(1, ceil_div(tiles, ceil_div(tiles, most)));
  input_.v_tap = a.v_tap = odd_lines(checked_mul(vectors_c_ * vector, chunk_));
  a.d_tap = odd_lines(checked_mul(vectors_f_ * vector, chunk_));
  chunk_floats_ = checked_add(checked_mul(taps, a.v_tap), checked_mul(planes, a.d_tap));
}

std::size_t WinogradFilterPlan::workspace_bytes() const {
  const std::int64_t chunks = checked_mul(apart_ ? slots_ : 1, chunk_floats_);
  return sizeof(float) * static_cast<std::size_t>(checked_add(checked_mul(filter_.parts, filter_.part_floats), chunks));
}

void WinogradFilterPlan::run(const float* x, const float* dy, float* dw, float* db, float* workspace) const {
  Chunk all = {input_, filter_};
  all.input.x = x, all.filter.dy = dy, all.filter.dw = dw, all.filter.db = db, all.filter.sums = workspace;
  float* const scratch = workspace + filter_.parts * filter_.part_floats;
  all.input.v = scratch, all.filter.v = scratch, all.filter.d = scratch + filter_.tile.taps() * filter_.v_tap;
  apart_ ? run_apart(all, scratch) : run_together(all);
  const double nanoseconds =
      0.05 * static_cast<double>(filter_.parts * filter_.part_floats) / static_cast<double>(filter_.c);
  parallel_for(filter_.c + (db != nullptr ? 1 : 0), nanoseconds,
               [&](Range channels) { table_.winograd_filter_finish(all.filter, channels); });
}

// The tiles [first, end) of `all`.
WinogradFilterPlan::Chunk WinogradFilterPlan::chunk(const Chunk& all, std::int64_t first, std::int64_t end) const {
  Chunk c = all;
  c.input.first = c.filter.first = first, c.input.count = c.filter.count = end - first;
  return c;
}

void WinogradFilterPlan::run_apart(const Chunk& all, float* scratch) const {
  const std::int64_t taps = filter_.tile.taps(), parts = filter_.parts;
  const double macs = static_cast<double>(taps) * static_cast<double>(filter_.c) * static_cast<double>(filter_.f);
  const double nanoseconds = static_cast<double>(total_) * macs / (4.0 * table_.vector_width);
  share_items(parts, slots_, nanoseconds, [&](std::int64_t slot, Range mine) {
    for (std::int64_t part = mine.begin; part < mine.end; ++part) {
      const std::int64_t begin = total_ * part / parts, end = total_ * (part + 1) / parts;
      for (std::int64_t first = begin; first < end; first += chunk_) {
        Chunk c = chunk(all, first, std::min(end, first + chunk_));
        c.input.v = scratch + slot * chunk_floats_;
        c.filter.v = c.input.v, c.filter.d = c.input.v + taps * filter_.v_tap;
        c.filter.sums += part * filter_.part_floats, c.filter.add = first > begin;
        table_.winograd_input(c.input, {0, c.input.count * vectors_c_});
        table_.winograd_gradient(c.filter, {0, c.filter.count * vectors_f_});
        table_.winograd_filter(c.filter, {0, taps + (filter_.with_bias ? 1 : 0)});
      }
    }
  });
}

void WinogradFilterPlan::run_together(const Chunk& all) const {
  const std::int64_t taps = filter_.tile.taps();
  const double transform = 8.0 * static_cast<double>(taps) / table_.vector_width;
  for (std::int64_t first = 0; first < total_; first += chunk_) {
    Chunk c = chunk(all, first, std::min(total_, first + chunk_));
    c.filter.add = first > 0;
    const std::int64_t count = c.input.count;
    parallel_for(count * vectors_c_, transform, [&](Range items) { table_.winograd_input(c.input, items); });
    parallel_for(count * vectors_f_, transform, [&](Range items) { table_.winograd_gradient(c.filter, items); });
    const double tap = static_cast<double>(count * filter_.c * filter_.f) / (4.0 * table_.vector_width);
    parallel_for(taps + (filter_.with_bias ? 1 : 0), tap, [&](Range items) { table_.winograd_filter(c.filter, items); });
  }
}

}  // namespace convcore
