// Rates of the machines that were measured, cautious ones: docs/performance.md.
#include "plan/cost.h"

#include <algorithm>

#include "base/cache.h"

namespace convcore {

double transfer_seconds(double bytes, double set, int threads) {
  const double l2 = 0.5 * static_cast<double>(cache_bytes(2)) * threads;
  // Other processes use the last level too, on large machines most of it.
  const double l3 = std::max(l2, std::min(0.5 * static_cast<double>(cache_bytes(3)), 16e6));
  const double near = std::min(1.0, l2 / set), cached = std::min(1.0, l3 / set);
  return bytes * (near / (85e9 * threads) + (cached - near) / (30e9 * threads) + (1 - cached) / (10e9 + 7e9 * threads));
}

std::vector<std::int64_t> divisors(std::int64_t images) {
  constexpr std::int64_t most = 1 << 16;
  std::vector<std::int64_t> found;
  for (std::int64_t size = 1; size <= most && size <= images / size; ++size) {
    if (images % size != 0) continue;
    found.push_back(size);
    if (size != images / size) found.push_back(images / size);
  }
  std::sort(found.begin(), found.end());
  return found;
}

double compute_seconds(const NodeView& view) {
  const OpDef& op = *view.node->op;
  return op.operations == nullptr ? 0 : op.operations(view) / (150e9 * view.settings.threads);
}

double overlapped(double memory, double compute) { return std::max(memory, compute) + 0.5 * std::min(memory, compute); }

double sliced_seconds(const Work& work, double slices, int threads) {
  const double memory = transfer_seconds(work.moved, work.moved / slices + work.weights, threads);
  // The weights have left the cache meanwhile.
  const double again = slices > 1 ? transfer_seconds(work.weights, 4 * work.weights, threads) : 0;
  return overlapped(memory, work.compute) + slices * (region_seconds + again);
}

}  // namespace convcore
