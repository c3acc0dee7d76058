// Times the convolution kernels alone: `convcore_bench [--isa NAME] [--threads N] [filter]`. One line per case and pass: the
// best of many runs, in GFLOP/s of the direct algorithm, and the median share of the multiply-add rate measured before each
// run, because the clock of a core changes with what its neighbours do.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "conv_cases.h"
#include "kernels/conv_plan.h"
#include "ops/conv.h"

namespace {

using namespace convcore;

bool one_thread = true;

// Seconds: of this thread's work if it works alone, so that a busy machine disturbs less; else of the wall clock.
double now() {
  timespec time;
  clock_gettime(one_thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

constexpr std::int64_t peak_steps = 10000, peak_chains = 12;

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

// Seconds that all threads need to multiply and add at full rate, `flops` in all.
struct Peak {
  const KernelTable& table;
  int threads;

  double flops() const { return 2.0 * static_cast<double>(peak_steps * peak_chains * table.vector_width) * threads; }
  double seconds() const {
    const double begin = now();
    parallel_for(threads, 1e6, [&](Range range) {
      for (std::int64_t i = range.begin; i < range.end; ++i) multiply_add(table.vector_width);
    });
    return now() - begin;
  }
};

struct Timing {
  double seconds;  // the best of one call
  double share;    // of the peak, per operation of the call: the median
};

// Calls are timed together until they take 0.2 ms, each after a measurement of the peak, for about 0.1 s.
template <class F>
Timing measure(const Peak& peak, F f) {
  int together = 1;
  const auto timed = [&] {
    const double begin = now();
    for (int i = 0; i < together; ++i) f();
    return (now() - begin) / together;
  };
  double best = timed();
  while (best * together < 2e-4 && together < 1 << 20) together *= 2, best = timed();
  std::vector<double> shares;
  for (const double end = now() + 0.1; shares.size() < 5 || now() < end;) {
    const double rate = peak.flops() / peak.seconds(), seconds = timed();
    best = std::min(best, seconds);
    shares.push_back(1 / (seconds * rate));
  }
  std::nth_element(shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(shares.size() / 2), shares.end());
  return {best, shares[shares.size() / 2]};
}

// Aligned as the arena is.
struct Floats {
  std::size_t count;
  Buffer buffer;
  explicit Floats(std::int64_t n) : count(static_cast<std::size_t>(n)), buffer(count * sizeof(float)) {
    for (std::size_t i = 0; i < count; ++i) data()[i] = static_cast<float>(i * 7919 % 1000) / 1000.0f - 0.5f;
  }
  float* data() { return static_cast<float*>(buffer.data()); }
};

void report(const check::ConvCase& c, const char* pass, Timing time, double flops) {
  std::printf("%-26s %-9s %9.4f ms %8.1f GFLOP/s %6.1f %%\n", c.name.c_str(), pass, time.seconds * 1e3,
              flops / time.seconds * 1e-9, 100 * flops * time.share);
}

// One pass from x to y by one kind of plan, and its packing.
template <class Plan>
void run_plan(const check::ConvCase& c, const char* pass, const Plan& plan, Peak peak, Floats& x, Floats& w, Floats& y,
              double flops) {
  Buffer packed(plan.packed_bytes()), workspace(plan.workspace_bytes());
  float* const weights = static_cast<float*>(packed.data());
  const double packing = measure(peak, [&] { plan.pack(w.data(), weights); }).seconds;
  report(c, pass, measure(peak, [&] { plan.run(x.data(), weights, nullptr, nullptr, y.data(), workspace.data()); }), flops);
  std::printf("%-26s %-9s %9.4f ms\n", "", "pack", packing * 1e3);
}

void run_case(const check::ConvCase& c, const KernelTable& table, int threads) {
  const Peak peak = {table, threads};
  ConvWindow window;
  window.strides = c.strides, window.dilation_rate = c.dilation, window.groups = c.groups;
  window.padding = c.padding == "same" ? Padding::same : c.padding == "causal" ? Padding::causal : Padding::valid;
  const ConvShape s = conv_shape(window, {DType::f32, c.x_shape()}, {DType::f32, c.kernel_shape()});
  Floats w(c.kernel_shape().elements()), dw(c.kernel_shape().elements()), db(c.f), x(c.x_shape().elements());
  Floats y(s.n * s.out[0] * s.out[1] * s.out[2] * s.f);
  const double flops = 2.0 * static_cast<double>(y.count) * static_cast<double>(w.count) / static_cast<double>(s.f);
  for (const bool forward : {true, false}) {
    Floats &from = forward ? x : y, &to = forward ? y : x;
    const Activation activation = forward ? read_activation("conv", "relu") : Activation{};
    const auto pass = forward ? ConvPlan::Pass::forward : ConvPlan::Pass::input_gradient;
    run_plan(c, forward ? "forward" : "dx", ConvPlan(s, pass, activation, table, threads), peak, from, w, to, flops);
    const auto tiled = forward ? WinogradPlan::Pass::forward : WinogradPlan::Pass::input_gradient;
    const WinogradChoice choice = WinogradPlan::choose(s, tiled, table);
    if (!choice.refusal.empty()) continue;
    const WinogradPlan plan(s, tiled, choice.tile, activation, table, threads);
    const std::string name = cat(forward ? "F(" : "dx F(", choice.tile.height, "x", choice.tile.width, ")");
    run_plan(c, name.c_str(), plan, peak, from, w, to, flops);
  }
  const ConvFilterPlan plan(s, true, table, threads);
  Buffer workspace(plan.workspace_bytes());
  report(c, "dw", measure(peak, [&] { plan.run(x.data(), y.data(), dw.data(), db.data(), workspace.data()); }), flops);
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
  one_thread = threads == 1;
  for (const KernelTable* table : available_kernels()) {
    if (!isa.empty() && isa != table->isa) continue;
    const Peak peak = {*table, threads};
    double seconds = peak.seconds();
    for (int i = 0; i < 100; ++i) seconds = std::min(seconds, peak.seconds());
    std::printf("%s: %.1f GFLOP/s multiply-add peak on %d thread(s)\n", table->isa, peak.flops() / seconds * 1e-9, threads);
    for (const check::ConvCase& c : check::read_conv_cases(CC_CASES_DIR "/conv_bench.txt"))
      if (c.name.find(filter) != std::string::npos) run_case(c, *table, threads);
  }
}
