// Depthwise convolution, and convolution in groups of few channels, as an implementation of the convolution ops.
#pragma once

#include "ops/conv.h"

namespace convcore {

// Takes groups so small that a vector spans several of them.
Refusal depthwise_refuses(const ConvShape& shape);

Prepared prepare_depthwise(const ConvShape& shape, ConvPlan::Pass pass, const Settings& settings,
                           const Activation& activation = {});
Prepared prepare_depthwise_filter(const ConvShape& shape, FilterResult result, const Settings& settings);
void pack_depthwise(const Call& call, void* packed);
void run_depthwise(const Call& call);                  // x, kernel, bias?, residual?
void run_depthwise_input_gradient(const Call& call);   // dy, kernel
void run_depthwise_filter_gradient(const Call& call);  // x, dy; the second output, if any, is the bias gradient

}  // namespace convcore
