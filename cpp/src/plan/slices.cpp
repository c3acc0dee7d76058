// Which steps run slice by slice, and how many images a slice has: the cheapest sequence of slice sizes by the time that
// values and weights take to come from the cache or memory they are in, found by dynamic programming over the steps.
#include "plan/slices.h"

#include <algorithm>

#include "plan/by_image.h"
#include "plan/cost.h"

namespace convcore {

namespace {

std::ptrdiff_t at(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }

class Slicer {
 public:
  Slicer(Plan& plan, const PlanSettings& settings)
      : plan_(plan), settings_(settings), by_image_(plan), images_(by_image_.images()) {}

  void run(std::int64_t forced) {
    for (const std::int64_t size : divisors(images_))
      // Fewer images than threads would go through the caches of several cores.
      if ((forced == 0 && size >= settings_.settings.threads) || size == forced || size == images_) sizes_.push_back(size);
    std::vector<bool> sliceable;
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) sliceable.push_back(by_image_.step(s));
    for (const Group& group : plan_.groups)
      for (std::size_t s = group.first; s < group.end; ++s) sliceable[s] = false;
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      std::size_t end = s;
      while (end < plan_.steps.size() && sliceable[end]) ++end;
      if (end - s > 1) forced > 0 ? group(s, end, forced) : choose_sizes(s, end);
      s = std::max(s, end);
    }
    std::ranges::sort(plan_.groups, {}, &Group::first);
  }

 private:
  double seconds(const Step& step, std::int64_t size) const {
    return sliced_seconds(by_image_.work(step), static_cast<double>(images_ / size), settings_.settings.threads);
  }

  // What it costs that what steps [begin, at) make for steps [at, end) is stored for all images.
  double crossing(std::size_t begin, std::size_t at, std::size_t end) const {
    double bytes = 0;
    for (std::size_t s = begin; s < at; ++s)
      for (std::size_t i = 0; i < plan_.steps[s].node->out.size(); ++i)
        if (read_in(plan_.steps[s].node->out[i], at, end)) bytes += static_cast<double>(plan_.steps[s].out_types[i].bytes());
    return 2 * transfer_seconds(bytes, bytes, settings_.settings.threads);
  }

  bool read_in(Value value, std::size_t begin, std::size_t end) const {
    return std::any_of(plan_.steps.begin() + at(begin), plan_.steps.begin() + at(end), [&](const Step& step) {
      return std::find(step.node->in.begin(), step.node->in.end(), value) != step.node->in.end();
    });
  }

  double in_one_piece(std::size_t begin, std::size_t end) const {
    double sum = 0;
    for (std::size_t s = begin; s < end; ++s) sum += seconds(plan_.steps[s], images_);
    return sum;
  }

  void choose_sizes(std::size_t begin, std::size_t end) {
    const std::size_t count = sizes_.size();
    std::vector<double> best(count);
    std::vector<std::vector<std::size_t>> from;
    for (std::size_t s = begin; s < end; ++s) {
      std::vector<double> next(count);
      std::vector<std::size_t>& came = from.emplace_back(count);
      const std::size_t cheapest = static_cast<std::size_t>(std::min_element(best.begin(), best.end()) - best.begin());
      for (std::size_t k = 0; k < count; ++k) {
        const double change = s == begin ? 0 : best[cheapest] + crossing(begin, s, end);
        came[k] = s == begin || best[k] <= change ? k : cheapest;
        next[k] = std::min(best[k], s == begin ? best[k] : change) + seconds(plan_.steps[s], sizes_[k]);
      }
      best = std::move(next);
    }
    std::size_t k = static_cast<std::size_t>(std::min_element(best.begin(), best.end()) - best.begin());
    if (best[k] > 0.92 * in_one_piece(begin, end)) return;  // not worth less regular work
    std::vector<Group> found;
    for (std::size_t s = end, last = end; s-- > begin;) {
      const std::size_t before = from[s - begin][k];
      if (s > begin && before == k) continue;
      found.push_back({s, last, sizes_[k], nullptr});
      last = s, k = before;
    }
    for (auto one = found.rbegin(); one != found.rend(); ++one) group(one->first, one->end, one->count);
  }

  // Steps [first, end) by `size` images at a time.
  void group(std::size_t first, std::size_t end, std::int64_t size) {
    if (size == images_ || end - first < 2) return;
    std::vector<Step> made;
    for (std::size_t s = first; s < end; ++s) {
      Step& step = made.emplace_back();
      step.node = plan_.steps[s].node, step.settings = plan_.steps[s].settings;
      step.in_types = by_image_.in_types(*step.node, size), step.out_types = by_image_.out_types(*step.node, size);
      step.implementation = choose(step, settings_);
      if (step.implementation != plan_.steps[s].implementation) return;  // not the same bits
      if (step.implementation->prepare != nullptr) step.prepared = step.implementation->prepare(step.view());
    }
    std::move(made.begin(), made.end(), plan_.steps.begin() + static_cast<std::ptrdiff_t>(first));
    plan_.groups.push_back({first, end, images_ / size, nullptr});
  }

  Plan& plan_;
  const PlanSettings& settings_;
  const ByImage by_image_;
  const std::int64_t images_;
  std::vector<std::int64_t> sizes_;
};

}  // namespace

void cut_into_slices(Plan& plan, const PlanSettings& settings) {
  const std::int64_t images = settings.slice_images;
  if (plan.inputs.empty() || plan.inputs[0].shape.rank() == 0 || plan.inputs[0].shape[0] < 2) return;
  if (images > 0 && plan.inputs[0].shape[0] % images != 0) return;
  Slicer(plan, settings).run(images);
}

}  // namespace convcore
