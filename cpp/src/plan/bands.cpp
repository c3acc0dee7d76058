// Which steps run band by band, and in how many bands: the cheapest cover of the steps by groups, found by dynamic
// programming over what it costs to move values, to compute shared rows twice, and to meet after every step.
#include "plan/bands.h"

#include <algorithm>
#include <cmath>

#include "plan/band_maker.h"
#include "plan/cost.h"
#include "plan/row_map.h"

namespace convcore {

namespace {

constexpr std::size_t longest_group = 16;
constexpr double call_seconds = 0.2e-6;  // that each step of each band costs beside its work
constexpr double between = 0.05;         // of a step's time: waiting for the slowest thread, starting on what others wrote
constexpr double worth_it = 0.97;        // of the time without bands, at most
constexpr double impossible = 1e30;

class Cutter {
 public:
  Cutter(Plan& plan, const std::vector<int>& source, int threads)
      : plan_(plan), map_(plan, source), threads_(threads), costs_(plan.steps.size()) {
    for (const std::int64_t slices : divisors(images())) slices_.push_back(static_cast<double>(slices));
    for (std::size_t s = 0; s < costs_.size(); ++s)
      if (map_.fits(s)) costs_[s] = cost(plan.steps[s]);
  }

  void run(std::int64_t forced) {
    for (std::size_t s = 0; s < costs_.size(); ++s) {
      std::size_t end = s;
      while (end < costs_.size() && map_.fits(end)) ++end;
      if (end - s > 1) forced > 0 ? force(s, end, forced) : choose(s, end);
      s = std::max(s, end);
    }
    std::ranges::sort(plan_.groups, {}, &Group::first);
  }

 private:
  struct Cost {  // of a whole run of a step
    Work work;
    double apart = 0;  // seconds on its own, in as many slices as are best
  };

  double transfer(double bytes, double set) const { return transfer_seconds(bytes, set, threads_); }
  std::int64_t images() const { return map_.by_image().images(); }

  Cost cost(const Step& step) const {
    Cost found{map_.by_image().work(step), impossible};
    for (const double slices : slices_) found.apart = std::min(found.apart, sliced_seconds(found.work, slices, threads_));
    found.apart *= 1 + between;
    return found;
  }

  // Seconds of all bands of steps [first, end), with what enters and leaves the group; a band in the middle stands for all.
  double seconds(std::size_t first, std::size_t end, std::int64_t count) const {
    RowRanges rows(end - first), before(end - first);
    if (!map_.find(first, map_.band(end - 1, count, count / 2), rows)) return impossible;
    const double bands = static_cast<double>(map_.rows(end - 1)) / static_cast<double>(rows.back().size());
    const double threads = threads_, units = static_cast<double>(images() * count);
    // Bands of an image that one thread takes, each but the first with the rows of the one before.
    const double chain = std::clamp(units / threads, 1.0, static_cast<double>(count));
    const bool follow = chain > 1 && map_.find(first, map_.band(end - 1, count, count / 2 - 1), before);
    double weights = 0, work = 0, largest = 0, outside = 0;
    for (std::size_t s = first; s < end; ++s) weights += costs_[s].work.weights;
    for (std::size_t s = first; s < end; ++s) {
      const Work& whole = costs_[s].work;
      const Range mine = rows[s - first];
      const double shared = follow ? static_cast<double>(std::max<std::int64_t>(0, before[s - first].end - mine.begin)) : 0;
      const double part = bands / static_cast<double>(map_.rows(s)), needed = part * static_cast<double>(mine.size());
      const double computed = needed - part * shared * (chain - 1) / chain;
      const double set = whole.moved * needed / units;  // of one band
      largest = std::max(largest, set);
      work += overlapped(transfer(whole.moved * needed, threads * (set + weights)), whole.compute * computed);
      outside += crossing_bytes(s, first, end);
    }
    const double calls = call_seconds * static_cast<double>(end - first) * units / threads;
    // Weights are read again for every band; from L2 that is part of the work.
    const double again = transfer(weights * units, weights + threads * largest) - transfer(weights * units, 1);
    return (work + calls) * longest_share(end - 1, count) + 0.5 * (transfer(outside, outside) + again) + region_seconds;
  }

  // Rows of step `last` that the thread with the most of them computes, as a multiple of an equal share.
  double longest_share(std::size_t last, std::int64_t count) const {
    const std::int64_t units = images() * count, rows = map_.rows(last);
    const auto before = [&](std::int64_t unit) {
      return unit / count * rows + (unit % count > 0 ? map_.band(last, count, unit % count).begin : 0);
    };
    std::int64_t longest = 0;
    for (std::int64_t t = 0; t < std::min<std::int64_t>(threads_, units); ++t) {
      const std::int64_t begin = units / threads_ * t + std::min(t, units % threads_);
      longest = std::max(longest, before(begin + units / threads_ + (t < units % threads_ ? 1 : 0)) - before(begin));
    }
    return static_cast<double>(longest) * threads_ / static_cast<double>(images() * rows);
  }

  // Bytes that step s reads from outside of a group or writes there.
  double crossing_bytes(std::size_t s, std::size_t first, std::size_t end) const {
    const Step& step = plan_.steps[s];
    double bytes = map_.leaves(s, end) ? static_cast<double>(step.out_types[0].bytes()) : 0;
    for (std::size_t i = 0; i < step.in_types.size(); ++i)
      if (map_.by_image().input(*step.node, i) && map_.maker(s, i, first) >= costs_.size())
        bytes += static_cast<double>(step.in_types[i].bytes());
    return bytes;
  }

  // Numbers of bands to try. Results that leave a group early are written by whole images only: bands may share rows.
  std::vector<std::int64_t> counts(std::size_t first, std::size_t end) const {
    std::vector<std::int64_t> found;
    if (images() >= threads_) found.push_back(1);
    for (std::size_t s = first; s + 1 < end; ++s)
      if (map_.leaves(s, end)) return found;
    const std::int64_t least = images() % threads_ == 0 ? 2 : std::max(2, threads_);
    for (std::int64_t count = least; 2 * count <= map_.most_bands(end - 1); count *= 2) found.push_back(count);
    return found;
  }

  void choose(std::size_t begin, std::size_t end) {
    struct Best {
      double seconds = 0;
      std::size_t from = 0;
      std::int64_t bands = 0;  // 0: the step before runs on its own
    };
    std::vector<Best> best(end - begin + 1);
    for (std::size_t e = begin + 1; e <= end; ++e) {
      Best& here = best[e - begin];
      double apart = costs_[e - 1].apart;
      here = {best[e - 1 - begin].seconds + apart, e - 1, 0};
      for (std::size_t s = e - 1; s-- > begin && e - s <= longest_group;) {
        apart += costs_[s].apart;
        for (const std::int64_t count : counts(s, e)) {
          const double grouped = seconds(s, e, count);
          if (grouped > worth_it * apart || best[s - begin].seconds + grouped >= here.seconds) continue;
          here = {best[s - begin].seconds + grouped, s, count};
        }
      }
    }
    for (std::size_t e = end; e > begin; e = best[e - begin].from)
      if (best[e - begin].bands > 0) group(best[e - begin].from, e, best[e - begin].bands);
  }

  // The longest groups that can be cut into so many bands.
  void force(std::size_t begin, std::size_t end, std::int64_t count) {
    for (std::size_t s = begin; s < end; ++s)
      for (std::size_t e = std::min(end, s + longest_group); e > s + 1; --e)
        if (group(s, e, count)) {
          s = e - 1;
          break;
        }
  }

  bool group(std::size_t first, std::size_t end, std::int64_t count) {
    std::unique_ptr<Bands> made = BandMaker(plan_, map_, first, end).make(count);
    if (made == nullptr) return false;
    plan_.groups.push_back({first, end, 1, std::move(made)});
    return true;
  }

  Plan& plan_;
  const RowMap map_;
  const int threads_;
  std::vector<double> slices_;  // numbers of slices that the images can be cut into
  std::vector<Cost> costs_;
};

}  // namespace

void cut_into_bands(Plan& plan, const std::vector<int>& source, const PlanSettings& settings) {
  if (settings.bands == 0 || plan.inputs.empty()) return;
  if (plan.inputs[0].shape.rank() == 0 || plan.inputs[0].shape[0] < 1) return;
  Cutter(plan, source, settings.settings.threads).run(settings.bands);
}

}  // namespace convcore
