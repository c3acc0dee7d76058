// Winograd convolution among the implementations of conv and its gradients.
#include "kernels/dispatch.h"
#include "kernels/winograd_filter_plan.h"
#include "kernels/winograd_plan.h"
#include "ops/conv.h"

namespace convcore {

namespace {

Refusal refusal_of(const WinogradChoice& choice) {
  return choice.by_cost ? refuse_by_cost(choice.refusal) : refuse(choice.refusal);
}

}  // namespace

Refusal winograd_refuses(const ConvShape& shape, WinogradPlan::Pass pass, const Settings& settings) {
  if (settings.precision != Precision::fast) return refuse("strict precision");
  return refusal_of(WinogradPlan::choose(shape, pass, kernels()));
}

Prepared prepare_winograd(const ConvShape& shape, WinogradPlan::Pass pass, const Settings& settings,
                          const Activation& activation) {
  const WinogradTile tile = WinogradPlan::choose(shape, pass, kernels()).tile;
  const auto plan = std::make_shared<const WinogradPlan>(shape, pass, tile, activation, kernels(), settings.threads);
  return {plan, plan->workspace_bytes(), 1, plan->packed_bytes(), tile.height};
}

Prepared prepare_winograd_part(const ConvShape& shape, const Settings& settings, const Prepared& whole) {
  const auto& like = *static_cast<const WinogradPlan*>(whole.state.get());
  const auto plan = std::make_shared<const WinogradPlan>(shape, like, settings.threads);
  return {plan, plan->workspace_bytes(), 1, plan->packed_bytes(), whole.row_unit};
}

void pack_winograd(const Call& c, void* packed) { c.prepared<WinogradPlan>().pack(c.x(1), static_cast<float*>(packed)); }

void run_winograd(const Call& c) {
  const float* bias = c.in.size() > 2 ? c.x(2) : nullptr;
  const float* residual = c.in.size() > 3 ? c.x(3) : nullptr;
  c.prepared<WinogradPlan>().run(c.x(0), static_cast<const float*>(c.packed), bias, residual, c.y(), c.workspace);
}

void run_winograd_input_gradient(const Call& c) {
  c.prepared<WinogradPlan>().run(c.x(0), static_cast<const float*>(c.packed), nullptr, nullptr, c.y(), c.workspace);
}

Refusal winograd_refuses_filter(const ConvShape& shape, const Settings& settings) {
  if (settings.precision != Precision::fast) return refuse("strict precision");
  return refusal_of(WinogradFilterPlan::choose(shape, kernels()));
}

Prepared prepare_winograd_filter(const ConvShape& shape, bool with_bias, const Settings& settings) {
  const WinogradTile tile = WinogradFilterPlan::choose(shape, kernels()).tile;
  const auto plan = std::make_shared<const WinogradFilterPlan>(shape, tile, with_bias, kernels(), settings.threads);
  return {plan, plan->workspace_bytes(), -1, 0};
}

void run_winograd_filter_gradient(const Call& c) {
  float* const db = c.out.size() > 1 ? c.y(1) : nullptr;
  c.prepared<WinogradFilterPlan>().run(c.x(0), c.x(1), c.y(0), db, static_cast<float*>(c.workspace));
}

}  // namespace convcore
