// Cuts a Winograd convolution into chunks of tiles that stay in a cache, and shares them among threads.
#include "kernels/winograd_plan.h"

#include <algorithm>

#include "base/buffer.h"
#include "base/shape.h"

namespace convcore {

namespace {

constexpr std::int64_t slot_floats = (256 << 10) / 4;  // of a slot's own chunk: a quarter of an L2
constexpr std::int64_t shared_floats = (8 << 20) / 4;  // of a chunk that all slots work on: a part of an L3
constexpr std::int64_t kept_weights = (12 << 20) / 4;  // packed weights that stay in an L3 and may be read for every chunk
constexpr std::int64_t near_weights = (4 << 20) / 4;   // packed weights that stay in or near an L2
constexpr std::int64_t product_floats = (576 << 10) / 4;  // of an item: its products stay in an L2
constexpr std::int64_t most_tiles = 64;                   // of an item
constexpr std::int64_t least_shared = 112;                // tiles of a shared chunk, for which weights are read once
constexpr std::int64_t late_weights = (1 << 20) / 4;  // packed weights that are worth transforming anew where tiles are few
constexpr std::int64_t late_tiles = 32;
// Below this much work a second thread gains less than the exchange of tiles, products and results between two caches costs.
constexpr double worth_sharing_ns = 20'000;
constexpr std::int64_t late_floats = (32 << 10) / 4;  // of weights and one row of what they become: both stay in L1

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Parts as equal as can be, of at most `most`.
std::int64_t even_part(std::int64_t total, std::int64_t most) {
  return std::max<std::int64_t>(1, ceil_div(total, std::max<std::int64_t>(1, ceil_div(total, most))));
}

// An odd number of cache lines: strides between taps that are powers of two would meet in one set of the caches.
std::int64_t odd_lines(std::int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

}  // namespace

WinogradPlan::WinogradPlan(const ConvShape& shape, Pass pass, WinogradTile tile, const Activation& activation,
                           const KernelTable& table, int slots)
    : table_(table), slots_(slots) {
  count_tiles(shape, pass, tile, activation);
  pack_.late = packed_floats() > late_weights && total_ <= late_tiles;
  cut(0);
}

WinogradPlan::WinogradPlan(const ConvShape& part, const WinogradPlan& whole, int slots)
    : table_(whole.table_), slots_(slots) {
  count_tiles(part, Pass::forward, whole.args_.tile, whole.args_.activation);
  pack_.late = whole.pack_.late;
  cut(whole.pack_.group);
}

void WinogradPlan::count_tiles(const ConvShape& s, Pass pass, WinogradTile tile, const Activation& activation) {
  const bool forward = pass == Pass::forward;
  args_.tile = pack_.tile = tile, args_.activation = activation;
  args_.c = pack_.c = forward ? s.c : s.f, args_.f = pack_.f = forward ? s.f : s.c;
  pack_.transposed = !forward;
  const int outputs[2] = {tile.height, tile.width};
  for (int a = 0; a < 2; ++a) {
    args_.in[a] = forward ? s.in[a + 1] : s.out[a + 1], args_.out[a] = forward ? s.out[a + 1] : s.in[a + 1];
    args_.pad[a] = forward ? s.pad[a + 1] : s.k[a + 1] - 1 - s.pad[a + 1];
    args_.tiles[a] = ceil_div(args_.out[a], outputs[a]);
  }
  total_ = checked_mul(s.n, checked_mul(args_.tiles[0], args_.tiles[1]));
  const double macs = static_cast<double>(tile.taps()) * static_cast<double>(args_.c) * static_cast<double>(args_.f);
  tile_ns_ = 1.4 * macs / (4.0 * table_.vector_width);
  if (tile_ns_ * static_cast<double>(total_) < worth_sharing_ns) slots_ = 1;
}

// Of the transformed weights, whole blocks of output channels.
std::int64_t WinogradPlan::packed_floats() const {
  const std::int64_t width = winograd_block_vectors * table_.vector_width;
  return checked_mul(checked_mul(args_.tile.taps(), args_.c), ceil_div(args_.f, width) * width);
}

std::int64_t WinogradPlan::groups() const {
  return ceil_div(args_.f, args_.group * winograd_block_vectors * table_.vector_width);
}

// Slots work apart, each on small chunks of its own, where there are chunks enough for all and the weights can be read anew
// for each. Else all transform one large chunk, then all multiply it. `group`: of weights packed already; 0: as suits.
void WinogradPlan::cut(std::int64_t group) {
  const std::int64_t taps = args_.tile.taps(), rows = winograd_rows(table_.registers), vector = table_.vector_width;
  const std::int64_t channels = ceil_div(args_.c, vector) * vector, width = winograd_block_vectors * vector;
  const std::int64_t blocks = ceil_div(args_.f, width), weights = packed_floats();
  const auto fitting = [&](std::int64_t floats) {
    return std::max(rows, floats / (taps * (channels + width)) / rows * rows);
  };
  const std::int64_t own = std::min(fitting(slot_floats), std::max(rows, total_ / (4 * slots_) / rows * rows));
  apart_ = !pack_.late && weights <= kept_weights && ceil_div(total_, own) >= 2 * slots_ &&
           (weights <= near_weights || total_ >= least_shared);
  chunk_ = even_part(total_, apart_ ? own : std::max(least_shared, fitting(shared_floats)));
  args_.block_tiles = even_part(chunk_, most_tiles);
  const std::int64_t most_blocks = apart_ ? std::min<std::int64_t>(2, blocks) : blocks;
  args_.group = std::clamp<std::int64_t>(product_floats / (taps * width * args_.block_tiles), 1, most_blocks);
  if (group > 0) args_.group = group;
  const auto few = [&] { return !apart_ && groups() * ceil_div(chunk_, args_.block_tiles) < 4 * slots_; };
  while (few() && group == 0 && args_.group > 1) args_.group = ceil_div(args_.group, 2);
  while (few() && !pack_.late && args_.block_tiles > rows)
    args_.block_tiles = even_part(chunk_, std::max(rows, args_.block_tiles / 2));
  pack_.group = args_.group;
  if (pack_.late) {
    const std::int64_t row = WinogradTile::taps_along(args_.tile.width);
    const std::int64_t fit = late_floats / ((weight_taps() + row) * width);
    args_.late_channels = fit < winograd_piece ? winograd_piece / 2 : fit / winograd_piece * winograd_piece;
    args_.late_tap = odd_lines(std::min(args_.late_channels, channels) * width);
    late_floats_ = row * args_.late_tap;
    if (fit < winograd_piece) args_.carry_tap = odd_lines(args_.block_tiles * width);
  }
  args_.v_tap = odd_lines(checked_mul(channels, chunk_)), args_.m_tap = odd_lines(args_.block_tiles * args_.group * width);
  v_floats_ = checked_add(checked_mul(taps, args_.v_tap), odd_lines(ceil_div(chunk_, sizeof(float))));
  m_floats_ = taps * (args_.m_tap + args_.carry_tap) + late_floats_;
}

// Numbers kept for a pair of channels.
std::int64_t WinogradPlan::weight_taps() const {
  if (!pack_.late) return args_.tile.taps();
  return WinogradTile::kernel_along(args_.tile.height) * WinogradTile::kernel_along(args_.tile.width);
}

std::size_t WinogradPlan::packed_bytes() const {
  const std::int64_t vector = table_.vector_width, filters = ceil_div(args_.f, vector) * vector;
  return sizeof(float) * static_cast<std::size_t>(checked_mul(checked_mul(weight_taps(), args_.c), filters));
}

std::size_t WinogradPlan::workspace_bytes() const {
  return sizeof(float) * static_cast<std::size_t>(apart_ ? checked_mul(slots_, checked_add(v_floats_, m_floats_))
                                                         : checked_add(v_floats_, checked_mul(slots_, m_floats_)));
}

void WinogradPlan::pack(const float* w, float* packed) const {
  WinogradPackArgs pack = pack_;
  pack.w = w, pack.u = packed;
  const std::int64_t vectors = ceil_div(pack.c, table_.vector_width);
  const double bytes = static_cast<double>(packed_bytes()) / static_cast<double>(std::max<std::int64_t>(1, vectors));
  parallel_for(vectors, bytes * 0.1, [&](Range range) { table_.winograd_pack(pack, range); });
}

// Behind the transformed input v.
bool* WinogradPlan::blank_of(float* v) const { return reinterpret_cast<bool*>(v + args_.tile.taps() * args_.v_tap); }

void WinogradPlan::run(const float* x, const float* packed, const float* bias, const float* residual, float* y,
                       void* workspace) const {
  WinogradArgs args = args_;
  args.x = x, args.u = packed, args.bias = bias, args.residual = residual, args.y = y;
  (this->*(apart_ ? &WinogradPlan::run_apart : &WinogradPlan::run_together))(args, static_cast<float*>(workspace));
}

void WinogradPlan::run_apart(const WinogradArgs& args, float* workspace) const {
  const std::int64_t vectors = ceil_div(args_.c, table_.vector_width), chunks = ceil_div(total_, chunk_);
  parallel_for(slots_, tile_ns_ * static_cast<double>(total_) / slots_, [&](Range slots) {
    for (std::int64_t slot = slots.begin; slot < slots.end; ++slot) {
      WinogradArgs mine = args;
      mine.v = workspace + slot * (v_floats_ + m_floats_), mine.m = mine.v + v_floats_;
      mine.blank = blank_of(mine.v);
      for (std::int64_t chunk = chunks * slot / slots_; chunk < chunks * (slot + 1) / slots_; ++chunk) {
        mine.first = chunk * chunk_, mine.count = std::min(chunk_, total_ - mine.first);
        table_.winograd_input(mine, {0, mine.count * vectors});
        table_.winograd_multiply(mine, {0, groups() * ceil_div(mine.count, mine.block_tiles)});
      }
    }
  });
}

void WinogradPlan::run_together(const WinogradArgs& args, float* workspace) const {
  const std::int64_t vectors = ceil_div(args_.c, table_.vector_width);
  WinogradArgs all = args;
  all.v = workspace, all.blank = blank_of(workspace);
  for (all.first = 0; all.first < total_; all.first += chunk_) {
    all.count = std::min(chunk_, total_ - all.first);
    const double transform_ns = 40.0 * static_cast<double>(args_.tile.taps()) / table_.vector_width;
    parallel_for(all.count * vectors, transform_ns, [&](Range range) { table_.winograd_input(all, range); });
    const std::int64_t items = groups() * ceil_div(all.count, all.block_tiles);
    parallel_for(slots_, tile_ns_ * static_cast<double>(all.count) / slots_, [&](Range slots) {
      for (std::int64_t slot = slots.begin; slot < slots.end; ++slot) {
        WinogradArgs mine = all;
        mine.m = workspace + v_floats_ + slot * m_floats_;
        mine.late = mine.m + args_.tile.taps() * args_.m_tap, mine.carry = mine.late + late_floats_;
        table_.winograd_multiply(mine, {items * slot / slots_, items * (slot + 1) / slots_});
      }
    });
  }
}

}  // namespace convcore
