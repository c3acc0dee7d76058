// Walks the steps of one plan. Everything that can be known before the run is: the loop only calls kernels.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/buffer.h"
#include "plan/plan.h"

namespace convcore {

class Executor {
 public:
  explicit Executor(std::unique_ptr<Plan> plan);

  const Plan& plan() const { return *plan_; }
  std::size_t packed_bytes() const { return packed_bytes_; }

  // One run in `arena` (at least plan().arena_bytes). `inputs` and `outputs` hold one pointer each per input and output.
  // `after_step(index)` is called after every step but the steady ones; in slices, after each slice.
  void run(std::byte* arena, const void* const* inputs, void* const* outputs) {
    run(arena, inputs, outputs, [](std::size_t) {});
  }
  template <class AfterStep>
  void run(std::byte* arena, const void* const* inputs, void* const* outputs, AfterStep&& after_step) {
    bind_arena(arena);
    bind_arguments(inputs, outputs);
    update_steady();
    std::size_t s = plan_->steady_steps;
    const auto run_until = [&](std::size_t end) {
      for (; s < end; ++s) {
        run_step(ready_[s]);
        after_step(s);
      }
    };
    for (std::size_t g = 0; g < plan_->slices.size(); ++g) {
      const Slices& group = plan_->slices[g];
      run_until(group.first);
      for (std::int64_t slice = 0; slice < group.count; ++slice, move(g, 1)) s = group.first, run_until(group.end);
      move(g, -group.count);
    }
    run_until(ready_.size());
    finish();
  }

 private:
  struct Ready {  // a step with its pointers
    Call call;
    void (*run)(const Call&) = nullptr;
    void (*pack)(const Call&, void*) = nullptr;
    Buffer packed;
    const Variable* packed_variable = nullptr;  // null: packed once (a constant) or at every run
    bool packs_itself = false;  // before its run; otherwise there is nothing to pack, or a steady step does it
    bool pack_always = false;
    std::uint64_t packed_version = 0;   // 0: never made
    std::vector<Ready*> packed_behind;  // of a steady step: those that pack its result
  };
  struct ArenaPointer {  // pointers_[index] = arena + offset
    std::size_t index, offset;
  };
  struct ArgumentPointer {  // pointers_[index] = inputs[argument] or outputs[argument]
    std::size_t index, argument;
  };

  struct MovingPointer {  // advances by `step` bytes from slice to slice
    std::size_t index, step;
  };

  // Moves the pointers of a group of slices on by so many slices.
  void move(std::size_t group, std::int64_t slices) {
    for (const MovingPointer& p : moving_pointers_[group])
      pointers_[p.index] = static_cast<std::byte*>(pointers_[p.index]) + slices * static_cast<std::int64_t>(p.step);
  }
  void add_moving_pointers(const Step& step, std::size_t first_pointer, std::vector<MovingPointer>& to) const;
  void add_pointer(const Place& place);
  void add_step(const Step& step);
  void connect(const Step& step, Ready& ready, std::size_t first_pointer);
  void bind_arena(std::byte* arena);
  void bind_arguments(const void* const* inputs, void* const* outputs) {
    for (const ArgumentPointer& p : input_pointers_) pointers_[p.index] = const_cast<void*>(inputs[p.argument]);
    for (const ArgumentPointer& p : output_pointers_) pointers_[p.index] = outputs[p.argument];
  }
  static void run_step(Ready& step) {
    if (step.packs_itself) update_packed(step);
    step.run(step.call);
  }
  static void update_packed(Ready& step);
  void update_steady();  // runs the steady steps and packs what they make, if a variable has changed since
  void finish();         // the copies at the end, and the versions of the variables that were written

  std::unique_ptr<Plan> plan_;
  std::vector<Ready> ready_;
  std::vector<void*> pointers_;  // of all steps (inputs, outputs, workspace) and all copies (from, to), one after the other
  std::vector<ArenaPointer> arena_pointers_;
  std::vector<ArgumentPointer> input_pointers_, output_pointers_;
  std::size_t first_copy_pointer_ = 0;
  std::byte* arena_ = nullptr;
  std::vector<std::vector<MovingPointer>> moving_pointers_;  // per group of slices
  Buffer kept_;
  std::vector<const Variable*> steady_variables_;  // that the steady steps read
  std::uint64_t steady_version_ = 0;               // the sum of their versions at the last run; 0: never run
  std::size_t packed_bytes_ = 0;
};

}  // namespace convcore
