// Who may share memory: lifetimes of values, and their offsets in one arena.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/plan.h"

namespace convcore {

// Bytes that are in use from step `first` to step `last`, both included.
struct Slot {
  std::size_t bytes = 0;
  int first = 0, last = 0;
  std::size_t offset = 0;
};

std::size_t align_up(std::size_t bytes);  // to a multiple of `alignment`; Error if there is none

// Gives every slot an offset, a multiple of `alignment`, so that slots in use at the same step do not overlap; returns the
// arena's size. (slots.cpp)
std::size_t pack_slots(std::vector<Slot>& slots);

// The same for scratch that one thread uses: as few bytes as are found.
std::size_t pack_slots_tightly(std::vector<Slot>& slots);

// Fills in places, workspace offsets, copies and the arena's size of a plan whose steps are chosen and prepared.
// `source[v]` is the value whose bytes value v shares: itself, or for outputs of views the viewed value.
void lay_out(Plan& plan, const std::vector<int>& source);

}  // namespace convcore
