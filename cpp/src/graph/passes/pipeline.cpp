// The order of the passes.
#include "graph/passes/passes.h"

namespace convcore {

namespace {

constexpr void (*pipeline[])(Graph&) = {
    // first: nothing below spends time on what is not read
    passes::drop_dead_code,
    // from here on the 16-bit types are only what casts read and write
    passes::widen_narrow,
    passes::drop_dead_code,
    // sizes become the constants that later passes look for
    passes::fold_shapes,
    // before the layout: a spread scalar must not hold transposes up
    passes::simplify_algebra,
    passes::move_layout,
    passes::fold_constants,
    passes::simplify_algebra,
    passes::move_before_max_pool_gradient,
    passes::merge_common_subexpressions,
    passes::fold_paddings,
    // before each that asks how often a value is read
    passes::drop_dead_code,
    passes::fold_channel_scales,
    passes::drop_dead_code,
    passes::fuse_norm_activations,
    passes::fuse_epilogues,
    // what the normalisations took in must not make a group that nobody reads
    passes::drop_dead_code,
    // once more: a transpose may have moved below a cast
    passes::widen_narrow,
    passes::fuse_elementwise,
    passes::drop_dead_code,
    // last: the order of the nodes is what the planner cuts into slices
    passes::split_norms,
    passes::split_filter_gradients,
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
