// Plans by input shapes and settings, the least recently used forgotten.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/executor.h"
#include "runtime/function.h"

namespace convcore {

class PlanCache {
 public:
  static constexpr std::size_t max_plans = 32;
  static constexpr std::size_t max_packed_bytes = std::size_t{256} << 20;  // of all plans but the newest

  // Null if there is no plan for these dimensions under the present settings. Allocates nothing.
  std::shared_ptr<Executor> find(std::span<const ArrayView> inputs);
  // `settings` are those that the executor's plan was made under.
  void add(std::span<const ArrayView> inputs, const PlanSettings& settings, std::shared_ptr<Executor> executor);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Settings settings;
    std::uint64_t choices_version = 0;
    std::vector<std::int64_t> dims;  // rank and dimensions of every input, one after the other
    std::uint64_t used = 0;
    std::shared_ptr<Executor> executor;
  };
  static bool matches(const std::vector<std::int64_t>& dims, std::span<const ArrayView> inputs);
  void evict();

  std::vector<Entry> entries_;
  std::size_t last_ = 0;  // the entry used last: looked at first
  std::uint64_t clock_ = 0;
};

}  // namespace convcore
