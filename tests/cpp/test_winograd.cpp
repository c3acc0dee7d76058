// Winograd convolution: against the reference on every ISA and with every tile, its error law, its bits, its refusals.
#include <algorithm>
#include <array>

#include "base/settings.h"
#include "check.h"
#include "kernels/winograd_plan.h"
#include "ops/activation.h"
#include "winograd_cases.h"

namespace {

using namespace convcore;
using namespace winograd_cases;
using Pass = WinogradPlan::Pass;

// One pass by a plan of its own, in memory that ends or begins at a page nobody may touch.
Tensor run_plan(const Case& c, Pass pass, WinogradTile tile, const Tensor& x, const Tensor& w, const float* bias,
                const float* residual, Activation activation, const Shape& result, int slots) {
  const WinogradPlan plan(c.shape(), pass, tile, activation, kernels(), slots);
  const GuardedBytes packed(whole_lines(plan.packed_bytes())), workspace(whole_lines(plan.workspace_bytes()));
  Tensor y(Type{DType::f32, result});
  plan.pack(w.at(), packed.at<float>());
  plan.run(x.at(), packed.at<float>(), bias, residual, y.at(), workspace.data());
  return y;
}

// What the error law of kernels/README.md allows each output, with every product replaced by its absolute value:
// (r + 24) 2^-24 |A^T| [ sum over c of (|G| |w| |G^T|) (|B^T| |x| |B|) ] |A| with r roundings in the sum over c channels,
// which is cut into pieces. x and w as a correlation sees them.
std::vector<double> law(const ConvShape& s, WinogradTile tile, const float* x, const float* w) {
  const std::int64_t pieces = (s.c + winograd_piece - 1) / winograd_piece;
  const double roundings = static_cast<double>(std::min<std::int64_t>(s.c, winograd_piece) + pieces - 1 + 24);
  const Matrices my = matrices(tile.height), mx = matrices(tile.width);
  const auto ny = static_cast<std::int64_t>(my.input.size()), nx = static_cast<std::int64_t>(mx.input.size());
  const auto u = [&](std::int64_t i, std::int64_t j, std::int64_t c, std::int64_t f) {
    double sum = 0;
    for (std::int64_t y = 0; y < s.k[1]; ++y)
      for (std::int64_t k = 0; k < s.k[2]; ++k)
        sum += my.weights[i][y] * mx.weights[j][k] * std::fabs(w[((y * s.k[2] + k) * s.c + c) * s.f + f]);
    return sum;
  };
  std::vector<double> packed;  // [i][j][c][f]
  for (std::int64_t i = 0; i < ny; ++i)
    for (std::int64_t j = 0; j < nx; ++j)
      for (std::int64_t c = 0; c < s.c; ++c)
        for (std::int64_t f = 0; f < s.f; ++f) packed.push_back(u(i, j, c, f));
  std::vector<double> bound(static_cast<std::size_t>(s.n * s.out[1] * s.out[2] * s.f));
  std::vector<double> v(static_cast<std::size_t>(s.c));
  for (std::int64_t n = 0; n < s.n; ++n)
    for (std::int64_t y0 = 0; y0 < s.out[1]; y0 += tile.height)
      for (std::int64_t x0 = 0; x0 < s.out[2]; x0 += tile.width)
        for (std::int64_t i = 0; i < ny; ++i)
          for (std::int64_t j = 0; j < nx; ++j) {
            std::fill(v.begin(), v.end(), 0.0);
            for (std::int64_t p = 0; p < ny; ++p)
              for (std::int64_t q = 0; q < nx; ++q) {
                const std::int64_t iy = y0 - s.pad[1] + p, ix = x0 - s.pad[2] + q;
                if (iy < 0 || iy >= s.in[1] || ix < 0 || ix >= s.in[2]) continue;
                const double factor = my.input[i][p] * mx.input[j][q];
                for (std::int64_t c = 0; c < s.c; ++c)
                  v[c] += factor * std::fabs(x[((n * s.in[1] + iy) * s.in[2] + ix) * s.c + c]);
              }
            for (std::int64_t f = 0; f < s.f; ++f) {
              double product = 0;
              for (std::int64_t c = 0; c < s.c; ++c) product += v[c] * packed[((i * nx + j) * s.c + c) * s.f + f];
              for (std::int64_t y = 0; y < std::min<std::int64_t>(tile.height, s.out[1] - y0); ++y)
                for (std::int64_t k = 0; k < std::min<std::int64_t>(tile.width, s.out[2] - x0); ++k)
                  bound[((n * s.out[1] + y0 + y) * s.out[2] + x0 + k) * s.f + f] +=
                      my.output[y][i] * mx.output[k][j] * product * roundings * std::ldexp(1.0, -24);
            }
          }
  return bound;
}

// The input gradient as the forward pass it is: filters and channels swapped, the kernel turned round, padding k-1-p.
ConvShape turned(const ConvShape& s) {
  ConvShape t = s;
  t.c = s.f, t.f = s.c;
  for (int a = 0; a < 3; ++a) t.in[a] = s.out[a], t.out[a] = s.in[a], t.pad[a] = s.k[a] - 1 - s.pad[a];
  return t;
}
std::vector<float> turned(const ConvShape& s, const float* w) {
  const std::int64_t taps = s.k[1] * s.k[2];
  std::vector<float> made(static_cast<std::size_t>(taps * s.c * s.f));
  for (std::int64_t t = 0; t < taps; ++t)
    for (std::int64_t c = 0; c < s.c; ++c)
      for (std::int64_t f = 0; f < s.f; ++f) made[(t * s.f + f) * s.c + c] = w[((taps - 1 - t) * s.c + c) * s.f + f];
  return made;
}

TEST("winograd: both passes obey the error law, with every tile") {
  for (const Case& c : cases) {
    const ConvShape s = c.shape();
    const Tensor x = random_tensor(c.x_shape(), 1, -1, 1), w = random_tensor(c.kernel_shape(), 2, -1, 1);
    const Tensor y = run_op1("conv", c.attrs(), {to_double(x), to_double(w)}, "reference");
    const Tensor dy = random_tensor(y.type.shape, 3, -1, 1);
    const Tensor dx = run_op1("conv_backward_input", c.attrs(), {to_double(dy), to_double(w), to_double(x)}, "reference");
    const std::vector<float> w_turned = turned(s, w.at());
    for (const WinogradTile tile : c.tiles()) {
      const std::vector<double> y_law = law(s, tile, x.at(), w.at()),
                                dx_law = law(turned(s), tile, dy.at(), w_turned.data());
      on_every_isa_and_side([&](const std::string& isa) {
        const std::string where = cat(c.name, isa, " F", tile.height, "x", tile.width);
        const Tensor x2 = copy(x), w2 = copy(w), dy2 = copy(dy);
        compare(run_plan(c, Pass::forward, tile, x2, w2, nullptr, nullptr, Activation{}, y.type.shape, 2), y, y_law,
                where + " y");
        compare(run_plan(c, Pass::input_gradient, tile, dy2, w2, nullptr, nullptr, Activation{}, x.type.shape, 2), dx,
                dx_law, where + " dx");
      });
    }
  }
}

// One chain of additions over 512 channels would be off by 27 units in the last place, the pieces are by 10.
TEST("winograd: errors hardly grow with the channels") {
  const Case c = {"long sums", 1, 4, 4, 512, 16, true};
  const Tensor x = random_tensor(c.x_shape(), 1, 0, 1), w = random_tensor(c.kernel_shape(), 2, -1, 1);
  const Tensor y = run_op1("conv", c.attrs(), {to_double(x), to_double(w)}, "reference");
  on_every_isa([&](const KernelTable&) {
    const Tensor got = run_plan(c, Pass::forward, {4, 4}, x, w, nullptr, nullptr, Activation{}, y.type.shape, 1);
    double errors = 0, values = 0;
    for (std::int64_t i = 0; i < y.size(); ++i)
      errors += std::pow(got.at()[i] - y.at<double>()[i], 2), values += std::pow(y.at<double>()[i], 2);
    CHECK(std::sqrt(errors / values) < 15 * std::ldexp(1.0, -24));
  });
}

// F(2x2) adds, subtracts and halves: on small whole numbers every step is exact.
TEST("winograd: the small tile is exact on whole numbers") {
  for (const Case& c : cases) {
    if (c.row) continue;
    const Tensor x = whole_tensor(c.x_shape(), 1), w = whole_tensor(c.kernel_shape(), 2);
    const Tensor y = run_op1("conv", c.attrs(), {x, w}, "reference");
    on_every_isa([&](const KernelTable&) {
      CHECK(same_bits(run_plan(c, Pass::forward, {2, 2}, x, w, nullptr, nullptr, Activation{}, y.type.shape, 1), y));
    });
  }
}

TEST("winograd: bias, residual and activation") {
  const Case c = cases[3];
  const Tensor x = random_tensor(c.x_shape(), 1, -1, 1), w = random_tensor(c.kernel_shape(), 2, -1, 1);
  const Tensor b = random_tensor(Shape{c.f}, 3);
  const Tensor plain = run_op1("conv", c.attrs(), {x, w, b}, "reference"), residual = random_tensor(plain.type.shape, 4);
  for (const std::string word : {"linear", "relu", "sigmoid", "tanh"}) {
    Tensor want = copy(plain);
    for (std::int64_t i = 0; i < want.size(); ++i) {
      const float sum = plain.at()[i] + residual.at()[i];
      want.at()[i] = word == "relu"      ? std::max(sum, 0.0f)
                     : word == "sigmoid" ? 1 / (1 + std::exp(-sum))
                     : word == "tanh"    ? std::tanh(sum)
                                         : sum;
    }
    const Activation activation = read_activation("test", word);
    on_every_isa_and_side([&](const std::string&) {
      const Tensor b2 = copy(b), r2 = copy(residual);
      for (const WinogradTile tile : c.tiles())
        CHECK(worst_error(
                  run_plan(c, Pass::forward, tile, copy(x), copy(w), b2.at(), r2.at(), activation, plain.type.shape, 1),
                  want) < 1e-4);
    });
  }
}

TEST("winograd: the bits depend neither on how the work is cut nor on the batch") {
  on_every_isa([&](const KernelTable& table) {
    for (const Case& c : cases)
      for (const WinogradTile tile : c.tiles()) {
        const Tensor x = random_tensor(c.x_shape(), 1), w = random_tensor(c.kernel_shape(), 2);
        const ConvShape s = c.shape();
        const Shape result{s.n, s.out[1] * s.out[2] * s.f};
        const auto run = [&](const Case& of, const Tensor& from, int slots) {
          return run_plan(of, Pass::forward, tile, from, w, nullptr, nullptr, Activation{}, Shape{of.n, result[1]}, slots);
        };
        const Tensor whole = run(c, x, 1);
        for (int slots : {2, 3, 7})
          if (!same_bits(whole, run(c, x, slots)))
            check::failed(__FILE__, __LINE__, cat(c.name, ' ', table.isa, ' ', slots, " slots"));
        Case one = c;
        one.n = 1;
        Tensor image(Type{DType::f32, one.x_shape()});
        for (std::int64_t i = 0; i < c.n; ++i) {
          std::memcpy(image.at(), x.at() + i * image.size(), static_cast<std::size_t>(image.type.bytes()));
          const Tensor alone = run(one, image, 1);
          CHECK(std::memcmp(alone.at(), whole.at() + i * result[1], static_cast<std::size_t>(alone.type.bytes())) == 0);
        }
      }
  });
}

// Rounding leaves nothing where a direct sum is exactly 0: the derivative of relu depends on it. All other products are
// positive, so no other sum is 0; some pixels have but their last channel.
TEST("winograd: outputs that see zeros only are the bias") {
  for (const Case& c : cases) {
    const ConvShape s = c.shape();
    const Tensor w = random_tensor(c.kernel_shape(), 2, 0.5, 1), b = random_tensor(Shape{c.f}, 3);
    Tensor x = random_tensor(c.x_shape(), 1, 0.5, 1);
    for (std::int64_t pixel = 0; pixel < x.size() / c.c; ++pixel) {
      const bool left = pixel % s.in[2] < s.in[2] / 2, one = pixel % 7 == 0;  // a half of each image, and few others
      for (std::int64_t k = 0; k < c.c - one; ++k)
        if (left || one) x.at()[pixel * c.c + k] = 0;
      if (left && pixel % 29 != 0) x.at()[pixel * c.c + c.c - 1] = 0;
    }
    const Tensor y = run_op1("conv", c.attrs(), {x, w, b}, "reference");
    std::int64_t zeros = 0;
    for (std::int64_t i = 0; i < y.size(); ++i) zeros += y.at()[i] == b.at()[i % c.f];
    CHECK(zeros > 0 || s.in[2] < 8);
    for (const WinogradTile tile : c.tiles())
      on_every_isa_and_side([&](const std::string& isa) {
        const Tensor x2 = copy(x), w2 = copy(w), b2 = copy(b);
        for (const int slots : {1, 3}) {
          const Tensor got = run_plan(c, Pass::forward, tile, x2, w2, b2.at(), nullptr, Activation{}, y.type.shape, slots);
          for (std::int64_t i = 0; i < y.size(); ++i) {
            const bool zero = y.at()[i] == b.at()[i % c.f];
            if (zero == (got.at()[i] == b.at()[i % c.f])) continue;
            check::failed(__FILE__, __LINE__,
                          cat(c.name, ' ', isa, " F", tile.height, ": ", i, zero ? " is not" : " is", " 0"));
            break;
          }
        }
      });
  }
}

// As in a direct sum, where 0 * NaN is NaN.
TEST("winograd: NaN among the weights reaches outputs that see zeros only") {
  const Case c = {"nan weights", 1, 12, 12, 16, 16, true};
  const Tensor x = random_tensor(c.x_shape(), 1, 0, 0);
  Tensor w = random_tensor(c.kernel_shape(), 2);
  for (std::int64_t i = 5; i < w.size(); i += 16) w.at()[i] = NAN;
  for (const WinogradTile tile : c.tiles())
    on_every_isa([&](const KernelTable&) {
      const Tensor y = run_plan(c, Pass::forward, tile, x, w, nullptr, nullptr, Activation{}, c.x_shape(), 1);
      for (std::int64_t i = 0; i < y.size(); ++i) CHECK(i % 16 == 5 ? std::isnan(y.at()[i]) : y.at()[i] == 0);
    });
}

// Every pixel that sees a NaN is NaN. Pixels of other tiles are untouched; pixels of the same tile may be NaN as well.
TEST("winograd: NaN reaches all that see it, and no further than the tile") {
  const Case c = {"nan", 1, 12, 12, 16, 16, true};
  const Tensor x = random_tensor(c.x_shape(), 1), w = random_tensor(c.kernel_shape(), 2);
  Tensor bad = copy(x);
  const std::int64_t row = 5, column = 6;
  bad.at()[(row * 12 + column) * 16 + 3] = NAN;
  for (const WinogradTile tile : c.tiles()) {
    const auto run = [&](const Tensor& from) {
      return run_plan(c, Pass::forward, tile, from, w, nullptr, nullptr, read_activation("test", "relu"), c.x_shape(), 1);
    };
    const Tensor clean = run(x), spoiled = run(bad);
    const auto beside = [](std::int64_t i, std::int64_t at, int m) {  // the tile of i reads pixel `at`
      return i / m * m - 1 <= at && at <= i / m * m + m;
    };
    for (std::int64_t i = 0; i < clean.size(); ++i) {
      const std::int64_t y = i / 16 / 12, k = i / 16 % 12;
      const bool sees = std::abs(y - row) <= 1 && std::abs(k - column) <= 1;
      const bool same_tile = beside(y, row, tile.height) && beside(k, column, tile.width);
      if (sees) CHECK(std::isnan(spoiled.at()[i]));
      if (!same_tile) CHECK_EQ(spoiled.at()[i], clean.at()[i]);
    }
  }
}

TEST("winograd: what it refuses, and why") {
  const Tensor x = random_tensor({1, 16, 16, 64}, 1), w = random_tensor({3, 3, 64, 64}, 2);
  const AttrMap same = {{"padding", std::string("same")}};
  const auto run = [&](const Tensor& from, const Tensor& kernel, AttrMap more = {}) {
    more.insert(more.end(), same.begin(), same.end());
    return run_op1("conv", more, {from, kernel}, "winograd");
  };
  CHECK(worst_error(run(x, w), run_op1("conv", same, {x, w}, "reference")) < 1e-4);
  CHECK_THROWS(Error, "stride is not 1", run(x, w, {{"strides", Ints{2, 2}}}));
  CHECK_THROWS(Error, "dilation is not 1", run(x, w, {{"dilation_rate", Ints{2, 2}}}));
  CHECK_THROWS(Error, "more than one group", run(x, random_tensor({3, 3, 32, 64}, 2), {{"groups", std::int64_t{2}}}));
  CHECK_THROWS(Error, "kernel is not 3x3", run(x, random_tensor({5, 5, 64, 8}, 2)));
  CHECK_THROWS(Error, "too few channels", run(random_tensor({1, 16, 16, 1}, 1), random_tensor({3, 3, 1, 8}, 2)));
  CHECK_THROWS(Error, "float32 only", run(to_double(x), to_double(w)));
  set_precision(Precision::strict);
  CHECK_THROWS(Error, "strict precision", run(x, w));
  set_precision(Precision::fast);
}

TEST("winograd: the choice does not depend on the batch") {
  on_every_isa([](const KernelTable& table) {
    for (const Case& c : cases)
      for (const Pass pass : {Pass::forward, Pass::input_gradient}) {
        ConvShape one = c.shape(), many = c.shape();
        one.n = 1, many.n = 128;
        const WinogradChoice a = WinogradPlan::choose(one, pass, table), b = WinogradPlan::choose(many, pass, table);
        CHECK(a.tile == b.tile && a.refusal == b.refusal);
      }
  });
}

TEST("winograd: an empty batch") {
  const Tensor x(Type{DType::f32, Shape{0, 16, 16, 64}}), w = random_tensor({3, 3, 64, 64}, 2);
  CHECK_EQ(run_op1("conv", {}, {x, w}, "simd").size(), 0);
  const Case none = {"none", 0, 16, 16, 64, 64, true};
  CHECK_EQ(run_plan(none, Pass::forward, {4, 4}, x, w, nullptr, nullptr, Activation{}, x.type.shape, 2).size(), 0);
}

}  // namespace
