// Runs the bands of a group: each thread takes some of them through all steps of the group.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <numeric>

#include "base/share.h"
#include "runtime/frame.h"

namespace convcore {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

void Frame::run_bands(const Group& group, std::vector<double>* shares) {
  const Bands& bands = *group.bands;
  const auto per_image = static_cast<std::int64_t>(bands.bands.size());
  const std::size_t steps = group.end - group.first;
  std::mutex adding;
  if (shares != nullptr) shares->assign(steps, 0);
  std::ranges::fill(last_band_, -1);
  share_items(bands.images * per_image, bands.slots, bands.nanoseconds, [&](std::int64_t slot, Range range) {
    std::byte* const scratch = arena_ + bands.offset + static_cast<std::size_t>(slot) * bands.slot_bytes;
    std::vector<double> seconds(shares != nullptr ? steps : 0);
    std::int64_t& last = last_band_[static_cast<std::size_t>(slot)];
    for (std::int64_t i = range.begin; i < range.end; last = i++) {
      const Band& band = bands.bands[static_cast<std::size_t>(i % per_image)];
      const bool follows = i % per_image > 0 && last == i - 1 && !band.rest.empty();
      if (follows)
        for (const BandMove& move : band.moves) std::memmove(scratch + move.to, scratch + move.from, move.bytes);
      run_band(group, i / per_image, follows ? band.rest : band.alone, scratch,
               shares != nullptr ? seconds.data() : nullptr);
    }
    if (shares == nullptr) return;
    const std::lock_guard lock(adding);
    for (std::size_t s = 0; s < steps; ++s) (*shares)[s] += seconds[s];
  });
  if (shares == nullptr) return;
  const double sum = std::accumulate(shares->begin(), shares->end(), 1e-12);
  for (double& share : *shares) share /= sum;
}

void Frame::run_band(const Group& group, std::int64_t image, const std::vector<BandStep>& band, std::byte* scratch,
                     double* seconds) const {
  Clock::time_point last = seconds != nullptr ? Clock::now() : Clock::time_point{};
  for (std::size_t s = 0; s < band.size(); ++s) {
    const Call& whole = call(group.first + s);
    const BandStep& step = band[s];
    if (step.problem == nullptr) continue;
    const auto pointer = [&](const BandPlace& place, const void* outside) -> void* {
      std::byte* const base = place.inside ? scratch : static_cast<std::byte*>(const_cast<void*>(outside));
      return base == nullptr ? nullptr : base + place.offset + static_cast<std::size_t>(image) * place.image;
    };
    const void* in[most_band_inputs] = {};
    for (std::size_t i = 0; i < step.in.size(); ++i) in[i] = pointer(step.in[i], whole.in[i]);
    void* const out[] = {pointer(step.out, whole.out[0])};
    Call part;
    part.view = step.problem->view();
    part.in = {in, step.in.size()}, part.out = out;
    part.workspace = scratch + group.bands->workspace;
    part.packed = whole.packed, part.state = step.problem->prepared.state.get();
    steps_[group.first + s].run(part);
    if (seconds == nullptr) continue;
    const Clock::time_point now = Clock::now();
    seconds[s] += std::chrono::duration<double>(now - last).count();
    last = now;
  }
}

}  // namespace convcore
