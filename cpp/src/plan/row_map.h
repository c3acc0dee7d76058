// Which rows (elements of axis 1) of which results some rows of another need.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/parallel.h"
#include "plan/by_image.h"
#include "plan/plan.h"

namespace convcore {

// Rows of the results of consecutive steps.
using RowRanges = std::vector<Range>;

class RowMap {
 public:
  // The plan's steps are chosen. `source` as in lay_out().
  RowMap(const Plan& plan, const std::vector<int>& source);

  const ByImage& by_image() const { return by_image_; }
  // Whether a step may run in bands at all: it computes image by image, and has one result.
  bool fits(std::size_t s) const { return steps_[s].rows > 0; }
  std::int64_t rows(std::size_t s) const { return steps_[s].rows; }  // of the step's result
  const RowWindow& window(std::size_t s) const { return steps_[s].window; }
  // Whether a result is read behind step `end`, by the caller, or under another shape.
  bool leaves(std::size_t s, std::size_t end) const { return steps_[s].last_reader >= end; }
  std::size_t last_reader(std::size_t s) const { return steps_[s].last_reader; }
  // The step that makes input i, if it is not before `first`; else the number of steps.
  std::size_t maker(std::size_t s, std::size_t i, std::size_t first) const;
  // Whether some rows of the result need some rows of input i; otherwise they need all of it.
  bool goes_by_rows(std::size_t s, std::size_t i) const;
  Range rows_read(std::size_t s, std::size_t i, Range out) const;

  // The rows of every result of steps [first, first + rows.size()) that the given rows of the last one need. False where
  // they cannot be computed apart.
  bool find(std::size_t first, Range last, RowRanges& rows) const;
  // The rows of step `last` that one of `count` bands has, and how many bands there may be.
  Range band(std::size_t last, std::int64_t count, std::int64_t band) const;
  std::int64_t most_bands(std::size_t last) const;

 private:
  struct StepRows {
    RowWindow window;             // of input 0; size 0: rows of all inputs are those of the result
    std::int64_t rows = 0;        // 0: the step cannot run in bands
    std::int64_t row_unit = 1;    // Prepared::row_unit
    bool by_rows = false;         // otherwise only whole images
    std::size_t last_reader = 0;  // of the result; the number of steps: see leaves()
  };

  void find_readers(const std::vector<int>& source);
  void describe(std::size_t s);
  bool add_inputs(std::size_t first, std::size_t k, RowRanges& rows) const;
  const Node& node(std::size_t s) const { return *plan_.steps[s].node; }
  std::int64_t input_rows(std::size_t s, std::size_t i) const { return plan_.graph.type(node(s).in[i]).shape[1]; }

  const Plan& plan_;
  const ByImage by_image_;
  std::vector<StepRows> steps_;
  std::vector<std::vector<std::size_t>> makers_;  // per step and input; the number of steps: no step makes it
};

}  // namespace convcore
