// Batch normalisation: simd against the reference over channel counts and row counts, hand-made values, safety of the
// variance.
#include "check.h"
#include "run_op.h"

using namespace convcore;

namespace {

Tensors forward_inputs(const Tensor& x, std::int64_t c) { return {x, random_tensor({c}, 2, 0.5, 2), random_tensor({c}, 3)}; }

void check_case(const Shape& shape, std::int64_t axis) {
  const AttrMap attrs = {{"axis", axis}};
  const Tensor x = random_tensor(shape, 1, -1, 3);
  const Tensors in = forward_inputs(x, shape[normalize_axis(axis, shape.rank(), "test")]);
  const Tensors y = run_op("batch_norm_training", attrs, in, "simd"),
                want = run_op("batch_norm_training", attrs, in, "reference");
  for (std::size_t i = 0; i < 3; ++i) CHECK(worst_error(y[i], want[i]) < 3e-5);
  const Tensors back = {x, in[1], want[1], want[2], random_tensor(x.type.shape, 4)};
  const Tensors dx = run_op("batch_norm_training_backward", attrs, back, "simd");
  const Tensors want_dx = run_op("batch_norm_training_backward", attrs, back, "reference");
  for (std::size_t i = 0; i < 3; ++i) CHECK(worst_error(dx[i], want_dx[i]) < 1e-4);
}

}  // namespace

TEST("batch_norm: simd equals the reference") {
  on_every_isa([](const KernelTable& table) {
    const std::int64_t vl = table.vector_width;
    for (const std::int64_t c : {std::int64_t{1}, std::int64_t{10}, vl - 1, vl, vl + 1, 4 * vl + 3})
      for (const std::int64_t rows : {1, 2, 3, 100, 3000}) check_case({rows, 1, c}, -1);
    for (const std::int64_t size : sizes_around(table)) check_case({3, 5, size}, 1);
    check_case({4, 3, 5, 7}, 0);
  });
}

TEST("batch_norm: biased variance, any axis") {
  const Tensor x(DType::f32, {2, 2, 2}, std::vector<float>{1, 3, 10, 10, 5, 7, 10, 10});
  const Tensor gamma(DType::f32, {2}, std::vector<float>{2, 1}), beta(DType::f32, {2}, std::vector<float>{0, 0.5f});
  const AttrMap attrs = {{"axis", std::int64_t{1}}, {"epsilon", 0.0}};
  const AttrMap safe = {{"axis", std::int64_t{1}}, {"epsilon", 1e-3}};
  const Tensors y = run_op("batch_norm_training", safe, {x, gamma, beta}, "reference");
  CHECK(y[1].values() == (std::vector<float>{4, 10}));
  CHECK(y[2].values() == (std::vector<float>{5, 0}));
  CHECK_EQ(y[0].at()[2], 0.5f);
  CHECK(std::fabs(run_op("batch_norm_training", attrs, {x, gamma, beta}, "reference")[0].first() + 6 / std::sqrt(5.0f)) <
        1e-6f);
}

TEST("batch_norm: a large mean does not destroy the variance") {
  on_every_isa([](const KernelTable&) {
    Tensor x = random_tensor({5000, 3}, 7, -1, 1);
    for (std::int64_t i = 0; i < x.size(); ++i) x.at()[i] += 1000;
    const Tensors in = forward_inputs(x, 3);
    const Tensors y = run_op("batch_norm_training", {}, in, "simd"),
                  want = run_op("batch_norm_training", {}, in, "reference");
    CHECK(worst_error(y[2], want[2]) < 1e-4);
    CHECK(worst_error(y[1], want[1]) < 1e-6);
  });
}

TEST("batch_norm: wrong arguments say what is wrong") {
  const Tensor x = random_tensor({4, 3}, 1), c = random_tensor({2}, 1);
  CHECK_THROWS(Error, "one value per channel", run_op("batch_norm_training", {}, {x, c, c}, "reference"));
}
