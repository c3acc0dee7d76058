// Runs one node outside of any plan: what constant folding needs, what measurements repeat, and what tests of single
// implementations use.
#pragma once

#include <span>

#include "base/buffer.h"
#include "graph/op_def.h"

namespace convcore {

// One implementation of a node, prepared and packed, with memory of its own. The implementation must accept the node; inputs
// and outputs must outlive it.
class SingleRun {
 public:
  SingleRun(const Implementation& implementation, const NodeView& view, std::span<const void* const> in,
            std::span<void* const> out);
  SingleRun(const SingleRun&) = delete;
  SingleRun& operator=(const SingleRun&) = delete;

  void run() const { implementation_.run(call_); }

 private:
  const Implementation& implementation_;
  const Prepared prepared_;
  Buffer packed_, workspace_;
  Call call_;
};

// The same once.
void run_once(const Implementation& implementation, const NodeView& view, std::span<const void* const> in,
              std::span<void* const> out);

}  // namespace convcore
