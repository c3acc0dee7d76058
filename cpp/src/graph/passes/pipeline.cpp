// The order of the passes.
#include "graph/passes/passes.h"

namespace convcore {

namespace {

constexpr void (*pipeline[])(Graph&) = {
    passes::drop_dead_code,  // first: nothing below spends time on what is not read
    passes::fold_shapes,     // sizes become the constants that later passes look for
    passes::move_layout,    passes::fold_constants,   passes::simplify_algebra, passes::merge_common_subexpressions,
    passes::drop_dead_code,  // before fusion: it asks how often a value is read
    passes::fuse_epilogues, passes::fuse_elementwise, passes::drop_dead_code,
};

}  // namespace

void optimize(Graph& graph) {
  for (const auto pass : pipeline) {
    pass(graph);
#ifndef NDEBUG
    verify(graph);
#endif
  }
}

}  // namespace convcore
