// Hand-over between the threads of a region: a short spin while regions follow each other, sleep otherwise.
#include "runtime/team.h"

#include <chrono>
#include <system_error>
#include <thread>

#include "runtime/cpu.h"

namespace convcore {

namespace {

// Longer than the gap between two steps of a plan, shorter than anybody else would notice.
constexpr auto spin_time = std::chrono::microseconds(100);

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether `done` came true while spinning.
template <class Done>
bool spin_until(Done&& done) {
  const auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace

bool Team::try_run(int threads, Task task) {
  const std::unique_lock lock(leader_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return false;
  start_workers(threads - 1);
  task_ = task, threads_ = threads;
  gate_.store(open, std::memory_order_release);
  region_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) > 0) {
    leader_cpu_.store(current_cpu(), std::memory_order_relaxed);
    wake_.fetch_add(1, std::memory_order_seq_cst);
    wake_.notify_all();
  }
  task.call(task.object, 0);
  wait_until_empty();
  return true;
}

// Where the system has no more threads to give, the others do their work.
void Team::start_workers(int count) {
  try {
    for (; workers_ < count; ++workers_) std::thread([this, index = workers_ + 1] { work(index); }).detach();
  } catch (const std::system_error&) {
    return;
  }
}

void Team::work(int index) {
  std::uint64_t seen = 0;
  while (true) {
    wait_for_region(seen);
    if (!enter()) continue;
    if (index < threads_) task_.call(task_.object, index);
    leave();
  }
}

// While a thread is inside, the region's task stays what it is.
bool Team::enter() {
  std::uint32_t gate = gate_.load(std::memory_order_relaxed);
  while ((gate & open) != 0)
    if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire, std::memory_order_relaxed)) return true;
  return false;
}

void Team::leave() {
  if (gate_.fetch_sub(1, std::memory_order_seq_cst) == 1 && leader_sleeps_.load(std::memory_order_seq_cst))
    gate_.notify_all();
}

void Team::wait_for_region(std::uint64_t& seen) {
  const auto changed = [&] {
    const std::uint64_t region = region_.load(std::memory_order_acquire);
    return region != seen && (seen = region, true);
  };
  while (!spin_until(changed)) {
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t ticket = wake_.load(std::memory_order_seq_cst);
    if (region_.load(std::memory_order_seq_cst) == seen) wake_.wait(ticket, std::memory_order_seq_cst);
    sleepers_.fetch_sub(1, std::memory_order_seq_cst);
    leave_leader();
  }
}

// Where other processes keep the cores busy, the system may wake a thread on its leader's core, again and again. There it
// can only run when the leader does not, and a region would never have help.
void Team::leave_leader() {
  const int cpu = leader_cpu_.load(std::memory_order_relaxed);
  if (cpu >= 0 && cpu == current_cpu()) leave_cpu(cpu);
}

void Team::wait_until_empty() {
  gate_.fetch_and(~open, std::memory_order_seq_cst);
  const auto empty = [&] { return gate_.load(std::memory_order_acquire) == 0; };
  if (empty() || spin_until(empty)) return;
  leader_sleeps_.store(true, std::memory_order_seq_cst);
  for (std::uint32_t left; (left = gate_.load(std::memory_order_seq_cst)) != 0;) gate_.wait(left, std::memory_order_seq_cst);
  leader_sleeps_.store(false, std::memory_order_seq_cst);
}

}  // namespace convcore
