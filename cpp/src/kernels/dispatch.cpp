// Picks the kernel table once: the best ISA of this machine, or the one CONVCORE_ISA names.
#include "kernels/dispatch.h"

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "kernels/tables.h"

namespace convcore {

namespace {

std::vector<const KernelTable*> detect() {
  std::vector<const KernelTable*> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    found.push_back(&avx512::table);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
    found.push_back(&avx2::table);
  found.push_back(&baseline::table);
#elif defined(__aarch64__)
  found.push_back(&neon::table);
#else
  found.push_back(&baseline::table);
#endif
  return found;
}

const KernelTable* find(std::string_view isa, const char* where) {
  std::string names;
  for (const KernelTable* table : available_kernels()) {
    if (isa == table->isa) return table;
    names += names.empty() ? table->isa : cat(", ", table->isa);
  }
  fail(where, cat("an ISA this machine can run (", names, ")"), isa);
}

const KernelTable* pick() {
  const char* wanted = std::getenv("CONVCORE_ISA");
  return wanted != nullptr && *wanted != '\0' ? find(wanted, "CONVCORE_ISA") : available_kernels()[0];
}

std::atomic<const KernelTable*> current{nullptr};

}  // namespace

std::span<const KernelTable* const> available_kernels() {
  static const std::vector<const KernelTable*> tables = detect();
  return tables;
}

const KernelTable& kernels() {
  const KernelTable* table = current.load(std::memory_order_acquire);
  if (table == nullptr) current.store(table = pick(), std::memory_order_release);
  return *table;
}

void use_isa(std::string_view isa) { current.store(find(isa, "use_isa"), std::memory_order_release); }

}  // namespace convcore
