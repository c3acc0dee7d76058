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

std::atomic<const KernelTable*> current{nullptr};
std::atomic<bool> named{false};  // by CONVCORE_ISA or use_isa: then no other table is used

const KernelTable* pick() {
  const char* wanted = std::getenv("CONVCORE_ISA");
  if (wanted == nullptr || *wanted == '\0') return available_kernels()[0];
  named.store(true, std::memory_order_relaxed);
  return find(wanted, "CONVCORE_ISA");
}

// The table with vectors of 256 bits where a vector of 512 takes as long as two of these; else null. Of Zen 3 and 4, which
// are one family, only the latter has AVX-512.
const KernelTable* half_table() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (available_kernels()[0] == &avx512::table && __builtin_cpu_is("amdfam19h")) return &avx2::table;
#endif
  return nullptr;
}

std::int64_t lanes(std::int64_t channels, const KernelTable& table) {
  return (channels + table.vector_width - 1) / table.vector_width * table.vector_width;
}

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

// Wide vectors need fewer instructions: the narrow ones win where they leave a sixth of the lanes less idle.
const KernelTable& kernels_for(std::int64_t channels) {
  static const KernelTable* const half = half_table();
  const KernelTable& used = kernels();
  if (half == nullptr || named.load(std::memory_order_relaxed)) return used;
  return 6 * lanes(channels, *half) <= 5 * lanes(channels, used) ? *half : used;
}

void use_isa(std::string_view isa) {
  named.store(true, std::memory_order_relaxed);
  current.store(find(isa, "use_isa"), std::memory_order_release);
}

}  // namespace convcore
