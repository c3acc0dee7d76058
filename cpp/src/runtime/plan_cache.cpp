// A list of at most 32 plans: comparing a few dimensions beats hashing them.
#include "runtime/plan_cache.h"

#include <algorithm>

namespace convcore {

bool PlanCache::matches(const std::vector<std::int64_t>& dims, std::span<const ArrayView> inputs) {
  std::size_t at = 0;
  for (const ArrayView& input : inputs) {
    if (dims[at++] != static_cast<std::int64_t>(input.dims.size())) return false;
    for (const std::int64_t dim : input.dims)
      if (dims[at++] != dim) return false;
  }
  return true;
}

std::shared_ptr<Executor> PlanCache::find(std::span<const ArrayView> inputs) {
  const Settings settings = current_settings();
  const std::uint64_t version = choices_version();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::size_t e = (last_ + i) % entries_.size();
    Entry& entry = entries_[e];
    if (entry.settings != settings || entry.choices_version != version || !matches(entry.dims, inputs)) continue;
    last_ = e;
    entry.used = ++clock_;
    return entry.executor;
  }
  return nullptr;
}

void PlanCache::add(std::span<const ArrayView> inputs, const PlanSettings& settings, std::shared_ptr<Executor> executor) {
  Entry entry{settings.settings, settings.measured.version, {}, ++clock_, std::move(executor)};
  for (const ArrayView& input : inputs) {
    entry.dims.push_back(static_cast<std::int64_t>(input.dims.size()));
    entry.dims.insert(entry.dims.end(), input.dims.begin(), input.dims.end());
  }
  const auto never_found_again = [&](const Entry& e) { return e.choices_version < settings.measured.version; };
  std::erase_if(entries_, never_found_again);
  evict();
  entries_.push_back(std::move(entry));
  last_ = entries_.size() - 1;
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
