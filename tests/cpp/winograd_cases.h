// What the tests of Winograd convolutions share: problems, the absolute values of the transforms, the comparison with a law.
#pragma once

#include <vector>

#include "check.h"
#include "kernels/winograd_plan.h"
#include "run_op.h"

namespace winograd_cases {

using namespace convcore;
using check::Side;

struct Case {
  const char* name;
  std::int64_t n, height, width, c, f;
  bool same;
  bool row = false;  // kernel (3,) instead of (3, 3)

  Shape x_shape() const { return row ? Shape{n, width, c} : Shape{n, height, width, c}; }
  Shape kernel_shape() const { return row ? Shape{3, c, f} : Shape{3, 3, c, f}; }
  AttrMap attrs() const { return {{"padding", std::string(same ? "same" : "valid")}}; }
  ConvShape shape() const {
    ConvShape s;
    s.n = n, s.c = c, s.f = f;
    const std::int64_t in[3] = {1, row ? 1 : height, width};
    for (int a = row ? 2 : 1; a < 3; ++a) s.k[a] = 3, s.pad[a] = same;
    for (int a = 0; a < 3; ++a) s.in[a] = in[a], s.out[a] = in[a] + 2 * s.pad[a] - (s.k[a] - 1);
    return s;
  }
  std::vector<WinogradTile> tiles() const {
    return row ? std::vector<WinogradTile>{{1, 4}} : std::vector<WinogradTile>{{4, 4}, {2, 2}};
  }
};

// Channel counts around the widths of vectors and blocks, images that tiles cover exactly and not, more tiles than fit a
// block.
inline const Case cases[] = {
    {"one pixel", 1, 3, 3, 1, 1, false},          {"smaller than a tile", 2, 2, 1, 5, 3, true},
    {"whole tiles", 2, 8, 12, 16, 32, true},      {"odd sizes", 2, 7, 9, 17, 33, true},
    {"vector and a bit", 1, 6, 11, 9, 15, false}, {"three blocks", 1, 5, 5, 20, 75, true},
    {"many tiles", 3, 29, 31, 8, 18, false},      {"row", 2, 1, 37, 19, 21, true, true},
    {"short row", 3, 1, 3, 4, 6, false, true},    {"late weights", 1, 6, 7, 70, 110, true},
    {"late for one", 17, 6, 5, 70, 110, true},
};

inline Tensor copy(const Tensor& t) { return Tensor(t.type.dtype, t.type.shape, t.values()); }

inline std::size_t whole_lines(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

inline Tensor to_double(const Tensor& t) {
  Tensor made(Type{DType::f64, t.type.shape});
  for (std::int64_t i = 0; i < t.size(); ++i) made.at<double>()[i] = t.at()[i];
  return made;
}

// The absolute values of the transforms' matrices, from the points 0, +-sqrt(1/2), +-sqrt(2) and 0, +-1.
struct Matrices {
  std::vector<std::vector<double>> input, weights, output;
};

inline Matrices matrices(int outputs) {
  const double r = std::sqrt(2.0), h = std::sqrt(0.5);
  if (outputs == 1) return {{{1}}, {{1}}, {{1}}};
  if (outputs == 2)
    return {{{1, 0, 1, 0}, {0, 1, 1, 0}, {0, 1, 1, 0}, {0, 1, 0, 1}},
            {{1, 0, 0}, {.5, .5, .5}, {.5, .5, .5}, {0, 0, 1}},
            {{1, 1, 1, 0}, {0, 1, 1, 1}}};
  return {{{1, 0, 2.5, 0, 1, 0},
           {0, r, 2, h, 1, 0},
           {0, r, 2, h, 1, 0},
           {0, h, .5, r, 1, 0},
           {0, h, .5, r, 1, 0},
           {0, 1, 0, 2.5, 0, 1}},
          {{1, 0, 0},
           {2 / 3., 2 / 3. * h, 1 / 3.},
           {2 / 3., 2 / 3. * h, 1 / 3.},
           {1 / 6., r / 6, 1 / 3.},
           {1 / 6., r / 6, 1 / 3.},
           {0, 0, 1}},
          {{1, 1, 1, 1, 1, 0}, {0, h, h, r, r, 0}, {0, .5, .5, 2, 2, 0}, {0, h / 2, h / 2, 2 * r, 2 * r, 1}}};
}

inline void compare(const Tensor& got, const Tensor& want, const std::vector<double>& bound, const std::string& where) {
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const double error = std::fabs(got.at()[i] - want.at<double>()[i]);
    if (error <= bound[static_cast<std::size_t>(i)]) continue;
    check::failed(__FILE__, __LINE__,
                  cat(where, "[", i, "] off by at most ", bound[static_cast<std::size_t>(i)], ", is off by ", error));
    return;
  }
}

template <class F>
void on_every_isa_and_side(F f) {
  on_every_isa([&](const KernelTable& table) {
    for (Side side : {Side::end, Side::begin}) {
      check::guarded_side = side;
      f(cat(' ', table.isa, side == Side::end ? " end" : " begin"));
    }
  });
  check::guarded_side = Side::end;
}

}  // namespace winograd_cases
