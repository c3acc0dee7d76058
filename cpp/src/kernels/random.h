// Philox4x32-10, the counter-based generator (Salmon et al., SC 2011): random bits are a pure function of seed, counter and
// element index, so they depend neither on threads nor on vector width.
//
// Elements come in groups of random_group: word j of block b (16 blocks a group) is element 16*j + b of its group, so that
// the four words of neighbouring blocks lie side by side for vectors of any width.
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

constexpr std::int64_t random_group = 64;
constexpr int philox_rounds = 10;
constexpr std::uint32_t philox_multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
constexpr std::uint32_t philox_weyl[2] = {0x9E3779B9u, 0xBB67AE85u};
constexpr std::uint32_t philox_key = 0x636f6e76u;  // the second half of the key; the first is the seed

enum class Distribution : std::uint8_t { uniform, normal, dropout };

// One item of the range: one group of elements.
struct RandomArgs {
  Distribution distribution = Distribution::uniform;
  std::uint32_t seed = 0, counter = 0;
  const void* x = nullptr;  // dropout only
  void* y = nullptr;
  std::int64_t size = 0;
  // uniform: [a, b); normal: mean a, deviation b; dropout: rate a, kept values are multiplied by b
  float a = 0, b = 1;
};

namespace reference {
void random(const RandomArgs& args, Range groups);
// The same uniform numbers in [0, 1) that every distribution starts from, for one element.
float uniform_at(std::uint32_t seed, std::uint32_t counter, std::int64_t element);
}  // namespace reference

}  // namespace convcore
