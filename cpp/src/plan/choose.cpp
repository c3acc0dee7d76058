// Which implementation computes a node: the first in the op's list that does not refuse. The reasons are kept.
#include "base/error.h"
#include "plan/plan.h"

namespace convcore {

namespace {

std::string refusal(const Implementation& implementation, const NodeView& view, Device device) {
  if (implementation.device != device) return "for another device";
  if (implementation.run == nullptr) return "not in this build";
  return implementation.refuses != nullptr ? implementation.refuses(view).reason : std::string();
}

}  // namespace

const Implementation* choose(Step& step, Device device) {
  const OpDef& op = *step.node->op;
  for (const Implementation& implementation : op.implementations) {
    step.candidates.push_back({implementation.name, refusal(implementation, step.view(), device)});
    if (step.candidates.back().refusal.empty()) return &implementation;
  }
  std::string types, reasons;
  for (const Type& type : step.in_types) types += cat(types.empty() ? "" : ", ", type.str());
  for (const Candidate& candidate : step.candidates) reasons += cat(" ", candidate.name, ": ", candidate.refusal, ".");
  const std::string& scope = step.node->scope;
  fail(scope.empty() ? op.name : cat(scope, " (", op.name, ")"), "inputs that one of its implementations accepts", types,
       cat("Refused by", reasons.empty() ? " none: there is no implementation." : reasons));
}

}  // namespace convcore
