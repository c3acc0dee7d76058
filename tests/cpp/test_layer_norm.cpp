// layer_norm: simd against the reference over row sizes, with and without the mean; the gradient; wrong arguments.
#include "check.h"
#include "run_op.h"

using namespace convcore;

namespace {

AttrMap rows(std::int64_t axes, bool center) { return {{"axes", axes}, {"epsilon", 1e-3}, {"center", center}}; }

}  // namespace

TEST("layer_norm: simd equals the reference, forward and backward") {
  on_every_isa([](const KernelTable& table) {
    for (const std::int64_t n : sizes_around(table))
      for (const std::int64_t count : {1, 9, 150})
        for (const bool center : {true, false}) {
          const Tensor x = random_tensor({count, n}, 1), gamma = random_tensor({n}, 2), beta = random_tensor({n}, 3),
                       dy = random_tensor({count, n}, 4);
          const AttrMap attrs = rows(1, center);
          CHECK(worst_error(run_op1("layer_norm", attrs, {x, gamma, beta}, "simd"),
                            run_op1("layer_norm", attrs, {x, gamma, beta}, "reference")) < 2e-5);
          const Tensors got = run_op("layer_norm_backward", attrs, {x, gamma, dy}, "simd"),
                        want = run_op("layer_norm_backward", attrs, {x, gamma, dy}, "reference");
          for (std::size_t i = 0; i < 3; ++i) CHECK(worst_error(got[i], want[i]) < (n == 1 ? 2e-3 : 5e-5));
        }
  });
}

TEST("layer_norm: a row does not depend on the rows around it") {
  on_every_isa([](const KernelTable&) {
    const Tensor x = random_tensor({7, 4100}, 1), gamma = random_tensor({4100}, 2), beta = random_tensor({4100}, 3);
    const Tensor all = run_op1("layer_norm", rows(1, true), {x, gamma, beta}, "simd");
    Tensor row(Type{DType::f32, {1, 4100}});
    std::memcpy(row.at(), x.at() + 3 * 4100, 4100 * sizeof(float));
    const Tensor one = run_op1("layer_norm", rows(1, true), {row, gamma, beta}, "simd");
    CHECK(std::memcmp(one.at(), all.at() + 3 * 4100, 4100 * sizeof(float)) == 0);
  });
}

TEST("layer_norm: long rows far from zero keep their deviations") {
  on_every_isa([](const KernelTable&) {
    Tensor x = random_tensor({1, 300000}, 1);
    for (std::int64_t i = 0; i < x.size(); ++i) x.at()[i] += 100;
    const Tensor gamma(DType::f32, {300000}, std::vector<float>(300000, 1)), beta(Type{DType::f32, {300000}});
    CHECK(worst_error(run_op1("layer_norm", rows(1, true), {x, gamma, beta}, "simd"),
                      run_op1("layer_norm", rows(1, true), {x, gamma, beta}, "reference")) < 2e-5);
  });
}

TEST("layer_norm: by hand, over two axes") {
  const Tensor x(DType::f32, {1, 2, 2}, std::vector<float>{1, 3, 1, 3}),
      one(DType::f32, {4}, std::vector<float>{1, 1, 1, 1}), two(DType::f32, {4}, std::vector<float>{2, 2, 2, 2});
  const AttrMap attrs{{"axes", std::int64_t{2}}, {"epsilon", 0.0}};
  CHECK(run_op1("layer_norm", attrs, {x, two, one}, "simd").values() == (std::vector<float>{-1, 3, -1, 3}));
}

TEST("layer_norm: wrong arguments say what is wrong") {
  const Tensor x = random_tensor({2, 3}, 1), gamma = random_tensor({3}, 2), bad = random_tensor({2}, 3);
  CHECK_THROWS(Error, "axes from 1 to 2", run_op1("layer_norm", rows(3, true), {x, gamma, gamma}, "simd"));
  CHECK_THROWS(Error, "one value per element of a row", run_op1("layer_norm", rows(1, true), {x, gamma, bad}, "simd"));
}
