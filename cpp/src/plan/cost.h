// What the planner believes that moving bytes and multiplying take, in seconds.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/op_def.h"

namespace convcore {

constexpr double region_seconds = 2e-6;  // that a step costs beside its work

// Bytes in or out of where a working set of `set` bytes lives, moved by all threads: as much of it as fits is in the second
// level of their caches, then in the third, the rest in memory.
double transfer_seconds(double bytes, double set, int threads);

// A node's operations, by all threads of its settings.
double compute_seconds(const NodeView& view);

// Work that moves data and computes: part of the smaller hides behind the larger.
double overlapped(double memory, double compute);

struct Work {                     // of a step
  double moved = 0, weights = 0;  // bytes of values that count images, and of packed weights
  double compute = 0;             // seconds
};

// The numbers of images that slices may have, ascending. Of more than 2^32 images not all: those from both ends.
std::vector<std::int64_t> divisors(std::int64_t images);

// A step in so many slices of the images.
double sliced_seconds(const Work& work, double slices, int threads);

}  // namespace convcore
