// What this process may use of the machine.
#pragma once

#include <string>

namespace convcore {

// Cores of the affinity mask, limited by the CPU quota of the control group (v1 and v2); at least 1.
int usable_cores();

// Whole cores that the control groups of `membership` (the text of /proc/self/cgroup) allow, read below `root`
// (/sys/fs/cgroup); 0 without a limit.
int quota_cores(const std::string& root, const std::string& membership);

// The core that the calling thread is on; -1: the system does not tell.
int current_cpu();

// Moves the calling thread to another of the cores it may run on, and leaves it free to move; false if there is none.
bool leave_cpu(int cpu);

}  // namespace convcore
