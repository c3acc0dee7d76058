// Times the convolution kernels alone: `convcore_bench [--isa NAME] [--threads N] [filter]`. One line per case, pass and
// implementation: the best of many runs, in GFLOP/s of the direct algorithm, and the median share of the multiply-add rate
// measured before each run, because the clock of a core changes with what its neighbours do.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "conv_cases.h"
#include "kernels/dispatch.h"
#include "kernels/peak.h"
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

// Seconds that all threads need to multiply and add at full rate, `flops` in all.
struct Peak {
  const KernelTable& table;
  int threads;

  double flops() const { return multiply_add_operations(table.vector_width) * threads; }
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

// Bytes a second that all threads read from arrays of `bytes` each: the best of a few passes.
double read_rate(std::int64_t bytes, int threads) {
  typedef float Part __attribute__((vector_size(16)));
  const std::int64_t parts = bytes / static_cast<std::int64_t>(sizeof(Part)),
                     passes = std::max<std::int64_t>(1, (64 << 20) / bytes);
  std::vector<Buffer> arrays;
  for (int i = 0; i < threads; ++i) {
    arrays.emplace_back(static_cast<std::size_t>(bytes));
    std::memset(arrays.back().data(), 0, static_cast<std::size_t>(bytes));
  }
  double best = 0;
  for (int run = 0; run < 8; ++run) {
    const double begin = now();
    parallel_for(threads, 1e6, [&](Range range) {
      for (std::int64_t i = range.begin; i < range.end; ++i) {
        const Part* const at = static_cast<const Part*>(arrays[static_cast<std::size_t>(i)].data());
        Part a = {}, b = {}, c = {}, d = {};
        for (std::int64_t pass = 0; pass < passes; ++pass)
          for (std::int64_t part = 0; part < parts; part += 4)
            a += at[part], b += at[part + 1], c += at[part + 2], d += at[part + 3];
        a += b + c + d;
        asm volatile("" ::"m"(a));
      }
    });
    best = std::max(best, static_cast<double>(bytes * passes * threads) / (now() - begin));
  }
  return best;
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

// One op on tensors of its own; every implementation that accepts the problem is timed, but not the reference.
struct Pass {
  const char* name;
  const char* op;
  AttrMap attrs;
  std::vector<const Type*> in, out;
};

void run_pass(const check::ConvCase& c, const Pass& pass, const Peak& peak, double flops) {
  const OpDef& op = find_op(pass.op);
  Node node{&op, op.make_attrs(pass.attrs), {}, {}, ""};
  node.in.resize(pass.in.size());
  Types in_types, out_types;
  std::vector<Floats> tensors;
  for (const Type* type : pass.in) in_types.push_back(*type), tensors.emplace_back(type->shape.elements());
  for (const Type* type : pass.out) out_types.push_back(*type), tensors.emplace_back(type->shape.elements());
  std::vector<const void*> in;
  std::vector<void*> out;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    i < in_types.size() ? in.push_back(tensors[i].data()) : out.push_back(tensors[i].data());
  const NodeView view{&node, in_types, out_types};
  for (const Implementation& implementation : op.implementations) {
    if (implementation.name == "reference" || (implementation.refuses != nullptr && implementation.refuses(view))) continue;
    const Prepared prepared = implementation.prepare(view);
    Buffer workspace(prepared.workspace_bytes), packed(prepared.packed_bytes);
    const Call call{view, in, out, workspace.data(), packed.data(), prepared.state.get()};
    const char* const name = implementation.name.c_str();
    if (prepared.packed_input >= 0)
      std::printf("%-26s %-8s %-10s %9.4f ms\n", c.name.c_str(), "pack", name,
                  measure(peak, [&] { implementation.pack(call, packed.data()); }).seconds * 1e3);
    const Timing time = measure(peak, [&] { implementation.run(call); });
    std::printf("%-26s %-8s %-10s %9.4f ms %8.1f GFLOP/s %6.1f %%\n", c.name.c_str(), pass.name, name, time.seconds * 1e3,
                flops / time.seconds * 1e-9, 100 * flops * time.share);
  }
}

void run_case(const check::ConvCase& c, const Peak& peak) {
  const Type x{DType::f32, c.x_shape()}, w{DType::f32, c.kernel_shape()}, b{DType::f32, Shape{c.f}};
  const OpDef& conv = find_op("conv");
  const Type y = conv.infer(conv.make_attrs(c.attrs()), {x, w})[0];
  const double flops = multiply_adds(y, w);
  AttrMap with_relu = c.attrs();
  with_relu.push_back({"activation", std::string("relu")});
  run_pass(c, {"forward", "conv", with_relu, {&x, &w}, {&y}}, peak, flops);
  run_pass(c, {"dx", "conv_backward_input", c.attrs(), {&y, &w, &x}, {&x}}, peak, flops);
  run_pass(c, {"dw", "conv_backward_filter_bias", c.attrs(), {&x, &y, &w}, {&w, &b}}, peak, flops);
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
  std::printf("reading from arrays of 256 KB, 8 MB and 256 MB a thread: %.1f, %.1f, %.1f GB/s on %d thread(s)\n",
              1e-9 * read_rate(256 << 10, threads), 1e-9 * read_rate(8 << 20, threads), 1e-9 * read_rate(256 << 20, threads),
              threads);
  for (const KernelTable* table : available_kernels()) {
    if (!isa.empty() && isa != table->isa) continue;
    use_isa(table->isa);
    const Peak peak = {*table, threads};
    double seconds = peak.seconds();
    for (int i = 0; i < 100; ++i) seconds = std::min(seconds, peak.seconds());
    std::printf("%s: %.1f GFLOP/s multiply-add peak on %d thread(s)\n", table->isa, peak.flops() / seconds * 1e-9, threads);
    for (const check::ConvCase& c : check::read_conv_cases(CC_CASES_DIR "/conv_bench.txt"))
      if (c.name.find(filter) != std::string::npos) run_case(c, peak);
  }
}
