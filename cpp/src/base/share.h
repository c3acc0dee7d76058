// Work whose parts need scratch of their own.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// parallel_for on at most `most_threads`, however many there are by now: thread_index() stays below that number.
void parallel_for_at_most(int most_threads, std::int64_t count, double nanoseconds_each, RangeBody body);

// Runs body(slot, items) over all items, on several threads if `nanoseconds` of work on one core are worth it. Each thread
// uses a slot of its own, so no more threads take part than there are slots, also if the number of threads has grown since
// the slots were counted. Work of one slot stays on the calling thread.
template <class F>
void share_items(std::int64_t items, int slots, double nanoseconds, F body) {
  if (items <= 0) return;
  if (slots == 1) return body(0, Range{0, items});
  parallel_for_at_most(slots, items, nanoseconds / static_cast<double>(items),
                       [&](Range range) { body(thread_index(), range); });
}

// Calls body(image, its items) for `items` of many images, `each` an image.
template <class F>
void for_each_image(Range items, std::int64_t each, F body) {
  for (std::int64_t i = items.begin; i < items.end;) {
    const std::int64_t first = i / each * each, end = std::min(items.end, first + each);
    body(first / each, Range{i - first, end - first});
    i = end;
  }
}

}  // namespace convcore
