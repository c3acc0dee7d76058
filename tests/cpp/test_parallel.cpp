// parallel_for: every item once, whatever the thread count; nesting, small work, the quota's arithmetic.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/share.h"
#include "check.h"
#include "runtime/cpu.h"

using namespace convcore;

namespace {

constexpr double slow = 1e6;  // an item that is always worth another thread

struct Threads {  // restores the default count
  explicit Threads(int n) { set_thread_count(n); }
  ~Threads() { set_thread_count(0); }
};

bool covers(std::int64_t count, double each) {
  std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
  parallel_for(count, each, [&](Range r) {
    for (std::int64_t i = r.begin; i < r.end; ++i) ++seen[static_cast<std::size_t>(i)];
  });
  for (const std::atomic<int>& n : seen)
    if (n != 1) return false;
  return true;
}

}  // namespace

TEST("parallel: every item exactly once") {
  for (int n : {1, 2, 3, 5, 8}) {
    const Threads threads(n);
    for (std::int64_t count : {0, 1, 2, 3, 7, 8, 9, 100, 1001}) CHECK(covers(count, slow));
    CHECK(covers(1001, 0.1));
  }
}

TEST("parallel: thread_index is below thread_count and used by one range at a time") {
  const Threads threads(5);
  std::vector<std::atomic<int>> inside(5);
  std::atomic<bool> clean{true};
  for (int repeat = 0; repeat < 100; ++repeat)
    parallel_for(64, slow, [&](Range) {
      const int me = thread_index();
      if (me < 0 || me >= thread_count() || inside[static_cast<std::size_t>(me)]++ != 0) clean = false;
      --inside[static_cast<std::size_t>(me)];
    });
  CHECK(clean);
  CHECK_EQ(thread_index(), 0);
}

TEST("parallel: a slot serves one thread at a time, however many threads there are by now") {
  const Threads threads(2);
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done)
      for (int n : {5, 2}) set_thread_count(n);
  });
  std::atomic<int> inside[2] = {0, 0};
  std::atomic<std::int64_t> items{0};
  std::atomic<bool> clean{true};
  for (int repeat = 0; repeat < 1000; ++repeat)
    share_items(8, 2, 8 * slow, [&](std::int64_t slot, Range range) {
      items += range.size();
      if (slot >= 2 || inside[slot]++ != 0) clean = false;
      if (repeat % 50 == 0) std::this_thread::yield();  // so that others may come in
      if (slot < 2) --inside[slot];
    });
  done = true;
  other.join();
  CHECK(clean);
  CHECK_EQ(items.load(), 8 * 1000);
}

TEST("parallel: a nested region stays on its thread") {
  const Threads threads(3);
  std::atomic<int> ranges{0}, items{0};
  std::atomic<bool> same{true};
  parallel_for(3, slow, [&](Range outer) {
    for (std::int64_t i = outer.begin; i < outer.end; ++i) {
      const int me = thread_index();
      parallel_for(10, slow, [&](Range inner) {
        ++ranges;
        items += static_cast<int>(inner.size());
        if (thread_index() != me) same = false;
      });
    }
  });
  CHECK_EQ(ranges.load(), 3);
  CHECK_EQ(items.load(), 30);
  CHECK(same);
}

TEST("parallel: small work stays on the caller in one range") {
  const Threads threads(4);
  int ranges = 0;
  parallel_for(1000, 1.0, [&](Range r) {
    ++ranges;
    CHECK_EQ(r.size(), 1000);
  });
  CHECK_EQ(ranges, 1);
}

TEST("parallel: a forked child that inherits a used team still computes") {
  const Threads threads(2);
  CHECK(covers(100, slow));
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // a hang ends the child with a signal
    _exit(covers(1000, slow) && covers(7, slow) ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(covers(100, slow));
}

TEST("parallel: thread counts are checked") {
  CHECK_THROWS(Error, "expected a number of threads from 1 to 256", set_thread_count(-1));
  CHECK(usable_cores() >= 1);
  set_thread_count(3);
  CHECK_EQ(thread_count(), 3);
  set_thread_count(0);
  CHECK(thread_count() >= 1);
}

TEST("parallel: the quota of control groups, v1 and v2") {
  namespace fs = std::filesystem;
  const fs::path root = fs::temp_directory_path() / cat("convcore_cgroup_", getpid());
  const auto write = [&](const fs::path& file, const char* text) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  };
  write("job/cpu.max", "150000 100000\n");
  write("job/inner/cpu.max", "max 100000\n");
  write("cpu/box/cpu.cfs_quota_us", "300000\n");
  write("cpu/box/cpu.cfs_period_us", "100000\n");
  write("cpu/free/cpu.cfs_quota_us", "-1\n");
  write("cpu/free/cpu.cfs_period_us", "100000\n");
  CHECK_EQ(quota_cores(root, "0::/job\n"), 2);
  CHECK_EQ(quota_cores(root, "0::/job/inner\n"), 2);  // an ancestor's limit holds
  CHECK_EQ(quota_cores(root, "0::/other\n"), 0);
  CHECK_EQ(quota_cores(root, "4:memory:/box\n3:cpu,cpuacct:/box\n"), 3);
  CHECK_EQ(quota_cores(root, "3:cpu:/free\n0::/\n"), 0);
  CHECK_EQ(quota_cores(root, ""), 0);
  fs::remove_all(root);
}

TEST("parallel: leave_cpu moves the calling thread and leaves it its cores") {
  cpu_set_t before, after;
  CHECK_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  const int cpu = current_cpu();
  CHECK(CPU_ISSET(cpu, &before));
  CHECK_EQ(leave_cpu(cpu), CPU_COUNT(&before) > 1);
  CHECK(!leave_cpu(-1));
  CHECK_EQ(sched_getaffinity(0, sizeof(after), &after), 0);
  CHECK(CPU_EQUAL(&before, &after));
}
