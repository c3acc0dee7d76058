// The one way to use several cores. Implemented in runtime/parallel.cpp: nothing else starts threads.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace convcore {

struct Range {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
};

// A reference to a callable, without allocation.
class RangeBody {
 public:
  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, RangeBody>>>
  RangeBody(F&& f)  // NOLINT(google-explicit-constructor): a lambda converts at the call
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, Range range) { (*static_cast<std::remove_reference_t<F>*>(object))(range); }) {}
  void operator()(Range range) const { call_(object_, range); }

 private:
  void* object_;
  void (*call_)(void*, Range);
};

// Runs body over disjoint ranges that cover [0, count). `nanoseconds_each` estimates one item's work on one core: small
// totals stay on the calling thread. The result must not depend on how [0, count) is cut: reductions across items are cut
// by problem size (see fixed_chunks), never by thread count. The body must not throw.
void parallel_for(std::int64_t count, double nanoseconds_each, RangeBody body);

// The index of the calling thread inside the running parallel_for, in [0, thread_count()); 0 outside. For scratch only.
int thread_index();

int thread_count();            // threads that parallel_for may use
void set_thread_count(int n);  // 0: the default (CONVCORE_NUM_THREADS, else the cores this process may use); Error if < 0

}  // namespace convcore
