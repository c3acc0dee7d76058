// Times the convolution kernels alone: `convcore_bench [--isa NAME] [--threads N] [filter]`. One line per case and pass, as
// the best of many runs, in GFLOP/s of the direct algorithm and as a share of the multiply-add rate measured on the same
// core.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "conv_cases.h"
#include "kernels/conv_plan.h"
#include "ops/conv.h"

namespace {

using namespace convcore;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The best time of one call, from as many as fit into about 60 ms (at least 3).
template <class F>
double best_seconds(F f) {
  f();
  double best = 1e9;
  const double end = now() + 0.06;
  for (int i = 0; i < 3 || now() < end; ++i) {
    const double begin = now();
    f();
    best = std::min(best, now() - begin);
  }
  return best;
}

constexpr std::int64_t peak_steps = 20000, peak_chains = 12;

#if defined(__x86_64__)
// Twelve independent chains, which no compiler can merge or spill. The baseline has no fused instruction: it takes two.
#define CC_CHAINS(OP, R) \
  OP(R, 1) OP(R, 2) OP(R, 3) OP(R, 4) OP(R, 5) OP(R, 6) OP(R, 7) OP(R, 8) OP(R, 9) OP(R, 10) OP(R, 11) OP(R, 12)
#define CC_FUSED(R, I) "vfmadd231ps %%" #R "0, %%" #R "0, %%" #R #I "\n\t"
#define CC_SPLIT(R, I) "mulps %%" #R "0, %%" #R #I "\n\taddps %%" #R "0, %%" #R #I "\n\t"
#define CC_CLOBBERS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12"

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
  volatile float sink = 0;
  for (Vec4& v : acc) sink = v[0];
}
#endif

double peak_gflops(const KernelTable& table) {
  const double seconds = best_seconds([&] { multiply_add(table.vector_width); });
  return 2e-9 * static_cast<double>(peak_steps * peak_chains * table.vector_width) / seconds;
}

std::vector<float> fractions(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i * 7919 % 1000) / 1000.0f - 0.5f;
  return values;
}

void report(const check::ConvCase& c, const char* pass, double seconds, double flops, double peak) {
  std::printf("%-26s %-8s %9.4f ms %8.1f GFLOP/s %6.1f %%\n", c.name.c_str(), pass, seconds * 1e3, flops / seconds * 1e-9,
              100 * flops / seconds * 1e-9 / peak);
}

void run_case(const check::ConvCase& c, const KernelTable& table, int threads, double peak) {
  ConvWindow window;
  window.strides = c.strides, window.dilation_rate = c.dilation, window.groups = c.groups;
  window.padding = c.padding == "same" ? Padding::same : c.padding == "causal" ? Padding::causal : Padding::valid;
  const ConvShape s = conv_shape(window, {DType::f32, c.x_shape()}, {DType::f32, c.kernel_shape()});
  const auto w = fractions(static_cast<std::size_t>(c.kernel_shape().elements()));
  auto x = fractions(static_cast<std::size_t>(c.x_shape().elements()));
  auto y = fractions(static_cast<std::size_t>(s.n * s.out[0] * s.out[1] * s.out[2] * s.f));
  const double flops = 2.0 * static_cast<double>(y.size()) * static_cast<double>(w.size()) / static_cast<double>(s.f);
  std::vector<float> dw(w.size());
  for (const auto pass : {ConvPlan::Pass::forward, ConvPlan::Pass::input_gradient}) {
    const bool forward = pass == ConvPlan::Pass::forward;
    const ConvPlan plan(s, pass, forward ? Activation::relu : Activation::linear, table, threads);
    Buffer packed(plan.packed_bytes()), workspace(plan.workspace_bytes());
    float* const weights = static_cast<float*>(packed.data());
    const double packing = best_seconds([&] { plan.pack(w.data(), weights); });
    const double seconds = best_seconds(
        [&] { plan.run(forward ? x.data() : y.data(), weights, nullptr, forward ? y.data() : x.data(), workspace.data()); });
    report(c, forward ? "forward" : "dx", seconds, flops, peak);
    std::printf("%-26s %-8s %9.4f ms\n", "", "pack", packing * 1e3);
  }
  const ConvFilterPlan plan(s, table, threads);
  Buffer workspace(plan.workspace_bytes());
  report(c, "dw", best_seconds([&] { plan.run(x.data(), y.data(), dw.data(), workspace.data()); }), flops, peak);
}

}  // namespace

int main(int argc, char** argv) {
  std::string isa, filter;
  int threads = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--isa") == 0 && i + 1 < argc)
      isa = argv[++i];
    else if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
      threads = std::stoi(argv[++i]);
    else
      filter = argv[i];
  }
  set_thread_count(threads);
  for (const KernelTable* table : available_kernels()) {
    if (!isa.empty() && isa != table->isa) continue;
    const double peak = peak_gflops(*table) * threads;
    std::printf("%s: %.1f GFLOP/s multiply-add peak on %d thread(s)\n", table->isa, peak, threads);
    for (const check::ConvCase& c : check::read_conv_cases(CC_CASES_DIR "/conv_bench.txt"))
      if (c.name.find(filter) != std::string::npos) run_case(c, *table, threads, peak);
  }
}
