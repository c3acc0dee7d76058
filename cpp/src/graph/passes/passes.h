// The rewrites between bind() and the plan. Each takes a graph whose shapes are all known and leaves one that computes the
// same; pipeline.cpp lists their order. A new pass is a file here, a line below and a line there.
#pragma once

#include "graph/graph.h"

namespace convcore {

// All passes, in order. Checks the graph after each in debug builds.
void optimize(Graph& graph);

namespace passes {

void widen_narrow(Graph& graph);      // narrow.cpp: what touches a type for storage computes in a wider one
void fold_shapes(Graph& graph);       // shapes.cpp: what known shapes decide; views of views
void move_layout(Graph& graph);       // layout.cpp: channels_first nodes become channels_last; transposes move out
void fold_constants(Graph& graph);    // constants.cpp: small results of constants alone
void simplify_algebra(Graph& graph);  // algebra.cpp: x*1, x+0, --x, transposes of transposes, broadcasts
void move_before_max_pool_gradient(Graph& graph);  // max_pool_gradient.cpp: relu and bias gradients before a max pool
void merge_common_subexpressions(Graph& graph);    // common_subexpressions.cpp
void fold_paddings(Graph& graph);                  // padding.cpp: a border of zeros into the convolution that reads it
void fold_channel_scales(Graph& graph);            // channel_scale.cpp: batch normalisation into kernels and biases
void fuse_norm_activations(Graph& graph);          // norm_activation.cpp: sums and limits into batch normalisation
void fuse_epilogues(Graph& graph);                 // epilogue.cpp: bias and activation into the node that makes the value
void fuse_elementwise(Graph& graph);               // elementwise.cpp: groups of elementwise nodes into one loop each
void split_norms(Graph& graph);                    // norm_split.cpp: large batch normalisations into parts by image
void split_filter_gradients(Graph& graph);         // filter_split.cpp: filter gradients of large maps into parts by image
void drop_dead_code(Graph& graph);                 // dead_code.cpp

}  // namespace passes

}  // namespace convcore
