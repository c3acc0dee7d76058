// Filter gradients image by image: which become parts, where those stand, and what slices make of them.
#include <algorithm>

#include "check.h"
#include "graph/passes/passes.h"
#include "training_step.h"

using namespace convcore;

namespace {

constexpr std::int64_t wide = 48;  // channels between the 1x1 convolutions

// Two inverted residual blocks (M. Sandler et al., "MobileNetV2", 2018) of 8 channels.
Graph training_step(std::int64_t images) {
  TrainingStep step;
  Graph& g = step.graph;
  Value last = g.input({DType::f32, Shape{images, 20, 20, 8}}, "x");
  for (int block = 0; block < 2; ++block) {
    const Value expand = step.weight({1, 1, 8, wide}), depthwise = step.weight({3, 3, 1, wide});
    const Value project = step.weight({1, 1, wide, 8});
    Value y = g.emit1("relu", {step.norm(g.emit1("conv", {last, expand}), wide)});
    y = g.emit1("conv", {y, depthwise}, {{"padding", std::string("same")}, {"groups", wide}});
    y = g.emit1("relu", {step.norm(y, wide)});
    y = step.norm(g.emit1("conv", {y, project}), 8);
    last = block == 0 ? y : g.emit1("add", {y, last});
  }
  step.descend(last);
  return std::move(step.graph);
}

std::ptrdiff_t count(const Graph& g, const char* op) {
  const Names names = op_names(g);
  return std::count(names.begin(), names.end(), op);
}

// Whether nothing between two nodes ends the slices.
bool in_one_run(const Graph& g, const Node& from, const Node& to) {
  bool inside = false;
  for (const auto& node : g.nodes) {
    inside |= node.get() == &from;
    if (node.get() == &to) return inside;
    if (inside && node->op->images == 0) return false;
  }
  return false;
}

}  // namespace

TEST("split_filter_gradients: large maps with small kernels only") {
  Graph g = training_step(32), few = training_step(3), small = training_step(4);
  optimize(g);
  optimize(few);
  optimize(small);
  verify(g);
  CHECK_EQ(count(g, "conv_backward_filter_by_image"), 6);
  CHECK_EQ(count(g, "conv_backward_filter"), 0);
  CHECK_EQ(count(few, "conv_backward_filter_by_image"), 0);    // images
  CHECK_EQ(count(small, "conv_backward_filter_by_image"), 0);  // bytes
}

TEST("split_filter_gradients: what only the convolution reads is made again, beside the step that makes its gradient") {
  Graph g = training_step(32);
  optimize(g);
  CHECK_EQ(count(g, "batch_norm_apply"), 4 + 4);  // those of 8 channels stay whole
  for (const auto& node : g.nodes) {
    if (std::string(node->op->name) != "conv_backward_filter_by_image") continue;
    const Value x = node->in[0], dy = node->in[1];
    if (g.info(x).producer != nullptr && g.type(x).shape[3] == wide) CHECK(in_one_run(g, maker(g, x), *node));
    const Node& above = maker(g, dy);
    if (std::string(above.op->name) == "batch_norm_backward_apply") CHECK(in_one_run(g, above, *node));
  }
}

TEST("slices: by-image filter gradients give the same bits for any number of images in a slice") {
  const Trained whole = train(training_step(24), {.slice_images = 24});
  CHECK_EQ(whole.groups, 0u);
  for (const std::int64_t slice : {1, 3, 12})
    CHECK(train(training_step(24), {.slice_images = slice}).numbers == whole.numbers);
  CHECK(train(training_step(24), {}).numbers == whole.numbers);
}
