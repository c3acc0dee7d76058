// Random numbers, one element at a time.
#include "kernels/random.h"

#include <algorithm>
#include <cmath>

namespace convcore::reference {

namespace {

struct Words {
  std::uint32_t w[4];
};

Words philox(Words x, std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < philox_rounds; ++round, k0 += philox_weyl[0], k1 += philox_weyl[1]) {
    const std::uint64_t p0 = std::uint64_t{philox_multiplier[0]} * x.w[0], p1 = std::uint64_t{philox_multiplier[1]} * x.w[2];
    x = {{static_cast<std::uint32_t>(p1 >> 32) ^ x.w[1] ^ k0, static_cast<std::uint32_t>(p1),
          static_cast<std::uint32_t>(p0 >> 32) ^ x.w[3] ^ k1, static_cast<std::uint32_t>(p0)}};
  }
  return x;
}

// The four words of the block that `element` belongs to.
Words block_of(std::uint32_t seed, std::uint32_t counter, std::int64_t element) {
  const std::int64_t block = element / random_group * 16 + element % 16;
  return philox({{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), counter, 0}}, seed,
                philox_key);
}

int word_of(std::int64_t element) { return static_cast<int>(element % random_group / 16); }

float unit(std::uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }

// Box-Muller: words 0 and 1 make the elements of words 0 and 1, words 2 and 3 theirs.
float normal_at(std::uint32_t seed, std::uint32_t counter, std::int64_t element) {
  const Words words = block_of(seed, counter, element);
  const int word = word_of(element), pair = word / 2 * 2;
  const double radius = std::sqrt(-2 * std::log(double{unit(words.w[pair])} + 0x1p-24));
  const double angle = 6.283185307179586 * double{unit(words.w[pair + 1])};
  return static_cast<float>(radius * (word == pair ? std::cos(angle) : std::sin(angle)));
}

}  // namespace

float uniform_at(std::uint32_t seed, std::uint32_t counter, std::int64_t element) {
  return unit(block_of(seed, counter, element).w[word_of(element)]);
}

void random(const RandomArgs& a, Range groups) {
  float* y = static_cast<float*>(a.y);
  for (std::int64_t i = groups.begin * random_group; i < std::min(groups.end * random_group, a.size); ++i) {
    if (a.distribution == Distribution::normal) {
      y[i] = normal_at(a.seed, a.counter, i) * a.b + a.a;
      continue;
    }
    const float u = uniform_at(a.seed, a.counter, i);
    if (a.distribution == Distribution::dropout) {
      y[i] = u >= a.a ? static_cast<const float*>(a.x)[i] * a.b : 0.0f;
    } else {
      const float scaled = u * (a.b - a.a) + a.a;
      y[i] = scaled < a.b ? scaled : a.a;  // rounding may reach the excluded end
    }
  }
}

}  // namespace convcore::reference
