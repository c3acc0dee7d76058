// What this process may use of the machine.
#pragma once

#include <string>

namespace convcore {

// Cores of the affinity mask, limited by the CPU quota of the control group (v1 and v2); at least 1.
int usable_cores();

// Whole cores that the control groups of `membership` (the text of /proc/self/cgroup) allow, read below `root`
// (/sys/fs/cgroup); 0 without a limit.
int quota_cores(const std::string& root, const std::string& membership);

}  // namespace convcore
