// How many cores this process may use. In a container the machine's core count is the wrong answer: threads beyond the
// quota are throttled in the middle of a region and everybody waits for them.
#include "runtime/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace convcore {

namespace {

int affinity_cores() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int cores(double quota, double period) {
  return quota > 0 && period > 0 ? std::max(1, static_cast<int>(std::ceil(quota / period))) : 0;
}

// One folder's limit; 0 without one. "max" and v1's -1 mean no limit.
int limit_of(const std::string& folder, bool v2) {
  double quota = 0, period = 0;
  if (v2) {
    std::ifstream file(folder + "/cpu.max");
    return file >> quota >> period ? cores(quota, period) : 0;
  }
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us"), period_file(folder + "/cpu.cfs_period_us");
  return quota_file >> quota && period_file >> period ? cores(quota, period) : 0;
}

// A group is limited by all its ancestors. Inside a container the path may not exist below the mount: its root counts.
int tightest(const std::string& mount, std::string group, bool v2) {
  int tightest = 0;
  while (true) {
    if (const int limit = limit_of(mount + group, v2); limit > 0)
      tightest = tightest > 0 ? std::min(tightest, limit) : limit;
    const std::size_t slash = group.find_last_of('/');
    if (slash == std::string::npos) return tightest;
    group.resize(slash);
  }
}

std::string read_text(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int quota_cores(const std::string& root, const std::string& membership) {
  std::istringstream lines(membership);
  int best = 0;
  for (std::string line; std::getline(lines, line);) {  // "<id>:<controllers>:<path>"; v2: "0::<path>"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    std::string group = line.substr(second + 1);
    if (group == "/") group.clear();
    int limit = 0;
    if (controllers == ",,") {
      limit = tightest(root, group, true);
    } else if (controllers.find(",cpu,") != std::string::npos) {
      limit = std::max(tightest(root + "/cpu", group, false), tightest(root + "/cpu,cpuacct", group, false));
    }
    if (limit > 0) best = best > 0 ? std::min(best, limit) : limit;
  }
  return best;
}

int usable_cores() {
  const int affinity = affinity_cores(), quota = quota_cores("/sys/fs/cgroup", read_text("/proc/self/cgroup"));
  return quota > 0 ? std::min(affinity, quota) : affinity;
}

int current_cpu() {
#if defined(__linux__)
  return sched_getcpu();
#else
  return -1;
#endif
}

bool leave_cpu(int cpu) {
#if defined(__linux__)
  cpu_set_t all;
  if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(all), &all) != 0) return false;
  cpu_set_t others = all;
  CPU_CLR(cpu, &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof(others), &others) != 0) return false;
  return sched_setaffinity(0, sizeof(all), &all) == 0;
#else
  (void)cpu;
  return false;
#endif
}

}  // namespace convcore
