// The closed list of ops, expanded from ops.def.
#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "graph/op_def.h"

namespace convcore {

#define CC_OP(NAME) const OpDef& op_##NAME();
#include "ops/ops.def"
#undef CC_OP

namespace {

const std::vector<const OpDef*>& list() {
  static const std::vector<const OpDef*> ops = {
#define CC_OP(NAME) &op_##NAME(),
#include "ops/ops.def"
#undef CC_OP
  };
  return ops;
}

// Levenshtein distance, to name the nearest op in the error.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const OpDef* const> all_ops() { return list(); }

const OpDef& find_op(std::string_view name) {
  static const std::unordered_map<std::string_view, const OpDef*> index = [] {
    std::unordered_map<std::string_view, const OpDef*> made;
    for (const OpDef* op : list()) made.emplace(op->name, op);
    return made;
  }();
  if (const auto found = index.find(name); found != index.end()) return *found->second;
  const OpDef* nearest = list().front();
  for (const OpDef* op : list())
    if (distance(name, op->name) < distance(name, nearest->name)) nearest = op;
  fail("emit", "the name of an op", name, cat("The nearest is \"", nearest->name, "\"."));
}

}  // namespace convcore
