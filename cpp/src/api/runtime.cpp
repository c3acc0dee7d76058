// Threads and instruction sets, for applications.
#include "convcore/runtime.h"

#include "base/parallel.h"
#include "kernels/dispatch.h"

namespace convcore {

void set_num_threads(int n) { set_thread_count(n); }
int num_threads() { return thread_count(); }
std::string isa() { return kernels().isa; }

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (const KernelTable* table : available_kernels()) names.emplace_back(table->isa);
  return names;
}

const char* version() { return CONVCORE_VERSION; }

}  // namespace convcore
