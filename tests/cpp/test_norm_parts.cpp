// Batch normalisation in parts: simd against the reference, parts against the whole, and training steps run slice by slice.
#include <algorithm>

#include "check.h"
#include "eval.h"
#include "graph/passes/passes.h"
#include "graph_helpers.h"
#include "run_op.h"
#include "training_step.h"

using namespace convcore;

namespace {

struct Both {
  Tensors simd, reference;
};

Both run_both(const char* op, const AttrMap& attrs, const Tensors& in) {
  return {run_op(op, attrs, in, "simd"), run_op(op, attrs, in, "reference")};
}

void check_close(const Both& both, double error) {
  for (std::size_t i = 0; i < both.simd.size(); ++i) CHECK(worst_error(both.simd[i], both.reference[i]) < error);
}

// Every part on the results of the parts before it.
void check_parts(const Shape& shape, const std::string& activation) {
  const Shape channels{shape[shape.rank() - 1]};
  const Tensor x = random_tensor(shape, 1, -1, 3), dy = random_tensor(shape, 2), residual = random_tensor(shape, 3);
  const Tensor gamma = random_tensor(channels, 4, 0.5, 2), beta = random_tensor(channels, 5);
  const Both statistics = run_both("batch_norm_statistics", {}, {x});
  check_close(statistics, 1e-4);
  const Both joined = run_both("batch_norm_join", {}, {statistics.simd[0], x});
  check_close(joined, 1e-5);
  const Tensor mean = joined.simd[0], variance = joined.simd[1];
  AttrMap attrs = {{"activation", activation}, {"epsilon", 1e-3}};
  check_close(run_both("batch_norm_apply", attrs, {x, mean, variance, gamma, beta}), 1e-5);
  check_close(run_both("batch_norm_apply", attrs, {x, mean, variance, gamma, beta, residual}), 1e-5);

  const Tensors whole = run_op("batch_norm_training", attrs, {x, gamma, beta}, "simd");
  const Tensors gradients = run_op("batch_norm_training_backward", attrs, {x, gamma, whole[1], whole[2], dy, beta}, "simd");
  CHECK(worst_error(whole[1], mean) < 1e-5 && worst_error(whole[2], variance) < 1e-5);
  const Both sums = run_both("batch_norm_backward_statistics", attrs, {x, dy, whole[1], whole[2], gamma, beta});
  check_close(sums, 1e-4);
  const Both back = run_both("batch_norm_backward_join", {}, {sums.simd[0], x});
  check_close(back, 1e-4);
  for (std::size_t i = 0; i < 2; ++i) CHECK(worst_error(back.simd[i], gradients[i + 1]) < 1e-4);
  attrs.push_back({"count", shape.elements(0, shape.rank() - 1)});
  const Tensors in = {x, dy, whole[1], whole[2], gamma, gradients[1], gradients[2], beta};
  const Both dx = run_both("batch_norm_backward_apply", attrs, in);
  check_close(dx, 1e-4);
  CHECK(same_bits(dx.simd[0], gradients[0]));
}

// Three convolutions with normalisation and relu, a shortcut, a pool, a loss, and plain updates of all weights.
Graph training_step(std::int64_t images) {
  TrainingStep step;
  Graph& g = step.graph;
  Value last = g.input({DType::f32, Shape{images, 32, 32, 3}}, "x");
  for (int block = 0; block < 3; ++block) {
    const Value kernel = step.weight({3, 3, block == 0 ? 3 : 16, 16});
    const Value y = step.norm(g.emit1("conv", {last, kernel}, {{"padding", std::string("same")}}), 16);
    last = g.emit1("relu", {block == 2 ? g.emit1("add", {y, last}) : y});
  }
  step.descend(g.emit1("max_pool", {last}));
  return std::move(step.graph);
}

Trained train(std::int64_t slice) { return convcore::train(training_step(24), {.slice_images = slice}); }

}  // namespace

TEST("norm parts: simd equals the reference, and the parts equal the whole") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t c : {std::int64_t{1}, vl - 1, vl, vl + 1, 4 * vl + 3}) {
      check_parts({3, 5, 7, c}, "linear");
      check_parts({2, 130, 9, c}, "linear");
    }
    check_parts({1, 17, 3}, "linear");
  });
}

TEST("norm parts: limits in both passes are those of the whole") {
  on_every_isa([](const KernelTable& table) {
    for (const char* activation : {"relu", "clip 0 #0 #1.5|1"}) check_parts({3, 40, table.vector_width + 3}, activation);
  });
}

TEST("norm parts: what does not fit is refused") {
  const Tensor x = random_tensor({2, 4, 3}, 1), c = random_tensor({3}, 1), four = random_tensor({4}, 1);
  CHECK_THROWS(Error, "batch_norm", run_op("batch_norm_apply", {}, {x, c, c, c, four}, "simd"));
  CHECK_THROWS(Error, "batch_norm", run_op("batch_norm_join", {}, {x, x}, "simd"));
  CHECK_THROWS(Error, "an activation that only limits",
               run_op("batch_norm_apply", {{"activation", std::string("tanh")}}, {x, c, c, c, c}, "simd"));
}

TEST("split_norms: large ones only; statistics follow what they read, results precede what reads them") {
  Graph g = training_step(64), small = training_step(4);
  optimize(g);
  optimize(small);
  verify(g);
  const Names names = op_names(g), few = op_names(small);
  CHECK_EQ(std::count(names.begin(), names.end(), "batch_norm_apply"), 3);
  CHECK_EQ(std::count(names.begin(), names.end(), "batch_norm_backward_apply"), 3);
  CHECK_EQ(std::count(names.begin(), names.end(), "batch_norm_training"), 0);
  CHECK_EQ(std::count(few.begin(), few.end(), "batch_norm_training"), 3);
  for (std::size_t i = 1; i + 1 < names.size(); ++i) {
    if (names[i] == "batch_norm_statistics") CHECK_EQ(names[i - 1], "conv");
    const Values& read = g.nodes[i + 1]->in;
    if (names[i] == "batch_norm_apply") CHECK(std::find(read.begin(), read.end(), g.nodes[i]->out[0]) != read.end());
  }
}

TEST("slices: a training step gives the same bits for any number of images in a slice") {
  const Trained whole = train(24);
  CHECK_EQ(whole.groups, 0u);
  for (const std::int64_t slice : {1, 3, 12}) {
    const Trained sliced = train(slice);
    CHECK(sliced.numbers == whole.numbers);
    CHECK(sliced.groups >= 4);
  }
  CHECK(train(0).numbers == whole.numbers);
}
