// The contract of op_def.h's Implementation, followed for a single node.
#include "graph/run_once.h"

namespace convcore {

SingleRun::SingleRun(const Implementation& implementation, const NodeView& view, std::span<const void* const> in,
                     std::span<void* const> out)
    : implementation_(implementation),
      prepared_(implementation.prepare != nullptr ? implementation.prepare(view) : Prepared{}),
      packed_(prepared_.packed_bytes),
      workspace_(prepared_.workspace_bytes),
      call_{view, in, out, workspace_.data(), nullptr, prepared_.state.get()} {
  if (prepared_.packed_input >= 0) implementation.pack(call_, packed_.data());
  call_.packed = packed_.data();
}

void run_once(const Implementation& implementation, const NodeView& view, std::span<const void* const> in,
              std::span<void* const> out) {
  SingleRun(implementation, view, in, out).run();
}

}  // namespace convcore
