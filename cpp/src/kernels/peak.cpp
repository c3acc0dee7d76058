// Chains of multiply-adds that no compiler can merge or spill, timed.
#include "kernels/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/parallel.h"
#include "kernels/dispatch.h"

namespace convcore {

namespace {

constexpr std::int64_t peak_steps = 10000, peak_chains = 12;

#if defined(__x86_64__)
// Twelve independent chains, which no compiler can merge or spill. The baseline has no fused instruction: it takes two.
#define CC_CHAINS(OP, R) \
  OP(R, 1) OP(R, 2) OP(R, 3) OP(R, 4) OP(R, 5) OP(R, 6) OP(R, 7) OP(R, 8) OP(R, 9) OP(R, 10) OP(R, 11) OP(R, 12)
#define CC_FUSED(R, I) "vfmadd231ps %%" #R "0, %%" #R "0, %%" #R #I "\n\t"
#define CC_SPLIT(R, I) "mulps %%" #R "0, %%" #R #I "\n\taddps %%" #R "0, %%" #R #I "\n\t"
#define CC_CLOBBERS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12"
#endif

}  // namespace

#if defined(__x86_64__)
void multiply_add(int vector_width) {
  if (vector_width == 16) {
    asm volatile("vpxor %%xmm0, %%xmm0, %%xmm0" ::: CC_CLOBBERS);
    for (std::int64_t i = 0; i < peak_steps; ++i) asm volatile(CC_CHAINS(CC_FUSED, zmm)::: CC_CLOBBERS);
  } else if (vector_width == 8) {
    asm volatile("vpxor %%xmm0, %%xmm0, %%xmm0" ::: CC_CLOBBERS);
    for (std::int64_t i = 0; i < peak_steps; ++i) asm volatile(CC_CHAINS(CC_FUSED, ymm)::: CC_CLOBBERS);
  } else {
    asm volatile("pxor %%xmm0, %%xmm0" ::: CC_CLOBBERS);
    for (std::int64_t i = 0; i < peak_steps; ++i) asm volatile(CC_CHAINS(CC_SPLIT, xmm)::: CC_CLOBBERS);
  }
}
#else
void multiply_add(int) {
  typedef float Vec4 __attribute__((vector_size(16)));
  Vec4 acc[peak_chains] = {};
  for (std::int64_t i = 0; i < peak_steps; ++i)
    for (Vec4& v : acc) v = v * 0.5f + 0.5f;
  [[maybe_unused]] volatile float sink = 0;
  for (Vec4& v : acc) sink = v[0];
}
#endif

double multiply_add_operations(int vector_width) {
  return 2.0 * static_cast<double>(peak_steps * peak_chains * vector_width);
}

double peak_operations() {
  using Clock = std::chrono::steady_clock;
  const int threads = thread_count(), width = kernels().vector_width;
  double best = 0;
  for (int run = 0; run < 50; ++run) {
    const Clock::time_point begin = Clock::now();
    parallel_for(threads, 1e6, [&](Range range) {
      for (std::int64_t i = range.begin; i < range.end; ++i) multiply_add(width);
    });
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    best = std::max(best, multiply_add_operations(width) * threads / seconds);
  }
  return best;
}

}  // namespace convcore
