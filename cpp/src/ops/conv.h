// What the convolution ops share: attributes, shape rule, and the plain problem behind a node.
#pragma once

#include "base/parallel.h"
#include "graph/op_def.h"
#include "kernels/conv.h"
#include "kernels/conv_plan.h"
#include "kernels/winograd_plan.h"
#include "ops/activation.h"
#include "ops/window.h"

namespace convcore {

struct ConvWindow {
  Ints strides, dilation_rate;  // empty: all 1
  Padding padding = Padding::valid;
  std::int64_t groups = 1;
  DataFormat data_format = DataFormat::channels_last;
  Ints paddings;  // zeros around the input that `padding` then sees: low, high for each spatial axis; empty: none
  void window_fields(auto&& f) {
    f("strides", strides), f("padding", padding), f("dilation_rate", dilation_rate), f("groups", groups);
    f("data_format", data_format);
  }
  void fields(auto&& f) { window_fields(f), f("paddings", paddings); }
};

// The type of the result; throws Error where x and kernel do not fit each other or the attributes.
Type conv_output(const char* op, const ConvWindow& window, const Type& x, const Type& kernel);
// The problem behind known types that conv_output has accepted.
ConvShape conv_shape(const ConvWindow& window, const Type& x, const Type& kernel);

// Checks the inputs after the kernel, a bias of `channels` elements and a residual, and the attribute "activation".
void check_epilogue(const char* op, const std::string& activation, const Types& in, const Type& y, std::int64_t channels);
// The gradient passes no activation: it is differentiated as an op of its own, before the passes run.
void refuse_activation_gradient(const char* op, const std::string& activation);

// Which nodes the simd kernels take: float32, and channels last where the op has a data format.
Refusal simd_refuses_dtype(const NodeView& view);
template <class A>
Refusal simd_refuses_conv(const NodeView& view) {
  if (view.attrs<A>().data_format != DataFormat::channels_last) return refuse("channels_last only");
  return simd_refuses_dtype(view);
}

// How each of the three passes, of convolution and dense alike, is prepared and run by the simd kernels.
Prepared prepare_correlation(const ConvShape& shape, ConvPlan::Pass pass, const Settings& settings,
                             const Activation& activation = {});
Prepared prepare_filter_gradient(const ConvShape& shape, FilterResult result, const Settings& settings);
void pack_correlation(const Call& call, void* packed);
void run_forward(const Call& call);          // x, kernel, bias?, residual?
void run_input_gradient(const Call& call);   // dy, kernel
void run_filter_gradient(const Call& call);  // x, dy; the second output, if any, is the bias gradient

// The same by Winograd (conv_winograd.cpp), for what it does not refuse.
Refusal winograd_refuses(const ConvShape& shape, WinogradPlan::Pass pass, const Settings& settings);
Prepared prepare_winograd(const ConvShape& shape, WinogradPlan::Pass pass, const Settings& settings,
                          const Activation& activation = {});
// Of some rows of a forward problem, with the same tiles and packed weights.
Prepared prepare_winograd_part(const ConvShape& shape, const Settings& settings, const Prepared& whole);
void pack_winograd(const Call& call, void* packed);
void run_winograd(const Call& call);                 // x, kernel, bias?, residual?
void run_winograd_input_gradient(const Call& call);  // dy, kernel
Refusal winograd_refuses_filter(const ConvShape& shape, const Settings& settings);
Prepared prepare_winograd_filter(const ConvShape& shape, bool with_bias, const Settings& settings);
void run_winograd_filter_gradient(const Call& call);  // x, dy; the second output, if any, is the bias gradient

// Multiplications and additions of each pass.
inline double multiply_adds(const Type& y, const Type& kernel) {
  const std::int64_t features = kernel.shape[kernel.shape.rank() - 1];
  return features == 0
             ? 0
             : 2.0 * static_cast<double>(y.shape.elements()) * static_cast<double>(kernel.shape.elements() / features);
}
inline double forward_operations(const NodeView& view) { return multiply_adds(view.out[0], view.in[1]); }
inline double input_gradient_operations(const NodeView& view) { return multiply_adds(view.in[0], view.in[1]); }
inline double filter_gradient_operations(const NodeView& view) { return multiply_adds(view.in[1], view.out[0]); }

// The reference kernels, by the dtype of the result.
void reference_forward(const Call& call, const ConvShape& shape, bool channels_first, const Activation& activation);
void reference_input_gradient(const Call& call, const ConvShape& shape, bool channels_first);
// The input gradient of `shape` as a forward op: x, kernel, bias?
void reference_transpose(const Call& call, const ConvShape& shape, bool channels_first, const Activation& activation);
void reference_filter_gradient(const Call& call, const ConvShape& shape, bool channels_first);  // likewise
void reference_filter_gradient_by_image(const Call& call, const ConvShape& shape, bool channels_first);

}  // namespace convcore
