// Work whose parts need scratch of their own.
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// Runs body(slot, items) over all items, on several threads if `nanoseconds` of work on one core are worth it. Of the slots,
// each thread uses its own; if there are more threads than when they were counted, each slot is one part of the work. Work
// of one slot stays on the calling thread.
template <class F>
void share_items(std::int64_t items, int slots, double nanoseconds, F body) {
  if (items <= 0) return;
  if (slots == 1) return body(0, Range{0, items});
  if (thread_count() <= slots)
    return parallel_for(items, nanoseconds / static_cast<double>(items), [&](Range range) { body(thread_index(), range); });
  parallel_for(slots, nanoseconds / slots, [&](Range range) {
    for (std::int64_t s = range.begin; s < range.end; ++s) body(s, Range{items * s / slots, items * (s + 1) / slots});
  });
}

}  // namespace convcore
