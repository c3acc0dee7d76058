// Sums and limits inside batch normalisation: the kernels against the ops one by one, and the pass that puts them there.
#include <algorithm>

#include "check.h"
#include "eval.h"
#include "graph/passes/passes.h"
#include "graph_helpers.h"
#include "run_op.h"

using namespace convcore;

namespace {

struct Limit {
  const char* text;
  float low, high;
};
const Limit limits[] = {{"relu", 0, HUGE_VALF}, {"clip 0 #0 #1.5|1", 0, 1.5f}, {"linear", -HUGE_VALF, HUGE_VALF}};

Tensor limited(const Tensor& x, const Limit& limit) {
  Tensor y(x.type);
  for (std::int64_t i = 0; i < x.size(); ++i) y.at()[i] = std::fmin(std::fmax(x.at()[i], limit.low), limit.high);
  return y;
}

Tensor sum(const Tensor& a, const Tensor& b) {
  Tensor y(a.type);
  for (std::int64_t i = 0; i < a.size(); ++i) y.at()[i] = a.at()[i] + b.at()[i];
  return y;
}

// The same bits as the ops one after the other; `implementation` computes both.
void check_fused(const Tensor& x, const char* implementation) {
  const Shape channels{x.type.shape[x.type.shape.rank() - 1]};
  const Tensor gamma = random_tensor(channels, 2, 0.5, 2), beta = random_tensor(channels, 3, -0.5, 1);
  const Tensor residual = random_tensor(x.type.shape, 4), dy = random_tensor(x.type.shape, 5);
  const Tensors plain = run_op("batch_norm_training", {}, {x, gamma, beta}, implementation);
  for (const Limit& limit : limits) {
    const AttrMap attrs = {{"activation", std::string(limit.text)}};
    const Tensors fused = run_op("batch_norm_training", attrs, {x, gamma, beta}, implementation);
    CHECK(same_bits(fused[0], limited(plain[0], limit)));
    CHECK(same_bits(fused[1], plain[1]) && same_bits(fused[2], plain[2]));
    const Tensor added = run_op("batch_norm_training", attrs, {x, gamma, beta, residual}, implementation)[0];
    CHECK(worst_error(added, limited(sum(plain[0], residual), limit)) < 1e-6);
    Tensor masked(dy.type);
    for (std::int64_t i = 0; i < dy.size(); ++i) {
      const float y = fused[0].at()[i];
      masked.at()[i] = y > limit.low && (y < limit.high || limit.high == HUGE_VALF) ? dy.at()[i] : 0;
    }
    const Tensors want = run_op("batch_norm_training_backward", {}, {x, gamma, plain[1], plain[2], masked}, implementation);
    for (const bool in_place : {false, true}) {
      const Tensor copied(DType::f32, dy.type.shape, dy.values());
      const Tensors got = run_op("batch_norm_training_backward", attrs, {x, gamma, plain[1], plain[2], copied, beta},
                                 implementation, {in_place ? 4 : -1, -1, -1});
      for (std::size_t i = 0; i < 3; ++i) CHECK(same_bits(got[i], want[i]));
    }
  }
}

bool has(const Graph& g, const char* op) {
  const Names names = op_names(g);
  return std::find(names.begin(), names.end(), op) != names.end();
}

}  // namespace

TEST("batch_norm: limits and residuals give the bits of the ops one by one") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t c : {std::int64_t{1}, vl + 1, 4 * vl + 3})
      for (const std::int64_t rows : {2, 100, 1500}) check_fused(random_tensor({rows, c}, 1, -1, 3), "simd");
  });
  check_fused(random_tensor({40, 3}, 1, -1, 3), "reference");
}

TEST("batch_norm: NaN passes the limits and stays in its channel") {
  Tensor x = random_tensor({50, 2}, 1);
  x.at()[7] = NAN;
  const Tensor one = random_tensor({2}, 2, 1, 2);
  on_every_isa([&](const KernelTable&) {
    const Tensor y = run_op1("batch_norm_training", {{"activation", std::string("relu")}}, {x, one, one}, "simd");
    for (std::int64_t i = 0; i < y.size(); ++i) CHECK_EQ(std::isnan(y.at()[i]), i % 2 == 1);
  });
}

TEST("batch_norm: only limits, and no gradient of a fused one") {
  const Tensor x = random_tensor({4, 2}, 1), c = random_tensor({2}, 1);
  const AttrMap tanh = {{"activation", std::string("tanh")}};
  CHECK_THROWS(Error, "an activation that only limits", run_op("batch_norm_training", tanh, {x, c, c}, "simd"));
  CHECK_THROWS(Error, "a residual like x", run_op("batch_norm_training", {}, {x, c, c, c}, "simd"));
  Graph g;
  const Value v = float_input(g, {4, 2}), k = float_input(g, {2});
  const Value y = g.emit1("batch_norm_training", {v, k, k}, {{"activation", std::string("relu")}});
  CHECK_THROWS(Error, "Differentiate before", gradients(g, g.emit1("sum", {y}), {v}));
}

TEST("fuse_norm_activations: relu, clip and residual sums in training, with the same results") {
  for (const bool clip : {false, true})
    for (const bool residual : {false, true}) {
      Graph g;
      const Value x = float_input(g, {6, 5, 5, 4}), gamma = float_input(g, {4}), beta = float_input(g, {4});
      const Value other = float_input(g, {6, 5, 5, 4}), weight = float_input(g, {6, 5, 5, 4});
      Value y = g.emit1("batch_norm_training", {x, gamma, beta});
      if (residual) y = g.emit1("add", {other, y});
      y = clip ? g.emit1("clip", {y}, {{"min", 0.0}, {"max", 1.0}}) : g.emit1("relu", {y});
      const Value loss = g.emit1("sum", {g.emit1("multiply", {y, weight})});
      g.output(y);
      for (const Value gradient : gradients(g, loss, {x, gamma, beta})) g.output(gradient);
      std::vector<eval::Array> in;
      for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
        const Tensor t = random_tensor(seed == 2 || seed == 3 ? Shape{4} : Shape{6, 5, 5, 4}, seed);
        in.push_back(eval::Array::of(t.type.shape, t.values()));
      }
      const std::vector<eval::Array> before = eval::interpret(g, in);
      passes::fuse_norm_activations(g);
      passes::drop_dead_code(g);
      verify(g);
      CHECK(!has(g, "relu") && !has(g, "clip"));
      CHECK_EQ(has(g, "add"), false);
      CHECK_EQ(has(g, "where"), residual);  // what was added is not known from x alone
      const std::vector<eval::Array> after = eval::interpret(g, in);
      for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i].bytes == after[i].bytes);
    }
}

TEST("fuse_norm_activations: not where the value in between is read, nor over another axis") {
  for (const bool first : {false, true}) {
    Graph g;
    const Value x = float_input(g, {6, 4, 4}), c = float_input(g, {4});
    const Value y = g.emit1("batch_norm_training", {x, c, c}, {{"axis", std::int64_t{first ? 1 : 2}}});
    g.output(g.emit1("relu", {y}));
    if (!first) g.output(y);
    passes::fuse_norm_activations(g);
    verify(g);
    CHECK(has(g, "relu"));
  }
}
