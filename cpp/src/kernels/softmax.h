// Softmax and its logarithm along one axis of [a, r, k].
#pragma once

#include <cstdint>

#include "base/parallel.h"

namespace convcore {

// One item of the range: for k == 1 one row; otherwise one (a, block of softmax_columns columns).
constexpr std::int64_t softmax_columns = 64;
struct SoftmaxArgs {
  const void* x = nullptr;
  void* y = nullptr;
  std::int64_t a = 1, r = 1, k = 1;
  bool log = false;
};

namespace reference {
template <class T>
void softmax(const SoftmaxArgs& args, Range range);
}  // namespace reference

}  // namespace convcore
