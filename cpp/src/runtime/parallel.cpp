// The only file that knows OpenMP: contiguous shares over one team, and what to do where a team cannot be used.
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
constexpr double smallest_piece_ns = 3'000;  // taking a piece costs some tens of nanoseconds
constexpr int pieces_per_share = 8;
constexpr int max_threads = 256;

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
  if (text == nullptr || *text == '\0') return std::min(usable_cores(), max_threads);
  char* end = nullptr;
  const long n = std::strtol(text, &end, 10);
  if (*end != '\0' || n < 1 || n > max_threads)
    fail("CONVCORE_NUM_THREADS", cat("a whole number from 1 to ", max_threads), text);
  return static_cast<int>(n);
}

std::atomic<int> threads{0};  // 0: not asked for yet

// A region's work: every thread owns one contiguous share, so that what it wrote in one step lies in its own cache in the
// next. It takes its share in pieces; when that is done it takes pieces of the others', so that a thread which another
// process holds up delays the region by a piece and not by a share.
class Region {
 public:
  Region(std::int64_t count, double nanoseconds_each, int parts, RangeBody body) : parts_(parts), body_(body) {
    const std::int64_t share = count / parts, rest = count % parts;
    for (int i = 0; i < parts; ++i) {
      // count / parts first: count * i may overflow
      const std::int64_t begin = share * i + std::min<std::int64_t>(i, rest);
      shares_[i].next.store(begin, std::memory_order_relaxed);
      shares_[i].end = begin + share + (i < rest ? 1 : 0);
    }
    const auto smallest = static_cast<std::int64_t>(smallest_piece_ns / std::max(nanoseconds_each, 1e-3));
    piece_ = std::max<std::int64_t>({1, share / pieces_per_share, std::min(smallest, share)});
  }

  int parts() const { return parts_; }

  void run(int index) {
    index_in_region = index;
    inside_region = true;
    for (int i = 0; i < parts_; ++i) drain(shares_[(index + i) % parts_]);
    inside_region = false;
    index_in_region = 0;
  }

 private:
  struct alignas(64) Share {
    std::atomic<std::int64_t> next;
    std::int64_t end;
  };

  void drain(Share& share) {
    // The load keeps finished shares from being counted on and on, and their cache lines from moving.
    while (share.next.load(std::memory_order_relaxed) < share.end) {
      const std::int64_t begin = share.next.fetch_add(piece_, std::memory_order_relaxed);
      if (begin < share.end) body_({begin, std::min(begin + piece_, share.end)});
    }
  }

  int parts_;
  RangeBody body_;
  std::int64_t piece_ = 1;
  Share shares_[max_threads];
};

void run_on_fresh_threads(Region& region) {
  std::vector<std::thread> helpers;
  helpers.reserve(static_cast<std::size_t>(region.parts() - 1));
  for (int i = 1; i < region.parts(); ++i) helpers.emplace_back([&region, i] { region.run(i); });
  region.run(0);
  for (std::thread& helper : helpers) helper.join();
}

// The team always has all threads, also where there are fewer parts: libgomp ends the threads that a smaller team leaves
// over and starts them again for the next one. Should a team turn out smaller than asked for (a thread limit, a caller
// inside a region of its own), its threads take the shares of those that are missing.
void run_on_team(Region& region, int team) {
  used_team = true;
#pragma omp parallel num_threads(team)
  if (omp_get_thread_num() < region.parts()) region.run(omp_get_thread_num());
}

}  // namespace

void parallel_for(std::int64_t count, double nanoseconds_each, RangeBody body) {
  if (count <= 0) return;
  const double total = static_cast<double>(count) * nanoseconds_each;
  const bool fresh = avoid_team.load(std::memory_order_relaxed);
  const int team =
      count > 1 && !inside_region && total >= (fresh ? worth_fresh_threads_ns : worth_a_team_ns) ? thread_count() : 1;
  if (team == 1) return body({0, count});
  Region region(count, nanoseconds_each, static_cast<int>(std::min<std::int64_t>(team, count)), body);
  if (fresh) return run_on_fresh_threads(region);
  watch_forks();
  run_on_team(region, team);
}

int thread_index() { return index_in_region; }

int thread_count() {
  int n = threads.load(std::memory_order_relaxed);
  if (n == 0) threads.store(n = default_thread_count(), std::memory_order_relaxed);
  return n;
}

void set_thread_count(int n) {
  if (n < 0 || n > max_threads)
    fail("set_thread_count", cat("a number of threads from 1 to ", max_threads, ", or 0 for the default"),
         std::to_string(n));
  threads.store(n > 0 ? n : default_thread_count(), std::memory_order_relaxed);
}

}  // namespace convcore
