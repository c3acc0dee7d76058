// Random numbers and dropout: known answers of Philox, equal bits on every ISA and for every cut, distributions.
#include <algorithm>

#include "check.h"
#include "kernels/random.h"
#include "run_op.h"

using namespace convcore;

namespace {

Tensor state(std::uint32_t seed, std::uint32_t counter) {
  return Tensor(DType::u32, {2}, std::vector<std::uint32_t>{seed, counter});
}

// Philox4x32-10 as published, written once more: multiply, swap, xor.
std::vector<std::uint32_t> published_philox(std::vector<std::uint32_t> c, std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(a)};
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return c;
}

}  // namespace

TEST("random: Philox gives the published numbers") {
  // Known answers of the authors' distribution (Random123, kat_vectors).
  CHECK(published_philox({0, 0, 0, 0}, 0, 0) ==
        (std::vector<std::uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  CHECK(published_philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0) ==
        (std::vector<std::uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
  for (const std::int64_t element : {0, 5, 17, 40, 63, 64, 1000}) {
    const std::int64_t block = element / 64 * 16 + element % 16;
    const auto words = published_philox({static_cast<std::uint32_t>(block), 0, 7, 0}, 42, philox_key);
    const std::uint32_t word = words[static_cast<std::size_t>(element % 64 / 16)];
    CHECK_EQ(reference::uniform_at(42, 7, element), static_cast<float>(word >> 8) / 16777216.0f);
  }
}

TEST("random: every ISA gives the reference's bits, for every size and cut") {
  on_every_isa([](const KernelTable& table) {
    for (const std::int64_t n : {1, 15, 16, 17, 63, 64, 65, 100, 4099}) {
      const AttrMap attrs = {{"shape", Ints{n}}, {"minval", -3.0}, {"maxval", 0.1}};
      const Tensor s = state(1, 2), x = random_tensor({n}, 3);
      CHECK(same_bits(run_op1("random_uniform", attrs, {s}, "simd"), run_op1("random_uniform", attrs, {s}, "reference")));
      const AttrMap rate = {{"rate", 0.3}};
      CHECK(same_bits(run_op1("dropout", rate, {x, s}, "simd"), run_op1("dropout", rate, {x, s}, "reference")));
      const AttrMap shape = {{"shape", Ints{n}}};
      CHECK(worst_error(run_op1("random_normal", shape, {s}, "simd"), run_op1("random_normal", shape, {s}, "reference")) <
            1e-5);
    }
    std::vector<float> whole(1000), cut(1000);
    RandomArgs args;
    args.seed = 9, args.size = 1000, args.y = whole.data();
    table.random(args, {0, 16});
    args.y = cut.data();
    for (std::int64_t group = 15; group >= 0; --group) table.random(args, {group, group + 1});
    CHECK(whole == cut);
  });
}

TEST("random: distributions") {
  const std::int64_t n = 1 << 18;
  const Tensor u = run_op1("random_uniform", {{"shape", Ints{n}}}, {state(3, 4)}, "simd");
  std::vector<double> counts(64);
  for (const float value : u.values()) {
    CHECK(value >= 0 && value < 1);
    counts[static_cast<std::size_t>(value * 64)] += 1;
  }
  double chi_square = 0;
  for (const double count : counts) chi_square += (count - n / 64.0) * (count - n / 64.0) / (n / 64.0);
  CHECK(chi_square > 30 && chi_square < 110);  // 63 degrees of freedom
  const Tensor z = run_op1("random_normal", {{"shape", Ints{n}}, {"mean", 1.0}, {"stddev", 2.0}}, {state(3, 4)}, "simd");
  double sum = 0, squares = 0, cubes = 0;
  for (const float value : z.values()) {
    const double d = (value - 1.0) / 2;
    sum += d, squares += d * d, cubes += d * d * d;
  }
  CHECK(std::fabs(sum / n) < 0.008);
  CHECK(std::fabs(squares / n - 1) < 0.012);
  CHECK(std::fabs(cubes / n) < 0.03);
}

TEST("dropout: rate, scale, determinism, the gradient's mask") {
  const std::int64_t n = 1 << 16;
  Tensor ones(Type{DType::f32, {n}});
  std::fill_n(ones.at(), n, 1.0f);
  const AttrMap attrs = {{"rate", 0.25}};
  const Tensor y = run_op1("dropout", attrs, {ones, state(5, 0)}, "simd");
  const std::vector<float> values = y.values();
  const auto kept = std::count(values.begin(), values.end(), 1 / 0.75f);
  CHECK_EQ(kept + std::count(values.begin(), values.end(), 0.0f), n);
  CHECK(std::fabs(static_cast<double>(kept) / static_cast<double>(n) - 0.75) < 0.01);
  CHECK(same_bits(y, run_op1("dropout", attrs, {ones, state(5, 0)}, "simd")));
  CHECK(!same_bits(y, run_op1("dropout", attrs, {ones, state(5, 1)}, "simd")));
  CHECK(same_bits(run_op1("dropout", {{"rate", 0.0}}, {ones, state(5, 0)}, "simd"), ones));
  CHECK(same_bits(run_op1("dropout", {{"rate", 1.0}}, {ones, state(5, 0)}, "simd"), Tensor(ones.type)));
}

TEST("dropout: shared decisions along an axis") {
  on_every_isa([](const KernelTable&) {
    const Tensor x = random_tensor({4, 9, 10}, 1, 1, 2), s = state(8, 8);
    for (const Ints& noise : {Ints{-1, 1, -1}, Ints{4, 1, 1}, Ints{1, 9, 10}, Ints{-1, -1, -1}}) {
      const AttrMap attrs = {{"rate", 0.5}, {"noise_shape", noise}};
      const Tensor y = run_op1("dropout", attrs, {x, s}, "simd");
      CHECK(same_bits(y, run_op1("dropout", attrs, {x, s}, "reference")));
      if (noise == Ints{-1, 1, -1})
        for (int n = 0; n < 4; ++n)
          for (int i = 0; i < 90; ++i) CHECK_EQ(y.at()[n * 90 + i] == 0, y.at()[n * 90 + i % 10] == 0);
    }
  });
}

TEST("random: wrong arguments say what is wrong") {
  const Tensor x = random_tensor({2, 2}, 1);
  CHECK_THROWS(Error, "generator state", run_op1("dropout", {}, {x, x}, "reference"));
  CHECK_THROWS(Error, "rate in [0, 1]", run_op1("dropout", {{"rate", 1.5}}, {x, state(1, 1)}, "reference"));
  CHECK_THROWS(Error, "noise_shape", run_op1("dropout", {{"noise_shape", Ints{1}}}, {x, state(1, 1)}, "reference"));
  CHECK_THROWS(Error, "known", run_op1("random_uniform", {{"shape", Ints{-1}}}, {state(1, 1)}, "reference"));
}
