// The reference convolution: the definition itself, in plain loops, for both data formats.
#pragma once

#include "base/parallel.h"
#include "kernels/conv.h"

namespace convcore::reference {

template <class T>
struct ConvArgs {
  ConvShape shape;
  bool channels_first = false;
  const T *x = nullptr, *w = nullptr, *bias = nullptr, *residual = nullptr, *dy = nullptr;
  T *y = nullptr, *dx = nullptr, *dw = nullptr, *db = nullptr;
  Activation activation;
};

// x, w, bias, residual -> y. Item = one image.
template <class T>
void conv(const ConvArgs<T>& args, Range images);
// dy, w -> dx. Item = one image. With a bias (of dx's channels), a residual
// and an activation it is the transposed convolution.
template <class T>
void conv_backward_input(const ConvArgs<T>& args, Range images);
// x, dy -> dw, and db unless it is null. Item = one filter.
template <class T>
void conv_backward_filter(const ConvArgs<T>& args, Range filters);

// The activation of one number; shared by the dense reference.
template <class T>
T activate(T value, const Activation& activation);

}  // namespace convcore::reference
