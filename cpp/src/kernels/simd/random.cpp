// Random tensors and dropout: the bits are the reference's, generated a vector of blocks at a time.
#include "kernels/random.h"

#include "kernels/simd/math.h"
#include "kernels/simd/philox.h"

namespace convcore::CC_ISA {

namespace {

struct Uniform {
  CC_INLINE Vec value(const RandomArgs& a, Vec u, const float*, int) {
    const Vec scaled = u * (a.b - a.a) + a.a;
    return select(scaled < a.b, scaled, set1(a.a));
  }
};
struct Dropout {
  CC_INLINE Vec value(const RandomArgs& a, Vec u, const float* x, int lanes) {
    return select(u >= a.a, load_first(x, lanes) * a.b, Vec{});
  }
};
CC_INLINE void put(float* y, Vec v, int lanes) {
  if (lanes == vl) {
    store(y, v);
  } else {
    store_first(y, v, lanes);
  }
}

// Elements [first, first + vl) of word `word` of a group, as far as the tensor reaches.
CC_INLINE int lanes_at(const RandomArgs& a, std::int64_t element) {
  const std::int64_t left = a.size - element;
  return left >= vl ? vl : left > 0 ? static_cast<int>(left) : 0;
}

template <class Rule>
CC_INLINE void write(const RandomArgs& a, const Words& words, std::int64_t element) {
  const float* x = static_cast<const float*>(a.x);
  float* y = static_cast<float*>(a.y);
  for (int word = 0; word < 4; ++word, element += 16) {
    const int lanes = lanes_at(a, element);
    if (lanes == 0) return;
    put(y + element, Rule::value(a, unit(words.w[word]), x + element, lanes), lanes);
  }
}

CC_INLINE void write_normal(const RandomArgs& a, const Words& words, std::int64_t element) {
  float* y = static_cast<float*>(a.y);
  for (int word = 0; word < 4; word += 2) {
    const Vec radius = vsqrt(-2.0f * vlog(unit(words.w[word]) + 0x1p-24f));
    const Vec angle = unit(words.w[word + 1]) * 6.28318531f;
    const Vec values[2] = {radius * vcos(angle), radius * vsin(angle)};
    for (int i = 0; i < 2; ++i, element += 16)
      if (const int lanes = lanes_at(a, element); lanes > 0) put(y + element, values[i] * a.b + a.a, lanes);
  }
}

// Calls write(words of vl blocks, the element that the first word of the first block makes).
template <class F>
CC_INLINE void each_blocks(const RandomArgs& a, Range groups, F write) {
  for (std::int64_t group = groups.begin; group < groups.end; ++group)
    for (int block = 0; block < 16; block += vl)
      write(philox(a.seed, a.counter, group * 16 + block), group * random_group + block);
}

}  // namespace

void random(const RandomArgs& a, Range groups) {
#define CC_WRITE [&](const Words& words, std::int64_t element) __attribute__((always_inline))
  switch (a.distribution) {
    case Distribution::uniform: return each_blocks(a, groups, CC_WRITE { write<Uniform>(a, words, element); });
    case Distribution::normal: return each_blocks(a, groups, CC_WRITE { write_normal(a, words, element); });
    case Distribution::dropout: return each_blocks(a, groups, CC_WRITE { write<Dropout>(a, words, element); });
  }
}

}  // namespace convcore::CC_ISA
