// Follows rows from a result back to what it is made of.
#include "plan/row_map.h"

#include <algorithm>

#include "graph/passes/rewrite.h"

namespace convcore {

namespace {

Range hull(Range a, Range b) {
  if (a.size() == 0) return b;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

// Joining arrays along their rows is no matter of single rows.
bool joins_rows(const Node& node, const Type& out) {
  const AttrMap attrs = node.attrs.to_map();
  const AttrValue* axis = passes::find_attr(attrs, "axis");
  return axis != nullptr && normalize_axis(std::get<std::int64_t>(*axis), out.shape.rank(), "bands") == 1;
}

}  // namespace

RowMap::RowMap(const Plan& plan, const std::vector<int>& source)
    : plan_(plan), by_image_(plan), steps_(plan.steps.size()), makers_(plan.steps.size()) {
  find_readers(source);
  for (std::size_t s = plan.steady_steps; s < plan.steps.size(); ++s) {
    const Types& out = plan.steps[s].out_types;
    if (by_image_.step(s) && out.size() == 1 && out[0].shape.rank() > 2 && node(s).in.size() <= most_band_inputs)
      describe(s);
  }
}

void RowMap::find_readers(const std::vector<int>& source) {
  const auto source_of = [&](Value value) { return source[static_cast<std::size_t>(value.id)]; };
  std::map<int, std::size_t> made_by;
  for (std::size_t s = 0; s < steps_.size(); ++s)
    for (const Value out : node(s).out) made_by[source_of(out)] = s;
  const auto read = [&](Value value, std::size_t by) {
    const auto made = made_by.find(source_of(value));
    if (made == made_by.end()) return steps_.size();
    std::size_t& last = steps_[made->second].last_reader;
    last = std::max(last, source_of(value) == value.id ? by : steps_.size());
    return made->second;
  };
  for (std::size_t s = 0; s < steps_.size(); ++s)
    for (std::size_t i = 0; i < node(s).in.size(); ++i)
      makers_[s].push_back(reads_data(*node(s).op, i) ? read(node(s).in[i], s) : steps_.size());
  for (const Value value : plan_.graph.outputs) read(value, steps_.size());
  for (const Update& update : plan_.graph.updates) read(update.value, steps_.size());
}

void RowMap::describe(std::size_t s) {
  const Step& step = plan_.steps[s];
  StepRows& made = steps_[s];
  made.rows = step.out_types[0].shape[1], made.row_unit = step.prepared.row_unit;
  if (step.node->op->rows != nullptr) made.window = step.node->op->rows(step.view());
  const bool aligned = step.node->op->images == ~0u && !joins_rows(*step.node, step.out_types[0]);
  made.by_rows = made.row_unit > 0 && (aligned || made.window.size > 0);
}

std::size_t RowMap::maker(std::size_t s, std::size_t i, std::size_t first) const {
  const std::size_t made_by = makers_[s][i];
  return made_by < steps_.size() && made_by >= first ? made_by : steps_.size();
}

bool RowMap::goes_by_rows(std::size_t s, std::size_t i) const {
  if (!by_image_.input(node(s), i) || !reads_data(*node(s).op, i)) return false;
  return input_rows(s, i) == steps_[s].rows || (i == 0 && steps_[s].window.size > 0);
}

Range RowMap::rows_read(std::size_t s, std::size_t i, Range out) const {
  if (out.size() == steps_[s].rows) return {0, input_rows(s, i)};
  const RowWindow& window = steps_[s].window;
  if (i > 0 || window.size == 0) return out;
  const std::int64_t begin = out.begin * window.stride - window.low;
  const std::int64_t end = (out.end - 1) * window.stride - window.low + window.size;
  return {std::clamp<std::int64_t>(begin, 0, input_rows(s, 0)), std::clamp<std::int64_t>(end, 0, input_rows(s, 0))};
}

bool RowMap::find(std::size_t first, Range last, RowRanges& rows) const {
  std::fill(rows.begin(), rows.end(), Range{});
  rows.back() = last;
  for (std::size_t k = rows.size(); k-- > 0;) {
    const StepRows& step = steps_[first + k];
    Range& mine = rows[k];
    // What others read, perhaps under another shape, whose rows are others, is needed as a whole.
    if (k + 1 < rows.size() && leaves(first + k, first + rows.size())) mine = {0, step.rows};
    if (mine.size() <= 0) return false;
    if (mine.size() < step.rows) {
      if (!step.by_rows) return false;
      mine.begin = mine.begin / step.row_unit * step.row_unit;
      mine.end = std::min(step.rows, (mine.end + step.row_unit - 1) / step.row_unit * step.row_unit);
    }
    if (!add_inputs(first, k, rows)) return false;
  }
  return true;
}

bool RowMap::add_inputs(std::size_t first, std::size_t k, RowRanges& rows) const {
  const std::size_t s = first + k;
  for (std::size_t i = 0; i < node(s).in.size(); ++i) {
    if (!by_image_.input(node(s), i) || !reads_data(*node(s).op, i)) continue;
    const bool by_rows = goes_by_rows(s, i);
    const Range read = by_rows ? rows_read(s, i, rows[k]) : Range{0, input_rows(s, i)};
    if (read.size() <= 0) return false;  // the window lies in the padding
    if (const std::size_t from = maker(s, i, first); from < steps_.size())
      rows[from - first] = hull(rows[from - first], read);
  }
  return true;
}

Range RowMap::band(std::size_t last, std::int64_t count, std::int64_t band) const {
  const std::int64_t unit = std::max<std::int64_t>(1, steps_[last].row_unit), units = most_bands(last);
  return {units * band / count * unit, std::min(steps_[last].rows, units * (band + 1) / count * unit)};
}

std::int64_t RowMap::most_bands(std::size_t last) const {
  const std::int64_t unit = steps_[last].row_unit;
  return unit == 0 ? 1 : (steps_[last].rows + unit - 1) / unit;
}

}  // namespace convcore
