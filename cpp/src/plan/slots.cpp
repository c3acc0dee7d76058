// Offsets in the arena: as few bytes as a greedy search finds, or, for few more, halves that stay with their thread.
//
// Two threads compute the first and the second half of nearly every value. Where values that share memory have their middles
// in one place, a thread writes what it wrote or read before, in its own L2. Elsewhere half of these lines lie in the other
// core's, from where they come at a third of the speed (docs/performance.md).
#include <algorithm>
#include <numeric>

#include "base/buffer.h"
#include "base/shape.h"
#include "plan/memory.h"

namespace convcore {

namespace {

// The centred layout may be larger than the packed one by this part of it, or by so many bytes.
constexpr std::size_t growth = 8, small_growth = 4 << 20;

bool together(const Slot& a, const Slot& b) { return a.first <= b.last && b.first <= a.last; }

std::vector<std::size_t> largest_first(const std::vector<Slot>& slots) {
  std::vector<std::size_t> order(slots.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return slots[a].bytes > slots[b].bytes; });
  return order;
}

// Each slot in the first gap that is wide enough.
std::size_t fill_gaps(std::vector<Slot>& slots, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> placed;  // by their offsets
  std::size_t arena = 0;
  for (const std::size_t s : order) {
    Slot& slot = slots[s];
    const std::size_t size = align_up(slot.bytes);
    slot.offset = 0;
    for (const std::size_t p : placed) {
      const Slot& other = slots[p];
      if (!together(slot, other)) continue;
      if (slot.offset + size <= other.offset) break;
      slot.offset = std::max(slot.offset, other.offset + align_up(other.bytes));
    }
    const auto after = [&](std::size_t offset, std::size_t p) { return offset < slots[p].offset; };
    placed.insert(std::upper_bound(placed.begin(), placed.end(), slot.offset, after), s);
    arena = std::max(arena, slot.offset + size);
  }
  return arena;
}

// Slots that are never in use together, around one middle. The first is the largest.
struct Column {
  std::size_t begin, bytes;
  std::vector<std::size_t> slots;
};

std::size_t centre(std::vector<Slot>& slots, const std::vector<std::size_t>& order) {
  std::vector<Column> columns;
  std::size_t arena = 0;
  for (const std::size_t s : order) {
    const std::size_t size = align_up(slots[s].bytes);
    auto column = std::ranges::find_if(columns, [&](const Column& c) {
      return std::ranges::none_of(c.slots, [&](std::size_t other) { return together(slots[s], slots[other]); });
    });
    if (column == columns.end()) {
      column = columns.insert(columns.end(), Column{arena, size, {}});
      arena += size;
    }
    column->slots.push_back(s);
    slots[s].offset = column->begin + (column->bytes - size) / 2 / alignment * alignment;
  }
  return arena;
}

}  // namespace

std::size_t align_up(std::size_t bytes) {
  const auto padded = checked_add(static_cast<std::int64_t>(bytes), static_cast<std::int64_t>(alignment) - 1);
  return static_cast<std::size_t>(padded) / alignment * alignment;
}

std::size_t pack_slots_tightly(std::vector<Slot>& slots) { return fill_gaps(slots, largest_first(slots)); }

std::size_t pack_slots(std::vector<Slot>& slots) {
  const std::vector<std::size_t> order = largest_first(slots);
  const std::size_t packed = fill_gaps(slots, order);
  std::vector<Slot> centred = slots;
  const std::size_t arena = centre(centred, order);
  if (arena > packed + std::max(packed / growth, small_growth)) return packed;
  slots = std::move(centred);
  return arena;
}

}  // namespace convcore
