// The contract of op_def.h's Implementation, followed for a single call.
#include "graph/run_once.h"

#include "base/buffer.h"

namespace convcore {

void run_once(const Implementation& implementation, const NodeView& view, std::span<const void* const> in,
              std::span<void* const> out) {
  const Prepared prepared = implementation.prepare != nullptr ? implementation.prepare(view) : Prepared{};
  Buffer packed(prepared.packed_bytes), workspace(prepared.workspace_bytes);
  Call call{view, in, out, workspace.data(), packed.data(), prepared.state.get()};
  if (prepared.packed_input >= 0) {
    Call packing = call;
    packing.packed = nullptr;
    implementation.pack(packing, packed.data());
  }
  implementation.run(call);
}

}  // namespace convcore
