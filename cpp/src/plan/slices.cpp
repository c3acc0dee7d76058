// Which steps run slice by slice, and how many images a slice has: the cheapest sequence of slice sizes by the time that
// values and weights take to come from the cache or memory they are in, found by dynamic programming over the steps.
#include "plan/slices.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/cache.h"
#include "graph/passes/rewrite.h"

namespace convcore {

namespace {

std::size_t at(Value value) { return static_cast<std::size_t>(value.id); }

class Slicer {
 public:
  Slicer(Plan& plan, const PlanSettings& settings)
      : plan_(plan),
        settings_(settings),
        images_(plan.inputs[0].shape[0]),
        carries_(plan.graph.value_count()),
        growing_(plan.graph.value_count()) {}

  void run(std::int64_t forced) {
    for (std::int64_t size = 1; size <= images_; ++size)
      if (images_ % size == 0 && (forced == 0 || size == forced || size == images_)) sizes_.push_back(size);
    mark();
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      std::size_t end = s;
      while (end < plan_.steps.size() && sliceable_[end]) ++end;
      if (end - s > 1) forced > 0 ? group(s, end, forced) : choose_sizes(s, end);
      s = std::max(s, end);
    }
  }

 private:
  const Type& type(Value value) const { return plan_.graph.type(value); }
  bool counts_images(Value value) const { return type(value).shape.rank() > 0 && type(value).shape[0] == images_; }

  // Which values have the images along axis 0, and which steps compute image by image.
  void mark() {
    for (const Value value : plan_.graph.inputs) carries_[at(value)] = counts_images(value);
    std::unordered_map<const Node*, std::size_t> step_of;
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) step_of.emplace(plan_.steps[s].node, s);
    sliceable_.resize(plan_.steps.size());
    for (const auto& node : plan_.graph.nodes) {
      const auto found = step_of.find(node.get());
      if (node->op->view) {
        carries_[at(node->out[0])] = carries_[at(node->in[0])] && counts_images(node->out[0]);
        growing_[at(node->out[0])] = growing_[at(node->in[0])];
      } else if (found != step_of.end() && found->second >= plan_.steady_steps) {
        sliceable_[found->second] = computes_by_image(plan_.steps[found->second]);
        for (const Value out : node->out) {
          carries_[at(out)] = counts_images(out);
          growing_[at(out)] = sliceable_[found->second];
        }
      }
    }
  }

  bool is_sliced(const Node& node, std::size_t i) const {
    return (node.op->images >> std::min<std::size_t>(i, 31) & 1) != 0 && counts_images(node.in[i]) &&
           (node.op->images != ~0u || type(node.in[i]).shape.rank() == type(node.out[0]).shape.rank());
  }

  bool computes_by_image(const Step& step) const {
    const Node& node = *step.node;
    const auto whole = [&](Value out) { return !counts_images(out); };
    if (node.op->images == 0 || std::any_of(node.out.begin(), node.out.end(), whole)) return false;
    const AttrMap attrs = node.attrs.to_map();
    if (const AttrValue* axis = passes::find_attr(attrs, "axis"))
      if (normalize_axis(std::get<std::int64_t>(*axis), type(node.in[0]).shape.rank(), "slices") == 0) return false;
    bool any = false;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (!reads_data(*node.op, i)) continue;
      if (is_sliced(node, i) ? !carries_[at(node.in[i])] : growing_[at(node.in[i])]) return false;
      any |= is_sliced(node, i);
    }
    return any && !is_update(node) && packs_once(step) &&
           node.op->infer(node.attrs, in_types(node, 1)) == out_types(node, 1);
  }

  // A variable is written as a whole.
  bool is_update(const Node& node) const {
    return std::any_of(plan_.graph.updates.begin(), plan_.graph.updates.end(), [&](const Update& update) {
      return std::find(node.out.begin(), node.out.end(), update.value) != node.out.end();
    });
  }

  // Weights that are made at every run would be packed for every slice.
  bool packs_once(const Step& step) const {
    if (step.prepared.packed_input < 0) return true;
    Value from = step.node->in[static_cast<std::size_t>(step.prepared.packed_input)];
    while (const Node* maker = plan_.graph.info(from).producer) {
      if (!maker->op->view) {
        const auto end = plan_.steps.begin() + static_cast<std::ptrdiff_t>(plan_.steady_steps);
        return std::any_of(plan_.steps.begin(), end, [&](const Step& steady) { return steady.node == maker; });
      }
      from = maker->in[0];
    }
    return plan_.graph.info(from).source != Source::input;
  }

  Types in_types(const Node& node, std::int64_t images) const {
    Types types;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      types.push_back(type(node.in[i]));
      if (is_sliced(node, i)) types.back().shape[0] = images;
    }
    return types;
  }
  Types out_types(const Node& node, std::int64_t images) const {
    Types types;
    for (const Value out : node.out) {
      types.push_back(type(out));
      if (types.back().shape.rank() > 0) types.back().shape[0] = images;
    }
    return types;
  }

  // Seconds to bring bytes in or out of where a working set of `set` bytes lives: as much of it as fits is in the second
  // level of the cache, then in the third, the rest in memory.
  double transfer(double bytes, double set) const {
    const double threads = settings_.settings.threads;
    const double l2 = 0.75 * static_cast<double>(cache_bytes(2)) * threads;
    // Other processes use the last level too, on large machines most of it.
    const double l3 = std::max(l2, std::min(0.5 * static_cast<double>(cache_bytes(3)), 16e6));
    const double near = std::min(1.0, l2 / set), cached = std::min(1.0, l3 / set);
    return bytes * (near / (90e9 * threads) + (cached - near) / (50e9 * threads) + (1 - cached) / (10e9 + 7e9 * threads));
  }

  double compute_seconds(const Node& node) const {
    if (node.op->operations == nullptr) return 0;
    const Types in = in_types(node, images_), out = out_types(node, images_);
    return node.op->operations({&node, in, out}) / (100e9 * settings_.settings.threads);
  }

  double seconds(const Step& step, std::int64_t size) const {
    constexpr double region = 3e-6;  // seconds that a step costs beside its work
    double moved = 0, weights = static_cast<double>(step.prepared.packed_bytes);
    for (std::size_t i = 0; i < step.node->in.size(); ++i)
      if (is_sliced(*step.node, i)) moved += static_cast<double>(type(step.node->in[i]).bytes());
    for (const Value out : step.node->out) moved += static_cast<double>(type(out).bytes());
    const double slices = static_cast<double>(images_ / size);
    const double memory = transfer(moved, moved / slices + weights), compute = compute_seconds(*step.node);
    const double again = slices > 1 ? transfer(weights, 4 * weights) : 0;  // the weights have left the cache meanwhile
    return std::max(memory, compute) + 0.2 * std::min(memory, compute) + slices * (region + again);
  }

  // What it costs that the value between two steps is stored for all images.
  double crossing(const Step& before) const {
    double bytes = 0;
    for (const Value out : before.node->out) bytes += static_cast<double>(type(out).bytes());
    return 2 * transfer(bytes, bytes);
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
        const double change = s == begin ? 0 : best[cheapest] + crossing(plan_.steps[s - 1]);
        came[k] = s == begin || best[k] <= change ? k : cheapest;
        next[k] = std::min(best[k], s == begin ? best[k] : change) + seconds(plan_.steps[s], sizes_[k]);
      }
      best = std::move(next);
    }
    std::size_t k = static_cast<std::size_t>(std::min_element(best.begin(), best.end()) - best.begin());
    if (best[k] > 0.92 * in_one_piece(begin, end)) return;  // not worth less regular work
    std::vector<Slices> found;
    for (std::size_t s = end, last = end; s-- > begin;) {
      const std::size_t before = from[s - begin][k];
      if (s > begin && before == k) continue;
      found.push_back({s, last, sizes_[k]});
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
      step.in_types = in_types(*step.node, size), step.out_types = out_types(*step.node, size);
      step.implementation = choose(step, settings_);
      if (step.implementation != plan_.steps[s].implementation) return;  // not the same bits
      if (step.implementation->prepare != nullptr) step.prepared = step.implementation->prepare(step.view());
    }
    std::move(made.begin(), made.end(), plan_.steps.begin() + static_cast<std::ptrdiff_t>(first));
    plan_.slices.push_back({first, end, images_ / size});
  }

  Plan& plan_;
  const PlanSettings& settings_;
  const std::int64_t images_;
  std::vector<bool> carries_;    // per value: axis 0 counts images
  std::vector<bool> growing_;    // per value: made image by image, so not complete before the last slice
  std::vector<bool> sliceable_;  // per step
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
