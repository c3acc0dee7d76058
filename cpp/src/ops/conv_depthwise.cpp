// When the kernels for groups of few channels take a convolution, and how they are prepared and run.
#include "ops/conv_depthwise.h"

#include <algorithm>

#include "kernels/depthwise_plan.h"

namespace convcore {

Refusal depthwise_refuses(const ConvShape& s) {
  if (s.groups == 1) return refuse("one group");
  const std::int64_t cg = s.c / s.groups, fg = s.f / s.groups, width = kernels().vector_width;
  if (fg >= width || (cg > 1 && 2 * fg > width)) return refuse("a group fills a vector");
  if (cg > 1 && s.k[0] * s.k[1] * s.k[2] == 1) return refuse("one tap does not pay for moving channels into their lanes");
  if (s.k[0] * s.k[1] * std::max(cg, fg) > depthwise_most_rows) return refuse("too many kernel rows");
  return accept;
}

Prepared prepare_depthwise(const ConvShape& shape, ConvPlan::Pass pass, const Settings& settings,
                           const Activation& activation) {
  const auto plan = std::make_shared<const DepthwisePlan>(shape, pass, activation, kernels(), settings.threads);
  return {plan, plan->workspace_bytes(), 1, plan->packed_bytes()};
}

Prepared prepare_depthwise_filter(const ConvShape& shape, FilterResult result, const Settings& settings) {
  const auto plan = std::make_shared<const DepthwiseFilterPlan>(shape, result, kernels(), settings.threads);
  return {plan, plan->workspace_bytes(), -1, 0};
}

void pack_depthwise(const Call& c, void* packed) { c.prepared<DepthwisePlan>().pack(c.x(1), static_cast<float*>(packed)); }

void run_depthwise(const Call& c) {
  const float* bias = c.in.size() > 2 ? c.x(2) : nullptr;
  const float* residual = c.in.size() > 3 ? c.x(3) : nullptr;
  c.prepared<DepthwisePlan>().run(c.x(0), static_cast<const float*>(c.packed), bias, residual, c.y(), c.workspace,
                                  c.whole_bytes);
}

void run_depthwise_input_gradient(const Call& c) {
  c.prepared<DepthwisePlan>().run(c.x(0), static_cast<const float*>(c.packed), nullptr, nullptr, c.y(), c.workspace,
                                  c.whole_bytes);
}

void run_depthwise_filter_gradient(const Call& c) {
  float* const db = c.out.size() > 1 ? c.y(1) : nullptr;
  c.prepared<DepthwiseFilterPlan>().run(c.x(0), c.x(1), c.y(0), db, c.workspace);
}

}  // namespace convcore
