// Rows of a step are a problem of the same op: over fewer rows, with what is left of the padding at their ends.
#include "plan/band_maker.h"

#include <algorithm>

#include "graph/passes/rewrite.h"

namespace convcore {

namespace {

std::size_t image_bytes(const Type& type) {
  return static_cast<std::size_t>(type.bytes()) / static_cast<std::size_t>(type.shape[0]);
}
std::size_t row_bytes(const Type& type) { return image_bytes(type) / static_cast<std::size_t>(type.shape[1]); }

}  // namespace

BandMaker::BandMaker(const Plan& plan, const RowMap& map, std::size_t first, std::size_t end)
    : plan_(plan), map_(map), first_(first), end_(end) {}

std::unique_ptr<Bands> BandMaker::make(std::int64_t count) {
  if (count > map_.most_bands(end_ - 1)) return nullptr;
  made_ = std::make_unique<Bands>();
  made_->slots = plan_.steps[first_].settings.threads, made_->images = map_.by_image().images();
  for (std::size_t k = 0; k < end_ - first_; ++k) {
    made_->inside.push_back(!map_.leaves(first_ + k, end_));
    if (count > 1 && !made_->inside.back() && k + 1 < end_ - first_) return nullptr;  // two bands would write some rows
    made_->nanoseconds += 1e9 * made_->slots * map_.by_image().work(step(k)).compute;
  }
  if (!find_rows(count)) return nullptr;
  place_inside();
  for (std::size_t b = 0; b < rows_.size(); ++b) {
    made_->bands.push_back({parts(rows_[b], rows_[b]), {}, {}});
    if (made_->bands[b].alone.empty()) return nullptr;
    add_rest(b);
  }
  std::size_t workspace = 0;
  for (const auto& [key, problem] : problems_) workspace = std::max(workspace, problem->prepared.workspace_bytes);
  made_->slot_bytes = align_up(made_->workspace + workspace);
  return std::move(made_);
}

bool BandMaker::find_rows(std::int64_t count) {
  for (std::int64_t b = 0; b < count; ++b) {
    RowRanges& rows = rows_.emplace_back(end_ - first_);
    const Range last = map_.band(end_ - 1, count, b);
    if (!map_.find(first_, last, rows) || rows.back().size() != last.size()) return false;
  }
  return true;
}

// One place for all bands, so that rows which two of them need stay close to where they are.
void BandMaker::place_inside() {
  for (std::size_t k = 0; k < end_ - first_; ++k) {
    std::int64_t rows = 0;
    for (const RowRanges& band : rows_) rows = std::max(rows, made_->inside[k] ? band[k].size() : 0);
    const std::size_t bytes = row_bytes(step(k).out_types[0]) * static_cast<std::size_t>(rows);
    const std::size_t last = made_->inside[k] ? map_.last_reader(first_ + k) - first_ : k;
    const bool stays = shares_rows(k);
    stays_.push_back(stays);
    slots_.push_back({bytes, static_cast<int>(stays ? 0 : k), static_cast<int>(stays ? end_ - first_ - 1 : last), 0});
  }
  made_->workspace = pack_slots_tightly(slots_);
}

// Whether some band needs rows of step k that the band before has, too, and threads have more than one band to run.
bool BandMaker::shares_rows(std::size_t k) const {
  if (static_cast<std::int64_t>(rows_.size()) * made_->images < 2 * made_->slots) return false;
  for (std::size_t b = 1; b < rows_.size(); ++b)
    if (made_->inside[k] && rows_[b][k].begin < rows_[b - 1][k].end) return true;
  return false;
}

// Where a row of step k's result lies in scratch that has the rows `there`.
std::size_t BandMaker::offset(std::size_t k, std::int64_t row, const RowRanges& there) const {
  return slots_[k].offset + row_bytes(step(k).out_types[0]) * static_cast<std::size_t>(row - there[k].begin);
}

// Empty where they cannot be made.
std::vector<BandStep> BandMaker::parts(const RowRanges& rows, const RowRanges& there) {
  std::vector<BandStep> made(rows.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k].size() == 0) continue;
    made[k].problem = problem(k, rows[k]);
    if (made[k].problem == nullptr) return {};
    for (std::size_t i = 0; i < step(k).node->in.size(); ++i) made[k].in.push_back(input_place(k, i, rows[k], there));
    made[k].out = result_place(k, rows[k], there);
  }
  return made;
}

void BandMaker::add_rest(std::size_t band) {
  if (band == 0) return;
  const RowRanges &before = rows_[band - 1], &rows = rows_[band];
  RowRanges fresh = rows;
  std::vector<BandMove> moves;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (before[k].begin > rows[k].begin || before[k].end > rows[k].end) return;
    const std::int64_t shared = before[k].end - rows[k].begin;
    if (!stays_[k] || shared <= 0) continue;
    fresh[k].begin += shared;
    const std::size_t from = offset(k, rows[k].begin, before), to = offset(k, rows[k].begin, rows);
    moves.push_back({from, to, row_bytes(step(k).out_types[0]) * static_cast<std::size_t>(shared)});
  }
  if (moves.empty()) return;
  made_->bands[band].rest = parts(fresh, rows), made_->bands[band].moves = std::move(moves);
}

BandPlace BandMaker::input_place(std::size_t k, std::size_t i, Range rows, const RowRanges& there) const {
  const std::size_t s = first_ + k;
  if (!map_.by_image().input(*step(k).node, i)) return {};
  const Type& in = step(k).in_types[i];
  const std::int64_t row = map_.goes_by_rows(s, i) ? map_.rows_read(s, i, rows).begin : 0;
  const std::size_t maker = map_.maker(s, i, first_);
  if (maker >= plan_.steps.size() || !made_->inside[maker - first_])
    return {false, row_bytes(in) * static_cast<std::size_t>(row), image_bytes(in)};
  return {true, offset(maker - first_, row, there), 0};
}

BandPlace BandMaker::result_place(std::size_t k, Range rows, const RowRanges& there) const {
  if (made_->inside[k]) return {true, offset(k, rows.begin, there), 0};
  const Type& out = step(k).out_types[0];
  return {false, row_bytes(out) * static_cast<std::size_t>(rows.begin), image_bytes(out)};
}

// The op of a step over some rows of one image; null where that is none that its implementation takes.
std::shared_ptr<const BandProblem> BandMaker::problem(std::size_t k, Range rows) {
  const Step& whole = step(k);
  const std::size_t s = first_ + k;
  const RowWindow& window = map_.window(s);
  const bool cut = rows.size() < map_.rows(s), padded = cut && window.size > 0;
  const Range in = padded ? map_.rows_read(s, 0, rows) : Range{};
  const std::int64_t begin = rows.begin * window.stride - window.low;
  const std::int64_t low = padded ? in.begin - begin : 0;
  const std::int64_t high = padded ? begin + (rows.size() - 1) * window.stride + window.size - in.end : 0;
  auto& found = problems_[{static_cast<std::int64_t>(k), rows.size(), in.size(), low, high}];
  if (found != nullptr) return found;
  const auto made = std::make_shared<BandProblem>();
  made->node = *whole.node, made->settings = whole.settings;
  made->settings.threads = 1;
  made->in_types = map_.by_image().in_types(*whole.node, 1);
  made->out_types = map_.by_image().out_types(*whole.node, 1);
  made->out_types[0].shape[1] = rows.size();
  for (std::size_t i = 0; i < made->in_types.size(); ++i)
    if (map_.goes_by_rows(s, i)) made->in_types[i].shape[1] = map_.rows_read(s, i, rows).size();
  if (padded) {
    Ints paddings = window.paddings;
    paddings[0] = low, paddings[1] = high;
    made->node.attrs = passes::with_attr(made->node, "padding", std::string("valid"));
    made->node.attrs = passes::with_attr(made->node, "paddings", paddings);
  }
  if (!prepare(*made, whole)) return nullptr;
  return found = made;
}

bool BandMaker::prepare(BandProblem& problem, const Step& whole) const {
  const Implementation& implementation = *whole.implementation;
  if (problem.node.op->infer(problem.node.attrs, problem.in_types) != problem.out_types) return false;
  if (implementation.refuses != nullptr)
    if (const Refusal refusal = implementation.refuses(problem.view()); refusal && !refusal.by_cost) return false;
  if (implementation.prepare_part != nullptr) {
    problem.prepared = implementation.prepare_part(problem.view(), whole.prepared);
  } else if (implementation.prepare != nullptr) {
    problem.prepared = implementation.prepare(problem.view());
  }
  return problem.prepared.packed_bytes == whole.prepared.packed_bytes;
}

}  // namespace convcore
