// Turns a group of steps and the rows of its bands into problems and places.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "plan/memory.h"
#include "plan/row_map.h"

namespace convcore {

class BandMaker {
 public:
  // Of steps [first, end).
  BandMaker(const Plan& plan, const RowMap& map, std::size_t first, std::size_t end);

  // `count` bands an image; null where they cannot be, or might not have the same bits.
  std::unique_ptr<Bands> make(std::int64_t count);

 private:
  const Step& step(std::size_t k) const { return plan_.steps[first_ + k]; }
  bool find_rows(std::int64_t count);
  void place_inside();
  bool shares_rows(std::size_t k) const;
  std::size_t offset(std::size_t k, std::int64_t row, const RowRanges& there) const;
  std::vector<BandStep> parts(const RowRanges& rows, const RowRanges& there);
  void add_rest(std::size_t band);
  BandPlace input_place(std::size_t k, std::size_t i, Range rows, const RowRanges& there) const;
  BandPlace result_place(std::size_t k, Range rows, const RowRanges& there) const;
  std::shared_ptr<const BandProblem> problem(std::size_t k, Range rows);
  bool prepare(BandProblem& problem, const Step& whole) const;

  const Plan& plan_;
  const RowMap& map_;
  const std::size_t first_, end_;
  std::unique_ptr<Bands> made_;
  std::vector<RowRanges> rows_;  // of each band
  std::vector<Slot> slots_;      // of each step's result in scratch; empty where that goes outside
  std::vector<bool> stays_;      // of each step: shares_rows()
  std::map<std::vector<std::int64_t>, std::shared_ptr<const BandProblem>> problems_;  // by step, rows and padding
};

}  // namespace convcore
