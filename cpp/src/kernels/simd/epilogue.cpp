// Activations that are more than limits, over what a convolution has just stored.
#include "kernels/simd/epilogue.h"

#include "kernels/simd/program.h"

namespace convcore::CC_ISA {

namespace {

constexpr int block = 256;  // floats at a time: all values of the longest program stay in the first-level cache
static_assert(block % vl == 0);

struct Registers {
  alignas(64) float immediates[max_activation_immediates][vl];
  alignas(64) float values[1 + max_activation_steps][block];
  Location at[1 + max_activation_immediates + max_activation_steps];
  const float* result;

  explicit Registers(const Activation& a) {
    at[0] = {values[0], 1};
    for (int i = 0; i < a.immediate_count; ++i) {
      store(immediates[i], set1(static_cast<float>(a.immediates[i])));
      at[1 + i] = {immediates[i], 0};
    }
    for (int i = 0; i < a.step_count; ++i) at[1 + a.immediate_count + i] = {values[1 + i], 1};
    result = values[a.step_count];
  }
};

// Rows of at most `block` floats, each at a whole number of vectors from the one before, so that one instruction takes them
// all; what lies between them is computed along and not stored.
void run(Registers& r, const Activation& a, float* y, int64_t rows, int64_t step, int count) {
  const int vectors = (count + vl - 1) / vl, last = count - (vectors - 1) * vl;
  for (int64_t row = 0; row < rows; ++row)
    for (int v = 0; v < vectors; ++v)
      store(r.values[0] + (row * vectors + v) * vl, load_first(y + row * step + v * vl, v == vectors - 1 ? last : vl));
  for (int i = 0; i < a.step_count; ++i) execute(a.steps[i], r.at, static_cast<int>(rows) * vectors * vl, 0);
  for (int64_t row = 0; row < rows; ++row)
    for (int v = 0; v < vectors; ++v)
      store_first(y + row * step + v * vl, load(r.result + (row * vectors + v) * vl), v == vectors - 1 ? last : vl);
}

}  // namespace

void activate(float* y, int64_t rows, int64_t step, int64_t count, const Activation& a) {
  Registers r(a);
  if (step == count) count *= rows, step = count, rows = 1;  // one long row
  for (int64_t begin = 0; begin < count; begin += block) {
    const int piece = static_cast<int>(count - begin < block ? count - begin : block);
    const int64_t together = block / ((piece + vl - 1) / vl * vl);
    for (int64_t row = 0; row < rows; row += together)
      run(r, a, y + row * step + begin, rows - row < together ? rows - row : together, step, piece);
  }
}

}  // namespace convcore::CC_ISA
