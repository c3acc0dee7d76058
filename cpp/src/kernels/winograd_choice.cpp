// Whether Winograd pays, and with which tiles: its cycles and bytes beside the cycles of the direct kernels.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "kernels/winograd_filter_plan.h"
#include "kernels/winograd_plan.h"

namespace convcore {

namespace {

// Cycles of one core, fitted to what convcore_bench measures; kernels/README.md has a table.
constexpr double multiply_adds = 2;       // vectors a cycle
constexpr double direct_share = 0.9;      // of that rate, reached by the direct kernels
constexpr double transform_cycles = 4.5;  // of one tap of one vector, input and output each
constexpr double product_overhead = 6;    // of one tap of one vector of a tile: sums stored, register tiles partly filled
constexpr double weight_bytes = 16;       // a cycle, read from L3 or beyond, once an image, where weights are far
constexpr double weight_cycles = 2;     // of one tap of one vector then: they are transformed for few images, read for many
constexpr double near_bytes = 1 << 20;  // more transformed weights are far
constexpr double worth = 0.85;          // of the direct cycles
// Forward passes to so few channels take small tiles, which round as little as a direct sum: too few values follow for the
// error of F(4x4) to be averaged away. (kernels/README.md)
constexpr std::int64_t few_outputs = 16;
// of the filter gradient
constexpr double direct_filter_share = 0.7;
constexpr double sums_share = 0.8;  // of the multiply-add rate, reached by the products
constexpr double sums_passes = 12;  // over the sums of all taps

double up(std::int64_t a, std::int64_t b) { return static_cast<double>((a + b - 1) / b); }

struct Problem {
  std::int64_t c, f, out[2];
  int vector;

  double direct_cycles(double kernel) const {
    return kernel * static_cast<double>(out[0] * out[1] * c) * up(f, vector) / (multiply_adds * direct_share);
  }
  double far_weights(WinogradTile t) const {
    const double kernel = WinogradTile::kernel_along(t.height) * WinogradTile::kernel_along(t.width);
    const double bytes = static_cast<double>(c * f * 4);
    if (t.taps() * bytes <= near_bytes) return 0;
    return kernel * bytes / weight_bytes + weight_cycles * t.taps() * static_cast<double>(c) * up(f, vector);
  }
  double winograd_cycles(WinogradTile t) const {
    const double taps = t.taps(), tiles = up(out[0], t.height) * up(out[1], t.width), sums = up(f, vector);
    const double products = tiles * taps * sums * (static_cast<double>(c) + product_overhead) / multiply_adds;
    const double transforms = tiles * taps * transform_cycles * (up(c, vector) + sums);
    return products + transforms + far_weights(t);
  }
};

std::string shape_refusal(const ConvShape& s) {
  if (s.groups != 1) return "more than one group";
  for (int a = 0; a < 3; ++a) {
    if (s.stride[a] != 1) return "stride is not 1";
    if (s.dilation[a] != 1) return "dilation is not 1";
  }
  const bool plane = s.in[0] == 1 && s.k[0] == 1 && s.out[0] == 1;
  if (!plane || s.k[2] != 3 || (s.k[1] != 3 && s.k[1] != 1)) return "kernel is not 3x3";
  return s.out[1] * s.out[2] * s.in[1] * s.in[2] * s.c * s.f == 0 ? "nothing to compute" : "";
}

}  // namespace

WinogradChoice WinogradPlan::choose(const ConvShape& s, Pass pass, const KernelTable& table) {
  if (std::string reason = shape_refusal(s); !reason.empty()) return {{}, std::move(reason)};
  const bool forward = pass == Pass::forward;
  const Problem p = {forward ? s.c : s.f,
                     forward ? s.f : s.c,
                     {forward ? s.out[1] : s.in[1], forward ? s.out[2] : s.in[2]},
                     table.vector_width};
  const bool row = s.k[1] == 1;
  const WinogradTile large = row ? WinogradTile{1, 4} : WinogradTile{4, 4}, small = row ? large : WinogradTile{2, 2};
  const bool precise = forward && p.f <= few_outputs;
  const WinogradTile best = precise || p.winograd_cycles(small) < p.winograd_cycles(large) ? small : large;
  const double direct = p.direct_cycles(row ? 3 : 9), share = p.winograd_cycles(best) / direct;
  if (share <= worth) return {best, ""};
  return {best, cat("too few channels or pixels: ", std::lround(100 * share), " % of the direct cycles"), true};
}

// The sums of all taps are read and written for each chunk of tiles, so the batch counts: more tiles, fewer bytes a tile.
WinogradChoice WinogradFilterPlan::choose(const ConvShape& s, const KernelTable& table) {
  if (std::string reason = shape_refusal(s); !reason.empty()) return {{}, std::move(reason)};
  if (s.n == 0) return {{}, "nothing to compute"};
  const bool row = s.k[1] == 1;
  const double c = up(s.c, table.vector_width), f = up(s.f, table.vector_width);
  const std::int64_t rows = winograd_filter_rows(table.registers, table.vector_width);
  const auto cycles = [&](WinogradTile t) {
    const double tiles = static_cast<double>(s.n) * up(s.out[1], t.height) * up(s.out[2], t.width), taps = t.taps();
    const double products = up(s.c, static_cast<int>(rows)) * static_cast<double>(rows) * f / (multiply_adds * sums_share);
    const double bytes = taps * c * f * 4 * table.vector_width * table.vector_width;
    return taps * tiles * (products + transform_cycles * (c + f)) + sums_passes * bytes / weight_bytes;
  };
  const WinogradTile large = row ? WinogradTile{1, 4} : WinogradTile{4, 4}, small = row ? large : WinogradTile{2, 2};
  const WinogradTile best = cycles(small) < cycles(large) ? small : large;
  const double direct =
      static_cast<double>(s.n * s.k[1] * s.k[2] * s.out[1] * s.out[2] * s.c) * f / (multiply_adds * direct_filter_share);
  const double share = cycles(best) / direct;
  if (share <= worth) return {best, ""};
  return {best, cat("too few channels or pixels: ", std::lround(100 * share), " % of the direct cycles"), true};
}

}  // namespace convcore
