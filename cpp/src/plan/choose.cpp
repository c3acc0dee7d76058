// Which implementation computes a node: the first in the op's list that does not refuse. Why the others do not is kept.
#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/precision.h"
#include "plan/plan.h"

namespace convcore {

namespace {

std::string refusal(const Implementation& implementation, const NodeView& view, Device device) {
  if (implementation.device != device) return "for another device";
  if (implementation.run == nullptr) return "not in this build";
  return implementation.refuses != nullptr ? implementation.refuses(view).reason : std::string();
}

bool is_reference(const Implementation& implementation) { return std::string_view(implementation.name) == "reference"; }

// Whether plain loops were asked for and compute the step.
bool takes_reference(const Step& step, Device device) {
  if (precision() != Precision::reference) return false;
  return std::any_of(step.node->op->implementations.begin(), step.node->op->implementations.end(),
                     [&](const Implementation& i) { return is_reference(i) && refusal(i, step.view(), device).empty(); });
}

}  // namespace

const Implementation* choose(Step& step, Device device) {
  const OpDef& op = *step.node->op;
  const Implementation* chosen = nullptr;
  const bool only_reference = takes_reference(step, device);
  for (const Implementation& implementation : op.implementations) {
    std::string reason = refusal(implementation, step.view(), device);
    if (reason.empty() && only_reference && !is_reference(implementation)) reason = "the reference was asked for";
    if (reason.empty() && chosen == nullptr) {
      chosen = &implementation;
      continue;
    }
    if (reason.empty()) reason = cat("accepts too, after ", chosen->name);
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
