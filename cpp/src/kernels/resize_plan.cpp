// Weights of resampling, and the blocks in which few channels are resampled.
#include "kernels/resize_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace convcore {

namespace {

constexpr std::int64_t few = 16;  // channels below which a vector of channels would be mostly empty

double radius_of(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::bicubic: return 2;
    case Interpolation::lanczos3: return 3;
    case Interpolation::lanczos5: return 5;
    case Interpolation::nearest:
    case Interpolation::bilinear: break;
  }
  return 1;
}

double keys(double x) {
  constexpr double a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

double kernel(Interpolation interpolation, double distance) {
  const double radius = radius_of(interpolation);
  if (distance >= radius) return 0;
  if (interpolation == Interpolation::bilinear) return 1 - distance;
  if (interpolation == Interpolation::bicubic) return keys(distance);
  const double angle = std::numbers::pi * distance;
  return distance < 1e-9 ? 1 : radius * std::sin(angle) * std::sin(angle / radius) / (angle * angle);
}

// The taps of one output before all outputs get the same number of them.
struct Row {
  std::int64_t first = 0;
  std::vector<double> weight;
};

Row taps_of(std::int64_t i, std::int64_t in, std::int64_t out, Interpolation interpolation, bool antialias) {
  if (interpolation == Interpolation::nearest) return {(2 * i + 1) * in / (2 * out), {1.0}};
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = antialias ? std::max(scale, 1.0) : 1.0;
  const double centre = (static_cast<double>(i) + 0.5) * scale - 0.5, reach = radius_of(interpolation) * stretch;
  auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(centre - reach)));
  const auto last = std::min<std::int64_t>(in - 1, static_cast<std::int64_t>(std::floor(centre + reach)));
  Row row;
  double total = 0;
  for (std::int64_t j = first; j <= last; ++j) {
    row.weight.push_back(kernel(interpolation, std::fabs(static_cast<double>(j) - centre) / stretch));
    total += row.weight.back();
  }
  while (row.weight.back() == 0) row.weight.pop_back();
  while (row.weight.front() == 0) row.weight.erase(row.weight.begin()), ++first;
  for (double& weight : row.weight) weight /= total;
  row.first = first;
  return row;
}

ResizeTaps table_of(std::int64_t in, std::int64_t out, const std::vector<Row>& rows) {
  ResizeTaps taps;
  taps.in = in, taps.out = out;
  for (const Row& row : rows) taps.taps = std::max(taps.taps, static_cast<std::int64_t>(row.weight.size()));
  taps.exact.assign(static_cast<std::size_t>(out * taps.taps), 0.0);
  for (std::int64_t i = 0; i < out; ++i) {
    const Row& row = rows[static_cast<std::size_t>(i)];
    const std::int64_t first = std::min(row.first, in - taps.taps);
    taps.first.push_back(static_cast<std::int32_t>(first));
    std::copy(row.weight.begin(), row.weight.end(), taps.exact.begin() + i * taps.taps + row.first - first);
  }
  taps.weight.assign(taps.exact.begin(), taps.exact.end());
  return taps;
}

}  // namespace

ResizeTaps resize_taps(std::int64_t in, std::int64_t out, Interpolation interpolation, bool antialias) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < out; ++i) rows.push_back(taps_of(i, in, out, interpolation, antialias));
  return table_of(in, out, rows);
}

ResizeTaps transposed(const ResizeTaps& taps) {
  std::vector<Row> rows(static_cast<std::size_t>(taps.in));
  for (std::int64_t i = 0; i < taps.out; ++i)
    for (std::int64_t t = 0; t < taps.taps; ++t) {
      const double weight = taps.exact[static_cast<std::size_t>(i * taps.taps + t)];
      if (weight == 0) continue;
      Row& row = rows[static_cast<std::size_t>(taps.first[static_cast<std::size_t>(i)] + t)];
      if (row.weight.empty()) row.first = i;
      row.weight.resize(static_cast<std::size_t>(i - row.first + 1));
      row.weight.back() = weight;
    }
  // an input that nothing reads stays in the order of its neighbours
  for (std::size_t j = 1; j < rows.size(); ++j)
    if (rows[j].weight.empty()) rows[j].first = rows[j - 1].first;
  return table_of(taps.out, taps.in, rows);
}

ResizePlan::ResizePlan(ResizeTaps rows, ResizeTaps columns, std::int64_t channels)
    : rows_(std::move(rows)), columns_(std::move(columns)), channels_(channels) {
  if (channels < few && columns_.taps * channels <= resize_scratch) make_blocks();
}

void ResizePlan::make_blocks() {
  std::int64_t begin = 0;
  for (std::int64_t i = 1; i <= columns_.out; ++i) {
    const auto at = [&](std::int64_t column) { return columns_.first[static_cast<std::size_t>(column)]; };
    if (i == columns_.out || (at(i) - at(begin) + columns_.taps) * channels_ > resize_scratch) {
      add_block(begin, i);
      begin = i;
    }
  }
  const std::size_t lanes = source_.size();
  lane_weight_.assign(lanes * static_cast<std::size_t>(columns_.taps), 0.0f);
  for (const ResizeBlock& block : blocks_)
    for (std::int64_t i = 0; i < block.columns * channels_; ++i)
      for (std::int64_t t = 0; t < columns_.taps; ++t)
        lane_weight_[static_cast<std::size_t>(t) * lanes + static_cast<std::size_t>(block.table + i)] =
            columns_.weight[static_cast<std::size_t>((block.first_out + i / channels_) * columns_.taps + t)];
}

void ResizePlan::add_block(std::int64_t first_out, std::int64_t end_out) {
  const std::int32_t first_in = columns_.first[static_cast<std::size_t>(first_out)];
  const std::int64_t last_in = columns_.first[static_cast<std::size_t>(end_out - 1)] + columns_.taps;
  blocks_.push_back({static_cast<std::int32_t>(first_out), static_cast<std::int32_t>(end_out - first_out), first_in,
                     static_cast<std::int32_t>(last_in - first_in), static_cast<std::int32_t>(source_.size())});
  for (std::int64_t column = first_out; column < end_out; ++column)
    for (std::int64_t c = 0; c < channels_; ++c)
      source_.push_back(
          static_cast<std::int32_t>((columns_.first[static_cast<std::size_t>(column)] - first_in) * channels_ + c));
  while (source_.size() % resize_lanes != 0) source_.push_back(0);
}

ResizeArgs ResizePlan::args() const {
  ResizeArgs args;
  args.c = channels_, args.rows = rows_.axis(), args.columns = columns_.axis();
  args.blocks = static_cast<std::int64_t>(blocks_.size()), args.lanes = static_cast<std::int64_t>(source_.size());
  args.block = blocks_.data(), args.source = source_.data(), args.lane_weight = lane_weight_.data();
  return args;
}

}  // namespace convcore
