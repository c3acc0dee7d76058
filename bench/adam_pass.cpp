// Adam written by hand: one pass over weights, gradients and both moments, the measure of what a fused update can reach
// (`python -m bench.adam`). Built as a shared library, which Python calls on the memory of its variables.
#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

// The compiler makes one copy per instruction set and picks at load time, as convcore does for its kernels.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void update(float* __restrict w, const float* __restrict g, float* __restrict m, float* __restrict v, std::int64_t count,
            float alpha, float beta_1, float beta_2, float epsilon) {
  const float keep_1 = 1.0f - beta_1, keep_2 = 1.0f - beta_2;
  for (std::int64_t i = 0; i < count; ++i) {
    const float gradient = g[i];
    const float first = m[i] + (gradient - m[i]) * keep_1;
    const float second = v[i] + (gradient * gradient - v[i]) * keep_2;
    m[i] = first;
    v[i] = second;
    w[i] -= first * alpha / (__builtin_sqrtf(second) + epsilon);
  }
}

}  // namespace

// All variables in turn; each thread has its share of the elements of every one.
extern "C" __attribute__((visibility("default"))) void adam_pass(std::int64_t variables, float* const* w,
                                                                 const float* const* g, float* const* m, float* const* v,
                                                                 const std::int64_t* sizes, int threads, float alpha,
                                                                 float beta_1, float beta_2, float epsilon) {
  std::int64_t total = 0;
  for (std::int64_t i = 0; i < variables; ++i) total += sizes[i];
  const auto share = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = 0, start = 0; i < variables; start += sizes[i++]) {
      const std::int64_t from = begin > start ? begin - start : 0;
      const std::int64_t to = end < start + sizes[i] ? end - start : sizes[i];
      if (from < to) update(w[i] + from, g[i] + from, m[i] + from, v[i] + from, to - from, alpha, beta_1, beta_2, epsilon);
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(share, total * t / threads, total * (t + 1) / threads);
  share(0, total / threads);
  for (std::thread& other : others) other.join();
}
