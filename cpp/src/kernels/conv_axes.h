// The spatial axes of a plan's phases, and the lists that they point to.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "kernels/conv.h"

namespace convcore {

// Axes stay valid as long as the object that made them.
class ConvAxes {
 public:
  ConvAxes() = default;
  ConvAxes(const ConvAxes&) = delete;
  ConvAxes& operator=(const ConvAxes&) = delete;

  ConvAxis forward(const ConvShape& shape, int axis);
  // The input elements whose distance from the first one that a window may cover is `remainder` modulo the stride.
  ConvAxis gradient(const ConvShape& shape, int axis, std::int64_t remainder);

 private:
  ConvAxis clipped(ConvAxis axis, std::int64_t size);

  std::deque<std::vector<std::int64_t>> lists_;
};

}  // namespace convcore
