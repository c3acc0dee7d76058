// The public model, in C++ and in C: runs, trains, saves, refuses.
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>

#include "check.h"
#include "convcore/c_api.h"
#include "convcore/convcore.h"
#include "model_helpers.h"

using namespace convcore;

namespace {

Model small() { return Model::load(write_model_file(check_model::small_model())); }

// Elements of a tensor that ends with the expression cannot be asked for.
template <class T>
concept HasValues = requires(T t) { static_cast<T&&>(t).template values<float>(); };
static_assert(HasValues<Tensor&> && HasValues<const Tensor&> && !HasValues<Tensor> && !HasValues<const Tensor>);

std::vector<float> values(const Tensor& t) { return {t.values<float>().begin(), t.values<float>().end()}; }

std::string temporary(const char* name) {
  return (std::filesystem::temp_directory_path() / cat("convcore_", ::getpid(), "_", name)).string();
}

}  // namespace

TEST("model: predicts for any batch, image by image the same bits") {
  const Model model = small();
  const std::vector<float> x = check_model::images(5);
  const Tensor all = model.predict({x.data(), {5, 6, 6, 2}});
  CHECK_EQ(all.view().str(), std::string("float32 (5, 3)"));
  for (std::int64_t i = 0; i < 5; ++i) {
    const Tensor one = model.predict({x.data() + i * 72, {1, 6, 6, 2}});
    float sum = 0;
    for (int c = 0; c < 3; ++c) {
      CHECK_EQ(one.values<float>()[static_cast<std::size_t>(c)], all.values<float>()[static_cast<std::size_t>(i * 3 + c)]);
      sum += one.values<float>()[static_cast<std::size_t>(c)];
    }
    CHECK(std::abs(sum - 1) < 1e-5f);
  }
  std::vector<float> own(15);
  const TensorView in(x.data(), {5, 6, 6, 2});
  const MutableTensorView out(own.data(), {5, 3});
  model.predict(std::span(&in, 1), std::span(&out, 1));
  CHECK(own == values(all));
}

TEST("model: says what it takes and returns, and what does not fit") {
  Model model = small();
  CHECK(model.functions() == std::vector<std::string>({"predict", "train_step", "reset_metrics"}));
  CHECK_EQ(model.inputs()[0].str(), std::string("float32 (None, 6, 6, 2)"));
  CHECK_EQ(model.outputs()[0].name, std::string("probabilities"));
  const std::vector<float> x = check_model::images(1);
  const TensorView good(x.data(), {1, 6, 6, 2}), wrong(x.data(), {1, 2, 6, 6});
  CHECK_THROWS(Error, "\"image\": expected float32 (None, 6, 6, 2), received float32 (1, 2, 6, 6)", model.predict(wrong));
  CHECK_THROWS(Error, "one of its functions (predict, train_step, reset_metrics)", model.inputs("fit"));
  CHECK_THROWS(Error, "1 input, received 0", model.predict(std::span<const TensorView>()));
  CHECK_THROWS(Error, "null pointer", model.predict({static_cast<const float*>(nullptr), {1, 6, 6, 2}}));
  std::vector<float> y(3);
  const MutableTensorView nowhere(static_cast<float*>(nullptr), {1, 3});
  CHECK_THROWS(Error, "output probabilities: expected memory, received a null pointer",
               model.predict(std::span(&good, 1), std::span(&nowhere, 1)));
  const TensorView absent(static_cast<const float*>(nullptr), {1, 6, 6, 2});
  CHECK_THROWS(Error, "input image: expected memory", model.profile("predict", std::span(&absent, 1), 1));
  CHECK_THROWS(Error, "a null pointer", model.set_variable("conv/bias", {static_cast<const float*>(nullptr), {4}}));
  CHECK_THROWS(Error, "float32 (4,), received float32 (3,)", model.set_variable("conv/bias", {y.data(), {3}}));
  CHECK_THROWS(Error, "the name of one of its variables", model.variable("bias"));
  CHECK_THROWS(Error, "changes no variable", std::as_const(model).run("train_step", std::span(&good, 1)));
  CHECK_THROWS(Error, "a file with a sample", model.verify());
  const Tensor made = model.predict(good);
  CHECK_THROWS(Error, "elements of type int32", made.values<std::int32_t>());
  CHECK_THROWS(Error, "at most 8", TensorView(x.data(), {1, 1, 1, 1, 1, 1, 1, 1, 1}));
  CHECK(model.explain("predict", std::span(&good, 1)).find("conv") != std::string::npos);
  CHECK(!std::as_const(model).profile("predict", std::span(&good, 1), 2).empty());
}

TEST("model: a profile of a training step needs a model that is not const, and leaves it as it was") {
  Model model = small();
  const std::vector<float> x = check_model::images(2);
  const float y[6] = {1, 0, 0, 0, 1, 0};
  const TensorView batch[] = {{x.data(), {2, 6, 6, 2}}, {y, {2, 3}}};
  model.train_step(batch[0], batch[1]);
  const std::vector<std::byte> before = model.bytes();
  CHECK(model.profile("train_step", batch, 3).size() > 3);
  CHECK(model.bytes() == before);
  CHECK_THROWS(Error, "changes no variable, since the model is const", std::as_const(model).profile("train_step", batch, 3));
}

TEST("model: trains, saves, and the saved file goes on as the model would have") {
  Model model = small();
  const std::vector<float> x = check_model::images(4);
  const float y[12] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0};
  const TensorView images(x.data(), {4, 6, 6, 2}), targets(y, {4, 3});
  const double first = model.train_step(images, targets).at("loss");
  for (int i = 0; i < 300; ++i) model.train_step(images, targets);
  const std::string path = temporary("model.convcore");
  model.save(path);
  Model loaded = Model::load(path);
  std::filesystem::remove(path);
  CHECK(values(loaded.predict(images)) == values(model.predict(images)));
  const double loss = model.train_step(images, targets).at("loss");
  CHECK(loss < 0.5 * first);
  CHECK_EQ(loaded.train_step(images, targets).at("loss"), loss);
  model.reset_metrics();
  for (const float value : values(model.variable("conv/bias"))) CHECK_EQ(value, 0.0f);
  const float bias[4] = {1, 2, 3, 4};
  model.set_variable("conv/bias", {bias, {4}});
  CHECK(values(model.variable("conv/bias")) == std::vector<float>(bias, bias + 4));
  CHECK_THROWS(Error, "variable conv/bias: expected float32 (4,), received float32 (3,)",
               model.set_variable("conv/bias", {bias, {3}}));
  CHECK_THROWS(Error, "no_such_folder", model.save("/no_such_folder/model.convcore"));
  CHECK_THROWS(Error, "a file that can be read", Model::load("/no_such_folder/model.convcore"));
}

TEST("model: the sample is proved, also after training") {
  ModelFile file = check_model::small_model();
  const std::vector<float> x = check_model::images(2);
  const auto keep = [](const Type& type, const void* data) {
    StoredTensor made{type, Buffer(static_cast<std::size_t>(type.bytes()))};
    std::memcpy(made.bytes.data(), data, made.bytes.bytes());
    return made;
  };
  const Tensor y = small().predict({x.data(), {2, 6, 6, 2}});
  Sample sample{"predict", {}, {}};
  sample.inputs.push_back(keep({DType::f32, Shape{2, 6, 6, 2}}, x.data()));
  sample.outputs.push_back(keep({DType::f32, Shape{2, 3}}, y.data()));
  file.sample = std::move(sample);
  Model model = Model::load(write_model_file(file));
  CHECK(model.verify().ok && model.verify().bitwise);
  const float target[6] = {1, 0, 0, 0, 1, 0};
  for (int i = 0; i < 20; ++i) model.train_step({x.data(), {2, 6, 6, 2}}, {target, {2, 3}});
  CHECK(!model.verify().ok);
  CHECK(Model::load(model.bytes()).verify().bitwise);
}

TEST("model: one const model, many threads, the same bits") {
  const Model model = small();
  const std::vector<float> x = check_model::images(3);
  const std::vector<float> expected = values(model.predict({x.data(), {3, 6, 6, 2}}));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) wrong += values(model.predict({x.data(), {3, 6, 6, 2}})) != expected;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQ(wrong.load(), 0);
}

TEST("c api: the same numbers, and no exception leaves") {
  const std::vector<std::byte> bytes = write_model_file(check_model::small_model());
  cc_model* model = nullptr;
  CHECK_EQ(cc_model_load_bytes(bytes.data(), bytes.size(), &model), CC_OK);
  CHECK_EQ(cc_function_count(model), std::size_t{3});
  CHECK_EQ(std::string(cc_function_name(model, 0)), std::string("predict"));
  CHECK(cc_function_name(model, 3) == nullptr);
  cc_tensor spec;
  CHECK_EQ(cc_input_spec(model, "predict", 0, &spec), CC_OK);
  CHECK(spec.rank == 4 && spec.shape[0] == -1 && spec.shape[3] == 2 && spec.dtype == CC_FLOAT32);
  std::vector<float> x = check_model::images(2), y(6);
  cc_tensor in{x.data(), nullptr, {2, 6, 6, 2}, 4, CC_FLOAT32}, out{};
  CHECK_EQ(cc_output_shapes(model, "predict", &in, 1, &out, 1), CC_OK);
  CHECK(out.rank == 2 && out.shape[0] == 2 && out.shape[1] == 3);
  out.data = y.data();
  CHECK_EQ(cc_predict(model, &in, &out), CC_OK);
  CHECK(y == values(small().predict({x.data(), {2, 6, 6, 2}})));
  float targets[6] = {1, 0, 0, 0, 1, 0};
  const cc_tensor target{targets, nullptr, {2, 3}, 2, CC_FLOAT32};
  double loss = 0;
  CHECK_EQ(cc_train_step(model, &in, &target, &loss, 1), CC_OK);
  CHECK(loss > 0);
  CHECK_EQ(cc_reset_metrics(model), CC_OK);
  CHECK_EQ(cc_variable_count(model), std::size_t{3});
  float bias[4];
  const cc_tensor value{bias, nullptr, {4}, 1, CC_FLOAT32};
  CHECK_EQ(cc_get_variable(model, "conv/bias", &value), CC_OK);
  CHECK_EQ(cc_set_variable(model, "conv/bias", &value), CC_OK);
  const cc_tensor nothing{nullptr, nullptr, {4}, 1, CC_FLOAT32};
  CHECK_EQ(cc_set_variable(model, "conv/bias", &nothing), CC_ERROR);
  CHECK_EQ(cc_get_variable(model, "conv/bias", &nothing), CC_ERROR);
  CHECK_EQ(cc_train_step(model, &in, &target, nullptr, 1), CC_ERROR);

  in.shape[3] = 3;
  CHECK_EQ(cc_predict(model, &in, &out), CC_ERROR);
  CHECK(std::string(cc_last_error()).find("expected float32 (None, 6, 6, 2)") != std::string::npos);
  in.rank = 99;
  CHECK_EQ(cc_predict(model, &in, &out), CC_ERROR);
  const int no_dtype = 50;
  in.rank = 4, std::memcpy(&in.dtype, &no_dtype, sizeof no_dtype);
  CHECK_EQ(cc_predict(model, &in, &out), CC_ERROR);
  CHECK_EQ(cc_predict(model, nullptr, &out), CC_ERROR);
  CHECK_EQ(cc_predict(nullptr, &in, &out), CC_ERROR);
  CHECK_EQ(cc_verify(model, nullptr), CC_ERROR);
  CHECK_EQ(cc_model_load("/no_such_file", &model), CC_ERROR);
  cc_model* none = nullptr;
  CHECK_EQ(cc_model_load_bytes("abc", 3, &none), CC_MODEL_FORMAT);
  CHECK(none == nullptr);
  CHECK_EQ(cc_model_load_bytes(bytes.data(), bytes.size(), nullptr), CC_ERROR);
  cc_model_free(model);
  cc_model_free(nullptr);
}

TEST("tensors: views of half types tell their elements as floats") {
  const std::uint16_t halves_of[2] = {0x3c00, 0xc000};
  const std::int64_t shape[1] = {2};
  CHECK(TensorView(DType::f16, halves_of, shape).floats() == std::vector<float>({1, -2}));
  CHECK(TensorView(DType::bf16, halves_of, shape).floats() == std::vector<float>({0.0078125F, -2}));
  const double wide[2] = {0.5, 3};
  CHECK(TensorView(wide, {2}).floats() == std::vector<float>({0.5F, 3}));
  CHECK_THROWS(convcore::Error, "float type, received int64 (1,)", TensorView(shape, {1}).floats());
}
