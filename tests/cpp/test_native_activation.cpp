// Activations that the application registers: run, train, refused where they are not known; in C++ and in C.
#include <cstring>

#include "check.h"
#include "convcore/c_api.h"
#include "convcore/convcore.h"
#include "graph/graph.h"
#include "io/model_file.h"

using namespace convcore;

namespace {

void cubed(const float* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = x[i] * x[i] * x[i];
}
void cubed_derivative(const float* x, float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = 3 * (x[i] * x[i]);
}

AttrMap named(const char* name) { return {{"function", std::string(name)}}; }

// One function, loss(x) = sum(f(x)), with the gradient for x.
ModelFile file_with(const char* name) {
  NamedGraph predict{{}, {"x"}, {"loss", "gradient"}};
  const Value x = predict.graph.input({DType::f32, Shape{unknown}}, "x");
  const Value loss = predict.graph.emit1("sum", {predict.graph.emit1("native_activation", {x}, named(name))});
  predict.graph.output(loss);
  predict.graph.output(gradients(predict.graph, loss, {x})[0]);
  ModelFile file;
  file.producer = "test";
  file.functions.emplace_back("predict", std::move(predict));
  return file;
}

}  // namespace

TEST("native activation: loads, runs on every element and differentiates") {
  register_activation("test_cubed", cubed, cubed_derivative);
  register_activation("test_cubed", cubed, cubed_derivative);
  const Model model = Model::load(write_model_file(file_with("test_cubed")));
  for (const std::int64_t n : {1, 3, 50021}) {  // the last one is shared by threads
    std::vector<float> x(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<int>(i % 7) - 3);
    const TensorView view(x.data(), {n});
    const auto out = model.run("predict", std::span(&view, 1));
    float sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += x[i] * x[i] * x[i];
      CHECK_EQ(out[1].values<float>()[i], 3 * x[i] * x[i]);
    }
    CHECK_EQ(out[0].values<float>()[0], sum);
  }
}

TEST("native activation: what is not registered is refused by name") {
  register_activation("test_cubed", cubed, cubed_derivative);
  Graph g;
  const Value x = g.input({DType::f32, Shape{2}}, "x"), wide = g.input({DType::f64, Shape{2}}, "wide");
  CHECK_THROWS(Error, "received \"test_none\". Register it before", g.emit1("native_activation", {x}, named("test_none")));
  CHECK_THROWS(Error, "expected float32, received float64", g.emit1("native_activation", {wide}, named("test_cubed")));
  std::vector<std::byte> bytes = write_model_file(file_with("test_cubed"));
  const std::string_view from = "test_cubed", to = "test_other";
  for (std::size_t i = 0; i + from.size() < bytes.size(); ++i)
    if (std::memcmp(bytes.data() + i, from.data(), from.size()) == 0) std::memcpy(bytes.data() + i, to.data(), to.size());
  CHECK_THROWS(ModelFormatError, "\"test_other\"", Model::load(bytes));
}

TEST("native activation: registering") {
  register_activation("test_cubed", cubed, cubed_derivative);
  CHECK_THROWS(Error, "stands for other functions", register_activation("test_cubed", cubed_derivative));
  CHECK_THROWS(Error, "letters, digits and underscores", register_activation("", cubed));
  CHECK_THROWS(Error, "letters, digits and underscores", register_activation("a b", cubed));
  CHECK_THROWS(Error, "expected a function, received null", register_activation("test_null", nullptr));
  CHECK_EQ(cc_register_activation("test_in_c", cubed, nullptr), CC_OK);
  CHECK_EQ(cc_register_activation("test in c", cubed, nullptr), CC_ERROR);
  CHECK_EQ(cc_register_activation(nullptr, cubed, nullptr), CC_ERROR);
  CHECK_THROWS(Error, "registered with its derivative", file_with("test_in_c"));
}
