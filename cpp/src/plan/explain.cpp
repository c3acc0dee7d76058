// A plan as a table: what computes each node, why not the others, and what it costs in memory.
#include <algorithm>

#include "base/error.h"
#include "plan/plan.h"

namespace convcore {

namespace {

using Row = std::vector<std::string>;

// How often a step runs, where that is not once in every run.
std::string times_of(const Plan& plan, std::size_t s) {
  if (s < plan.steady_steps) return ", when variables change";
  for (const Group& group : plan.groups) {
    if (s < group.first || s >= group.end) continue;
    if (group.bands == nullptr) return cat(", ", group.count, " slices");
    return group.bands->bands.size() == 1 ? ", image by image" : cat(", ", group.bands->bands.size(), " bands");
  }
  return "";
}

Row row_of(const Plan& plan, std::size_t s) {
  const Step& step = plan.steps[s];
  std::string others;
  for (const Other& other : step.others) others += cat(others.empty() ? "" : "; ", other.name, ": ", other.reason);
  const std::string& scope = step.node->scope;
  return {scope.empty() ? "-" : scope, step.node->op->name, plan.graph.type(step.node->out[0]).str(),
          step.implementation->name + times_of(plan, s), others.empty() ? "-" : others};
}

std::string line(const Row& row, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t c = 0; c < row.size(); ++c) {
    text += row[c];
    if (c + 1 < row.size()) text.append(widths[c] - row[c].size() + 2, ' ');
  }
  return text + "\n";
}

std::string size_text(std::size_t bytes) {
  PlainText text;
  text.precision(1);
  text << std::fixed;
  if (bytes < 1024) return cat(bytes, " bytes");
  if (bytes < (1u << 20)) {
    text << static_cast<double>(bytes) / 1024 << " KiB";
  } else {
    text << static_cast<double>(bytes) / (1u << 20) << " MiB";
  }
  return text.str();
}

}  // namespace

std::string explain(const Plan& plan) {
  std::vector<Row> rows{{"layer", "op", "output", "implementation", "why not the others"}};
  for (std::size_t s = 0; s < plan.steps.size(); ++s) rows.push_back(row_of(plan, s));
  std::vector<std::size_t> widths(rows[0].size());
  for (const Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const Row& row : rows) text += line(row, widths);
  std::size_t in_place = 0, packed = 0;
  for (const Step& step : plan.steps) {
    packed += step.prepared.packed_bytes;
    in_place += step.out[0].kind != Place::Kind::none && std::ranges::find(step.in, step.out[0]) != step.in.end();
  }
  return text + cat(plan.steps.size(), " steps (", in_place, " in place), ", plan.copies.size(), " copies, arena ",
                    size_text(plan.arena_bytes), ", kept ", size_text(plan.kept_bytes), ", packed weights ",
                    size_text(packed), "\n");
}

}  // namespace convcore
