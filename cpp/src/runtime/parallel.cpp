// The only file that knows OpenMP: contiguous static ranges over one team, and what to do where a team cannot be used.
#include "base/parallel.h"

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/error.h"
#include "runtime/cpu.h"

#if defined(__SANITIZE_THREAD__)
#define CC_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CC_TSAN 1
#endif
#endif

namespace convcore {

namespace {

// Handing a region to a waiting team costs one or two microseconds, to a sleeping one about ten times that.
constexpr double worth_a_team_ns = 12'000;
constexpr double worth_fresh_threads_ns = 200'000;

thread_local int index_in_region = 0;
thread_local bool inside_region = false;
thread_local bool used_team = false;  // this thread leads an OpenMP team

// A forked child inherits the record of its parent's team but not the team's threads: OpenMP would wait for them for ever.
// Such a process runs its regions on fresh threads. The thread sanitizer, which does not see into libgomp, gets the same.
#if defined(CC_TSAN)
std::atomic<bool> avoid_team{true};
#else
std::atomic<bool> avoid_team{false};
#endif

void after_fork_in_child() {
  if (used_team) avoid_team.store(true, std::memory_order_relaxed);
}

void watch_forks() {
  static const int registered = pthread_atfork(nullptr, nullptr, after_fork_in_child);
  (void)registered;
}

int default_thread_count() {
  const char* text = std::getenv("CONVCORE_NUM_THREADS");
  if (text == nullptr || *text == '\0') return usable_cores();
  char* end = nullptr;
  const long n = std::strtol(text, &end, 10);
  if (*end != '\0' || n < 1 || n > 4096) fail("CONVCORE_NUM_THREADS", "a whole number from 1 to 4096", text);
  return static_cast<int>(n);
}

std::atomic<int> threads{0};  // 0: not asked for yet

struct Part {
  std::int64_t count;
  int parts;
  RangeBody body;

  void run(int index) const {
    index_in_region = index;
    inside_region = true;
    // count / parts first: count * index may overflow
    const std::int64_t each = count / parts, rest = count % parts;
    const std::int64_t begin = each * index + std::min<std::int64_t>(index, rest);
    body({begin, begin + each + (index < rest ? 1 : 0)});
    inside_region = false;
    index_in_region = 0;
  }
};

void run_on_fresh_threads(const Part& part) {
  std::vector<std::thread> helpers;
  helpers.reserve(static_cast<std::size_t>(part.parts - 1));
  for (int i = 1; i < part.parts; ++i) helpers.emplace_back([&part, i] { part.run(i); });
  part.run(0);
  for (std::thread& helper : helpers) helper.join();
}

// The team always has all threads, also where there are fewer parts: libgomp ends the threads that a smaller team leaves
// over and starts them again for the next one.
void run_on_team(const Part& part, int team) {
  used_team = true;
#pragma omp parallel num_threads(team)
  {
    // A team may turn out smaller than asked for (a thread limit, a caller inside a region of its own).
    for (int i = omp_get_thread_num(); i < part.parts; i += omp_get_num_threads()) part.run(i);
  }
}

}  // namespace

void parallel_for(std::int64_t count, double nanoseconds_each, RangeBody body) {
  if (count <= 0) return;
  const double total = static_cast<double>(count) * nanoseconds_each;
  const bool fresh = avoid_team.load(std::memory_order_relaxed);
  const int team =
      count > 1 && !inside_region && total >= (fresh ? worth_fresh_threads_ns : worth_a_team_ns) ? thread_count() : 1;
  if (team == 1) return body({0, count});
  const Part part{count, static_cast<int>(std::min<std::int64_t>(team, count)), body};
  if (fresh) return run_on_fresh_threads(part);
  watch_forks();
  run_on_team(part, team);
}

int thread_index() { return index_in_region; }

int thread_count() {
  int n = threads.load(std::memory_order_relaxed);
  if (n == 0) threads.store(n = default_thread_count(), std::memory_order_relaxed);
  return n;
}

void set_thread_count(int n) {
  if (n < 0) fail("set_thread_count", "a number of threads >= 1, or 0 for the default", std::to_string(n));
  threads.store(n > 0 ? n : default_thread_count(), std::memory_order_relaxed);
}

}  // namespace convcore
