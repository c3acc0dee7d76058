// Along one spatial axis: which input elements an output element reads, in the forward pass and in the input gradient.
#include "kernels/conv_axes.h"

#include <algorithm>

namespace convcore {

namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

ConvAxis ConvAxes::forward(const ConvShape& s, int axis) {
  std::vector<std::int64_t>&offset = lists_.emplace_back(), &index = lists_.emplace_back();
  for (std::int64_t k = 0; k < s.k[axis]; ++k) {
    index.push_back(k);
    offset.push_back(k * s.dilation[axis] - s.pad[axis]);
  }
  return clipped({s.out[axis], 0, 1, s.stride[axis], s.k[axis], offset.data(), index.data()}, s.in[axis]);
}

// Input elements i with (i + pad) % stride == remainder. Such an element was read by output o through kernel element k where
// o*stride = i + pad - k*dilation.
ConvAxis ConvAxes::gradient(const ConvShape& s, int axis, std::int64_t remainder) {
  const std::int64_t stride = s.stride[axis], pad = s.pad[axis], dilation = s.dilation[axis];
  const std::int64_t start = ((remainder - pad) % stride + stride) % stride;
  const std::int64_t count = start < s.in[axis] ? (s.in[axis] - 1 - start) / stride + 1 : 0;
  std::vector<std::int64_t>&offset = lists_.emplace_back(), &index = lists_.emplace_back();
  for (std::int64_t k = s.k[axis] - 1; k >= 0; --k) {
    if (k * dilation % stride != remainder) continue;
    index.push_back(k);
    offset.push_back((start + pad - k * dilation) / stride);
  }
  return clipped({count, start, stride, 1, static_cast<std::int64_t>(index.size()), offset.data(), index.data()},
                 s.out[axis]);
}

// Fills in for which outputs each tap lies inside an input of `size` elements.
ConvAxis ConvAxes::clipped(ConvAxis axis, std::int64_t size) {
  std::vector<std::int64_t>&begin = lists_.emplace_back(), &end = lists_.emplace_back();
  for (std::int64_t t = 0; t < axis.taps; ++t) {
    const std::int64_t offset = axis.offset[t];
    begin.push_back(std::min(axis.count, offset >= 0 ? 0 : ceil_div(-offset, axis.in_step)));
    end.push_back(std::clamp(offset >= size ? 0 : ceil_div(size - offset, axis.in_step), begin.back(), axis.count));
  }
  axis.begin = begin.data(), axis.end = end.data();
  return axis;
}

}  // namespace convcore
