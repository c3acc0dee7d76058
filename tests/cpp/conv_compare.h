// What the tests of the convolution kernels share: data, memory at forbidden pages, and comparison with the reference.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "check.h"
#include "conv_cases.h"
#include "kernels/dispatch.h"
#include "ops/conv.h"
#include "run_op.h"

namespace check {

using namespace convcore;

// Small whole numbers (sums are exact in float32), or fractions in [-1, 1).
inline Tensor draw(const Shape& shape, unsigned seed, bool whole) {
  return whole ? whole_tensor(shape, seed) : random_tensor(shape, seed, -1, 1);
}

inline Tensor copy(const Tensor& t) { return Tensor(t.type.dtype, t.type.shape, t.values()); }

inline Tensor image(const Tensor& batch, std::int64_t i) {
  Shape shape = batch.type.shape;
  shape[0] = 1;
  Tensor one(Type{DType::f32, shape});
  std::memcpy(one.at(), batch.at() + i * one.size(), static_cast<std::size_t>(one.type.bytes()));
  return one;
}

inline void compare(const Tensor& got, const Tensor& want, double tolerance, const std::string& where) {
  CHECK_EQ(got.type.str(), want.type.str());
  for (std::int64_t i = 0; i < want.size(); ++i)
    if (!(std::fabs(static_cast<double>(got.at()[i]) - static_cast<double>(want.at()[i])) <= tolerance)) {
      failed(__FILE__, __LINE__, cat(where, "[", i, "]: ", want.at()[i], ", got ", got.at()[i]));
      return;
    }
}

// All ISAs, each with arrays that end and that begin at a page that may not be touched.
template <class F>
void on_every_isa_and_side(F f) {
  on_every_isa([&](const KernelTable& table) {
    for (Side side : {Side::end, Side::begin}) {
      guarded_side = side;
      f(cat(' ', table.isa, side == Side::end ? " end " : " begin "));
    }
  });
  guarded_side = Side::end;
}

// Rounding errors of a sum of `terms` products of numbers in [-1, 1].
inline double bound(std::int64_t terms) { return 1.2e-7 * static_cast<double>(terms + 4); }

inline ConvShape shape_of(const ConvCase& c) {
  ConvWindow window;
  window.strides = c.strides, window.dilation_rate = c.dilation, window.groups = c.groups;
  window.padding = c.padding == "same" ? Padding::same : c.padding == "causal" ? Padding::causal : Padding::valid;
  return conv_shape(window, {DType::f32, c.x_shape()}, {DType::f32, c.kernel_shape()});
}

}  // namespace check
