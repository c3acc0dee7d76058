// Filter gradients by Winograd: against the reference on every ISA and with every tile, their error law, their bits.
#include <array>

#include "base/settings.h"
#include "kernels/winograd_filter_plan.h"
#include "winograd_cases.h"

namespace {

using namespace convcore;
using namespace winograd_cases;

// Beside the shared cases: enough tiles for parts and chunks of the sum, and sums too large for parts.
const Case large_cases[] = {{"parts", 9, 31, 33, 6, 20, true},
                            {"chunks", 6, 37, 40, 33, 40, false},
                            {"together", 2, 49, 47, 130, 129, true},
                            {"row parts", 4, 1, 801, 9, 24, true, true}};

struct Gradients {
  Tensor dw, db;
};

// By a plan of its own, in memory that ends or begins at a page nobody may touch.
Gradients run_plan(const Case& c, WinogradTile tile, const Tensor& x, const Tensor& dy, bool with_bias, int slots) {
  const WinogradFilterPlan plan(c.shape(), tile, with_bias, kernels(), slots);
  const GuardedBytes workspace(whole_lines(plan.workspace_bytes()));
  Gradients made = {Tensor(Type{DType::f32, c.kernel_shape()}), Tensor(Type{DType::f32, Shape{c.f}})};
  plan.run(x.at(), dy.at(), made.dw.at(), with_bias ? made.db.at() : nullptr, static_cast<float*>(workspace.data()));
  return made;
}

Tensor gradient_like(const Case& c, unsigned seed, bool whole) {
  const ConvShape s = c.shape();
  const Shape shape = c.row ? Shape{s.n, s.out[2], s.f} : Shape{s.n, s.out[1], s.out[2], s.f};
  return whole ? whole_tensor(shape, seed) : random_tensor(shape, seed, -1, 1);
}

// |M| times the |values| along one axis: out[i] = sum over j of m(i, j) in[j].
using Grid = std::vector<std::vector<double>>;

template <class M>
Grid both_axes(std::size_t rows, std::size_t columns, const Grid& in, M along_y, M along_x) {
  Grid out(rows, std::vector<double>(columns));
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      for (std::size_t p = 0; p < in.size(); ++p)
        for (std::size_t q = 0; q < in[p].size(); ++q) out[i][j] += along_y(i, p) * along_x(j, q) * in[p][q];
  return out;
}

// The absolute values of one channel of a window of an image, zeros outside.
Grid window(const float* image, std::int64_t height, std::int64_t width, std::int64_t channels, std::int64_t channel,
            std::int64_t y0, std::int64_t x0, std::size_t rows, std::size_t columns) {
  Grid made(rows, std::vector<double>(columns));
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      const std::int64_t y = y0 + static_cast<std::int64_t>(i), x = x0 + static_cast<std::int64_t>(j);
      if (y >= 0 && y < height && x >= 0 && x < width) made[i][j] = std::fabs(image[(y * width + x) * channels + channel]);
    }
  return made;
}

// What kernels/README.md allows each element of the gradient:
// (tiles + 24) 2^-24 |G^T| [ sum over tiles of (|B^T| |x| |B|) (|A| |dy| |A^T|) ] |G|.
std::vector<double> law(const Case& c, WinogradTile tile, const Tensor& x, const Tensor& dy) {
  const ConvShape s = c.shape();
  const Matrices my = matrices(tile.height), mx = matrices(tile.width);
  const std::size_t ty = my.input.size(), tx = mx.input.size();
  const auto channels = static_cast<std::size_t>(s.c), filters = static_cast<std::size_t>(s.f);
  std::vector<Grid> sums(channels * filters, Grid(ty, std::vector<double>(tx)));
  double tiles = 0;
  for (std::int64_t n = 0; n < s.n; ++n)
    for (std::int64_t y = 0; y < s.out[1]; y += tile.height)
      for (std::int64_t k = 0; k < s.out[2]; k += tile.width, ++tiles) {
        std::vector<Grid> v, d;
        for (std::int64_t i = 0; i < s.c; ++i) {
          const Grid seen =
              window(x.at() + n * s.in[1] * s.in[2] * s.c, s.in[1], s.in[2], s.c, i, y - s.pad[1], k - s.pad[2], ty, tx);
          const auto along = [](const Matrices& m) { return [&m](std::size_t a, std::size_t b) { return m.input[a][b]; }; };
          v.push_back(both_axes(ty, tx, seen, along(my), along(mx)));
        }
        for (std::int64_t i = 0; i < s.f; ++i) {
          const Grid seen = window(dy.at() + n * s.out[1] * s.out[2] * s.f, s.out[1], s.out[2], s.f, i, y, k,
                                   static_cast<std::size_t>(tile.height), static_cast<std::size_t>(tile.width));
          const auto along = [](const Matrices& m) { return [&m](std::size_t a, std::size_t b) { return m.output[b][a]; }; };
          d.push_back(both_axes(ty, tx, seen, along(my), along(mx)));
        }
        for (std::size_t i = 0; i < channels; ++i)
          for (std::size_t j = 0; j < filters; ++j)
            for (std::size_t p = 0; p < ty; ++p)
              for (std::size_t q = 0; q < tx; ++q) sums[i * filters + j][p][q] += v[i][p][q] * d[j][p][q];
      }
  const std::size_t ky = my.weights[0].size(), kx = mx.weights[0].size();
  std::vector<double> bound(ky * kx * channels * filters);
  for (std::size_t i = 0; i < channels * filters; ++i) {
    const auto along = [](const Matrices& m) { return [&m](std::size_t a, std::size_t b) { return m.weights[b][a]; }; };
    const Grid g = both_axes(ky, kx, sums[i], along(my), along(mx));
    for (std::size_t p = 0; p < ky * kx; ++p)
      bound[p * channels * filters + i] = g[p / kx][p % kx] * (tiles + 24) * std::ldexp(1.0, -24);
  }
  return bound;
}

TEST("winograd filter: the gradient obeys the error law, with every tile") {
  for (const Case& c : cases) {
    const Tensor x = random_tensor(c.x_shape(), 1, -1, 1), w = random_tensor(c.kernel_shape(), 2),
                 dy = gradient_like(c, 3, false);
    const Tensors want =
        run_op("conv_backward_filter_bias", c.attrs(), {to_double(x), to_double(dy), to_double(w)}, "reference");
    for (const WinogradTile tile : c.tiles()) {
      const std::vector<double> bound = law(c, tile, x, dy);
      on_every_isa([&](const KernelTable& table) {
        for (const Side side : {Side::end, Side::begin}) {
          check::guarded_side = side;
          const std::string where = cat(c.name, ' ', table.isa, " F", tile.height, "x", tile.width);
          const Gradients got = run_plan(c, tile, copy(x), copy(dy), true, 2);
          compare(got.dw, want[0], bound, where);
          for (std::int64_t f = 0; f < c.f; ++f) CHECK(std::fabs(got.db.at()[f] - want[1].at<double>()[f]) < 1e-3);
          CHECK(same_bits(run_plan(c, tile, copy(x), copy(dy), false, 1).dw, got.dw));
        }
      });
      check::guarded_side = Side::end;
    }
  }
}

// F(2x2) adds, subtracts and halves: on small whole numbers every step is exact, however the sum is cut.
TEST("winograd filter: the small tile is exact on whole numbers, for any number of threads") {
  for (const auto& all : {std::vector<Case>(std::begin(cases), std::end(cases)),
                          std::vector<Case>(std::begin(large_cases), std::end(large_cases))})
    for (const Case& c : all) {
      if (c.row) continue;
      const Tensor x = whole_tensor(c.x_shape(), 1), w = whole_tensor(c.kernel_shape(), 2), dy = gradient_like(c, 3, true);
      const Tensors want = run_op("conv_backward_filter_bias", c.attrs(), {x, dy, w}, "reference");
      on_every_isa([&](const KernelTable& table) {
        for (const int slots : {1, 3}) {
          const Gradients got = run_plan(c, {2, 2}, x, dy, true, slots);
          if (!same_bits(got.dw, want[0]) || !same_bits(got.db, want[1]))
            check::failed(__FILE__, __LINE__, cat(c.name, ' ', table.isa, ' ', slots, " slots"));
        }
      });
    }
}

TEST("winograd filter: parts and chunks, and bits that no number of threads changes") {
  for (const Case& c : large_cases) {
    const Tensor x = random_tensor(c.x_shape(), 1, -1, 1), w = random_tensor(c.kernel_shape(), 2),
                 dy = gradient_like(c, 3, false);
    const Tensors want = run_op("conv_backward_filter_bias", c.attrs(), {x, dy, w}, "simd");
    on_every_isa([&](const KernelTable& table) {
      const Gradients one = run_plan(c, c.tiles()[0], x, dy, true, 1);
      if (worst_error(one.dw, want[0]) > 1e-3 || worst_error(one.db, want[1]) > 1e-3)
        check::failed(__FILE__, __LINE__, cat(c.name, ' ', table.isa, " is off by ", worst_error(one.dw, want[0])));
      for (const int slots : {2, 7}) {
        const Gradients more = run_plan(c, c.tiles()[0], x, dy, true, slots);
        if (!same_bits(more.dw, one.dw) || !same_bits(more.db, one.db))
          check::failed(__FILE__, __LINE__, cat(c.name, ' ', table.isa, ' ', slots, " slots"));
      }
    });
  }
}

TEST("winograd filter: NaN reaches all filters and taps that see it") {
  const Case c = {"nan", 2, 12, 12, 5, 6, true};
  const Tensor x = random_tensor(c.x_shape(), 1), dy = gradient_like(c, 2, false);
  dy.at()[((1 * 12 + 5) * 12 + 6) * 6 + 4] = NAN;
  for (const WinogradTile tile : c.tiles()) {
    const Gradients got = run_plan(c, tile, x, dy, true, 1);
    for (std::int64_t i = 0; i < got.dw.size(); ++i) CHECK_EQ(std::isnan(got.dw.at()[i]), i % 6 == 4);
    CHECK(std::isnan(got.db.at()[4]) && !std::isnan(got.db.at()[3]));
  }
}

TEST("winograd filter: what it refuses, and why") {
  const Tensor x = random_tensor({8, 16, 16, 32}, 1), w = random_tensor({3, 3, 32, 32}, 2),
               dy = random_tensor({8, 14, 14, 32}, 3);
  const auto run = [&] { return run_op1("conv_backward_filter", {}, {x, dy, w}, "winograd"); };
  CHECK(worst_error(run(), run_op1("conv_backward_filter", {}, {x, dy, w}, "simd")) < 1e-3);
  set_precision(Precision::strict);
  CHECK_THROWS(Error, "strict precision", run());
  set_precision(Precision::fast);
  const Tensor one = random_tensor({1, 4, 4, 32}, 1), few = random_tensor({1, 2, 2, 32}, 1);
  CHECK_THROWS(Error, "too few channels", run_op1("conv_backward_filter", {}, {one, few, w}, "winograd"));
}

}  // namespace
