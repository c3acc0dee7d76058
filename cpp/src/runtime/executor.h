// Walks the steps of one plan. Everything that can be known before the run is: the loop only calls kernels.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "base/buffer.h"
#include "base/pool.h"
#include "plan/plan.h"
#include "runtime/frame.h"

namespace convcore {

// What a run is told that nobody watches.
struct NobodyWatches {
  static constexpr std::vector<double>* shares() { return nullptr; }  // of the time of steps that run as one, if wanted
  static constexpr void after(std::size_t /*first*/, std::size_t /*end*/) {}
};

class Executor {
 public:
  explicit Executor(std::unique_ptr<Plan> plan);

  const Plan& plan() const { return *plan_; }
  std::size_t packed_bytes() const { return packed_bytes_; }
  bool writes_variables() const { return writes_variables_; }

  // One run in `arena` (at least plan().arena_bytes). `inputs` and `outputs` hold one pointer each per input and output.
  // `watch` is told of every step but the steady ones when it has run; in slices, after each slice.
  //
  // Any number of threads may run at once, in an arena each. A run that finds packed weights older than their variables, or
  // that writes variables, waits until it is alone.
  void run(std::byte* arena, const void* const* inputs, void* const* outputs) {
    run(arena, inputs, outputs, NobodyWatches{});
  }
  template <class Watch>
  void run(std::byte* arena, const void* const* inputs, void* const* outputs, Watch&& watch) {
    const auto frame = frames_.take([&] { return std::make_unique<Frame>(*plan_, kept(), packed_); });
    frame->bind(arena, inputs, outputs);
    if (!writes_variables_) {
      const std::shared_lock among_others(mutex_);
      if (watched_version() == current_version_) return walk(*frame, watch, [](std::size_t) {});
    }
    const std::unique_lock alone(mutex_);
    const std::uint64_t version = watched_version();
    update_steady(*frame);
    walk(*frame, watch, [&](std::size_t s) { update_packed(s, frame->call(s)); });
    current_version_ = version;
    touch_written();
  }

 private:
  struct Packing {  // of weights that all runs share
    void (*pack)(const Call&, void*) = nullptr;
    const Variable* variable = nullptr;      // null: a constant
    std::uint64_t version = 0;               // 0: never packed
    bool before_step = false;                // otherwise a steady step does it, or there is nothing to pack
    std::vector<std::size_t> behind_steady;  // of a steady step: the steps that pack its result
  };

  template <class Watch, class BeforeStep>
  void walk(Frame& frame, Watch& watch, BeforeStep&& before_step) {
    std::size_t s = plan_->steady_steps;
    const auto run_until = [&](std::size_t end) {
      for (; s < end; ++s) {
        before_step(s);
        frame.run_step(s);
        watch.after(s, s + 1);
      }
    };
    for (std::size_t g = 0; g < plan_->groups.size(); ++g) {
      const Group& group = plan_->groups[g];
      run_until(group.first);
      if (group.bands != nullptr) {
        for (; s < group.end; ++s) before_step(s);
        frame.run_bands(group, watch.shares());
        watch.after(group.first, group.end);
        continue;
      }
      for (std::int64_t slice = 0; slice < group.count; ++slice, frame.move(g, 1)) s = group.first, run_until(group.end);
      frame.move(g, -group.count);
    }
    run_until(plan_->steps.size());
    frame.copy_results();
  }

  std::byte* kept() { return static_cast<std::byte*>(kept_.data()); }
  void add_packing(const Step& step, Packing& packing, Buffer& packed);
  std::uint64_t watched_version() const;
  void update_packed(std::size_t step, const Call& call);
  void update_steady(Frame& frame);  // runs the steady steps and packs what they make, if a variable has changed since
  void touch_written();

  std::unique_ptr<Plan> plan_;
  Buffer kept_;
  std::vector<Buffer> packed_;    // per step
  std::vector<Packing> packing_;  // per step
  std::size_t packed_bytes_ = 0;
  bool writes_variables_ = false;
  std::vector<const Variable*> steady_variables_;  // that the steady steps read
  std::uint64_t steady_version_ = 0;               // the sum of their versions at the last run; 0: never run
  std::vector<const Variable*> watched_;           // whose values are kept packed or steady
  std::uint64_t current_version_ = 0;              // the sum of their versions when all that was made; 0: never
  std::shared_mutex mutex_;                        // shared: kept and packed values are read; alone: they are written
  Pool<Frame> frames_;
};

}  // namespace convcore
