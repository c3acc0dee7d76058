// A list of at most 32 plans: comparing a few dimensions beats hashing them.
#include "runtime/plan_cache.h"

#include <algorithm>

#include "base/precision.h"
#include "plan/choices.h"

namespace convcore {

namespace {

// What decides a plan beside the inputs.
std::int64_t settings() { return static_cast<std::int64_t>(precision()) + 4 * static_cast<std::int64_t>(choices_version()); }

}  // namespace

// A key is the settings, then rank and dimensions of every input, one after the other.
bool PlanCache::matches(const std::vector<std::int64_t>& key, std::span<const ArrayView> inputs) {
  if (key[0] != settings()) return false;
  std::size_t at = 1;
  for (const ArrayView& input : inputs) {
    if (key[at++] != static_cast<std::int64_t>(input.dims.size())) return false;
    for (const std::int64_t dim : input.dims)
      if (key[at++] != dim) return false;
  }
  return true;
}

std::shared_ptr<Executor> PlanCache::find(std::span<const ArrayView> inputs) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::size_t e = (last_ + i) % entries_.size();
    if (!matches(entries_[e].key, inputs)) continue;
    last_ = e;
    entries_[e].used = ++clock_;
    return entries_[e].executor;
  }
  return nullptr;
}

std::shared_ptr<Executor> PlanCache::add(std::span<const ArrayView> inputs, std::unique_ptr<Plan> plan) {
  Entry entry{{settings()}, ++clock_, std::make_shared<Executor>(std::move(plan))};
  for (const ArrayView& input : inputs) {
    entry.key.push_back(static_cast<std::int64_t>(input.dims.size()));
    entry.key.insert(entry.key.end(), input.dims.begin(), input.dims.end());
  }
  evict();
  entries_.push_back(std::move(entry));
  last_ = entries_.size() - 1;
  return entries_.back().executor;
}

void PlanCache::evict() {
  const auto packed = [&] {
    std::size_t bytes = 0;
    for (const Entry& entry : entries_) bytes += entry.executor->packed_bytes();
    return bytes;
  };
  const auto older = [](const Entry& a, const Entry& b) { return a.used < b.used; };
  while (entries_.size() >= max_plans || (entries_.size() > 1 && packed() > max_packed_bytes))
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), older));
}

}  // namespace convcore
