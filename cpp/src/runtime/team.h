// The threads that share a parallel region.
//
// Why not OpenMP: libgomp's threads spin for milliseconds before they sleep (tens of milliseconds for everybody where cores
// are shared), its regions wait for threads that have not woken up yet, and a forked child that inherits a used team hangs.
// Here a region ends when its work is done, threads that come too late stay out, and idle ones sleep after 0.1 ms.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace convcore {

class Team {
 public:
  // What one thread of a region does, given its index in [0, threads). The region's work must be done when the call with
  // index 0 has returned and those that had begun have, too: which others take part is left to chance.
  struct Task {
    void* object;
    void (*call)(void* object, int index);
  };

  // Runs task on the calling thread, as index 0, and on up to `threads` - 1 others. False, with nothing done, if another
  // thread is using the team.
  bool try_run(int threads, Task task);

 private:
  static constexpr std::uint32_t open = 1u << 31;

  void start_workers(int count);
  void work(int index);
  bool enter();
  void leave();
  void wait_for_region(std::uint64_t& seen);
  void leave_leader();
  void wait_until_empty();

  std::mutex leader_mutex_;  // held during a region
  Task task_{};
  int threads_ = 0;
  int workers_ = 0;
  alignas(64) std::atomic<std::uint64_t> region_{0};  // grows when a region opens
  std::atomic<std::uint32_t> gate_{0};                // `open` while threads may enter, plus how many are inside
  alignas(64) std::atomic<std::uint32_t> wake_{0};    // sleeping workers wait for it to change
  std::atomic<int> sleepers_{0};
  std::atomic<bool> leader_sleeps_{false};
  std::atomic<int> leader_cpu_{-1};  // when it last woke the others
};

}  // namespace convcore
