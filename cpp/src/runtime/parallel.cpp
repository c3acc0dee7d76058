// When work is shared among threads, among how many, and in which pieces: the only file that uses the team, and the only one
// that knows OpenMP (-DCONVCORE_OPENMP=ON), whose threads then take the place of the team.
#include "base/parallel.h"

#include <pthread.h>
#if defined(_OPENMP)
#include <omp.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "base/error.h"
#include "base/share.h"
#include "runtime/cpu.h"
#include "runtime/team.h"

namespace convcore {

namespace {

// Handing a region over costs about a microsecond, waking sleeping threads some tens.
constexpr double worth_sharing_ns = 5'000;
constexpr double smallest_piece_ns = 3'000;  // taking a piece costs some tens of nanoseconds
constexpr int pieces_per_share = 8;
constexpr int max_threads = 256;

thread_local int index_in_region = 0;
thread_local bool inside_region = false;

// One team per process, never destroyed: its threads may outlive everything else. A forked child inherits the record of its
// parent's team but none of the threads, so it starts anew.
std::atomic<Team*> current_team{nullptr};

Team& team() {
  static const int watches_forks = pthread_atfork(nullptr, nullptr, [] {
    current_team.store(nullptr);
    index_in_region = 0, inside_region = false;
  });
  (void)watches_forks;
  Team* team = current_team.load(std::memory_order_acquire);
  if (team != nullptr) return *team;
  auto* made = new Team();
  if (current_team.compare_exchange_strong(team, made)) return *made;
  delete made;  // another thread was faster, and no worker has started
  return *team;
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
// process holds up, or which has not woken yet, delays the region by a piece at most and not by a share.
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

  // Returns when no piece is left to take.
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

#if defined(_OPENMP)
// A forked child inherits the record of its parent's OpenMP team but not the threads: OpenMP would wait for them for ever.
std::atomic<bool> forked{false};

// OpenMP's team always has all threads, also where there are fewer parts: libgomp ends the threads that a smaller team
// leaves over and starts them again for the next one.
void run_on_openmp(Region& region, int parts) {
  static const int watches_forks = pthread_atfork(nullptr, nullptr, [] { forked.store(true); });
  (void)watches_forks;
#pragma omp parallel num_threads(thread_count())
  if (omp_get_thread_num() < parts) region.run(omp_get_thread_num());
}
#endif

// False if another thread is using the team.
bool share(std::int64_t count, double nanoseconds_each, int parts, RangeBody body) {
  Region region(count, nanoseconds_each, parts, body);
#if defined(_OPENMP)
  if (!forked.load(std::memory_order_relaxed)) {
    run_on_openmp(region, parts);
    return true;
  }
#endif
  return team().try_run(parts, {&region, [](void* object, int index) { static_cast<Region*>(object)->run(index); }});
}

}  // namespace

void parallel_for(std::int64_t count, double nanoseconds_each, RangeBody body) {
  parallel_for_at_most(max_threads, count, nanoseconds_each, body);
}

void parallel_for_at_most(int most_threads, std::int64_t count, double nanoseconds_each, RangeBody body) {
  if (count <= 0) return;
  if (count > 1 && !inside_region && static_cast<double>(count) * nanoseconds_each >= worth_sharing_ns) {
    const auto parts = static_cast<int>(std::min<std::int64_t>(std::min(thread_count(), most_threads), count));
    if (parts > 1 && share(count, nanoseconds_each, parts, body)) return;
  }
  body({0, count});
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
