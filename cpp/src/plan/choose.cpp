// Which implementation computes a node: the first in the op's list that does not refuse. Why the others do not is kept.
#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"

namespace convcore {

namespace {

Refusal refusal(const Implementation& implementation, const NodeView& view, Device device) {
  if (implementation.device != device) return refuse("for another device");
  if (implementation.run == nullptr) return refuse("not in this build");
  return implementation.refuses != nullptr ? implementation.refuses(view) : accept;
}

bool is_reference(const Implementation& implementation) { return std::string_view(implementation.name) == "reference"; }

// Whether plain loops were asked for and compute the step.
bool takes_reference(const Step& step, Device device) {
  if (step.settings.precision != Precision::reference) return false;
  return std::any_of(step.node->op->implementations.begin(), step.node->op->implementations.end(),
                     [&](const Implementation& i) { return is_reference(i) && !refusal(i, step.view(), device); });
}

// What a measurement says is fastest, if it can compute the step; else null.
const Implementation* measured(const Step& step, const PlanSettings& settings) {
  if (step.settings.precision == Precision::reference) return nullptr;
  const std::string name = settings.measured.for_step(step);
  if (name.empty()) return nullptr;
  for (const Implementation& implementation : step.node->op->implementations) {
    if (implementation.name != name) continue;
    const Refusal reason = refusal(implementation, step.view(), settings.device);
    return !reason || reason.by_cost ? &implementation : nullptr;
  }
  return nullptr;
}

}  // namespace

const Implementation* choose(Step& step, const PlanSettings& settings) {
  const OpDef& op = *step.node->op;
  const Device device = settings.device;
  const Implementation *const fastest = measured(step, settings), *chosen = fastest;
  const bool only_reference = takes_reference(step, device);
  for (const Implementation& implementation : op.implementations) {
    if (&implementation == fastest) continue;
    std::string reason = refusal(implementation, step.view(), device).reason;
    if (reason.empty() && only_reference && !is_reference(implementation)) reason = "the reference was asked for";
    if (reason.empty() && chosen == nullptr) {
      chosen = &implementation;
      continue;
    }
    if (reason.empty())
      reason =
          cat(fastest != nullptr && !is_reference(implementation) ? "not faster when measured than " : "accepts too, after ",
              chosen->name);
    step.others.push_back({implementation.name, std::move(reason)});
  }
  if (chosen != nullptr) return chosen;
  std::string types, reasons;
  for (const Type& type : step.in_types) types += cat(types.empty() ? "" : ", ", type.str());
  for (const Other& other : step.others) reasons += cat(" ", other.name, ": ", other.reason, ".");
  const std::string& scope = step.node->scope;
  fail(scope.empty() ? op.name : cat(scope, " (", op.name, ")"), "inputs that one of its implementations accepts", types,
       cat("Refused by", reasons.empty() ? " none: there is no implementation." : reasons));
}

}  // namespace convcore
