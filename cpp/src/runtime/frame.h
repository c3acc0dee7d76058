// What one run of a plan has for itself: the pointers of every step, and copies that it packs of its own values. Runs at the
// same time have a frame each; what changes with the variables only, they share (executor.h).
#pragma once

#include <cstddef>
#include <vector>

#include "base/buffer.h"
#include "plan/plan.h"

namespace convcore {

class Frame {
 public:
  // The results of steady steps lie in `kept`; packed[s] is the packed copy that all frames share, null where there is none.
  Frame(const Plan& plan, std::byte* kept, const std::vector<Buffer>& packed);
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  // Before every run. `inputs` and `outputs` hold one pointer each per input and output of the plan.
  void bind(std::byte* arena, const void* const* inputs, void* const* outputs) {
    if (arena != arena_) bind_arena(arena);
    for (const ArgumentPointer& p : input_pointers_) pointers_[p.index] = const_cast<void*>(inputs[p.argument]);
    for (const ArgumentPointer& p : output_pointers_) pointers_[p.index] = outputs[p.argument];
  }
  const Call& call(std::size_t step) const { return steps_[step].call; }
  void run_step(std::size_t index) {
    BoundStep& step = steps_[index];
    if (step.pack != nullptr) step.pack(step.call, step.packed.data());
    step.run(step.call);
  }
  // Moves the pointers of a group of slices on by so many slices.
  void move(std::size_t group, std::int64_t slices) {
    for (const MovingPointer& p : moving_pointers_[group])
      pointers_[p.index] = static_cast<std::byte*>(pointers_[p.index]) + slices * static_cast<std::int64_t>(p.step);
  }
  // All bands of a group. `shares`, if given: the part of the time that each of its steps took.
  void run_bands(const Group& group, std::vector<double>* shares);
  void copy_results() const;  // at the end

 private:
  struct BoundStep {
    Call call;
    void (*run)(const Call&) = nullptr;
    void (*pack)(const Call&, void*) = nullptr;  // where the packed input is a value of the run
    Buffer packed;
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

  void run_band(const Group& group, std::int64_t image, const std::vector<BandStep>& band, std::byte* scratch,
                double* seconds) const;
  void add_moving_pointers(const Step& step, std::size_t first_pointer, std::vector<MovingPointer>& to) const;
  void add_pointer(const Place& place, std::byte* kept);
  void connect(std::size_t step, std::size_t first_pointer, const Buffer& shared_packed);
  void bind_arena(std::byte* arena);

  const Plan& plan_;
  std::vector<BoundStep> steps_;
  std::vector<void*> pointers_;  // of all steps (inputs, outputs) and all copies (from, to), one after the other
  std::vector<ArenaPointer> arena_pointers_;
  std::vector<ArgumentPointer> input_pointers_, output_pointers_;
  std::size_t first_copy_pointer_ = 0;
  std::byte* arena_ = nullptr;
  std::vector<std::vector<MovingPointer>> moving_pointers_;  // per group of slices
  std::vector<std::int64_t> last_band_;                      // that each slot's scratch holds, while bands run
};

// Whether a step packs an input, and whether that input is a value of the run rather than a variable, a constant or the
// result of a steady step.
bool packs(const Step& step);
bool packs_own_value(const Step& step);

}  // namespace convcore
