// The C face of the public model: arguments are checked, exceptions become status codes.
#include "convcore/c_api.h"

#include <cstring>
#include <new>

#include "base/error.h"
#include "convcore/convcore.h"

using namespace convcore;

struct cc_model {
  Model model;
  std::vector<std::string> names;
  std::vector<TensorSpec> variables;

  explicit cc_model(Model loaded) : model(std::move(loaded)), names(model.functions()), variables(model.variables()) {}
};

namespace {

static_assert(static_cast<int>(DType::u16) == CC_UINT16 && static_cast<int>(DType::f64) == CC_FLOAT64 &&
              static_cast<int>(DType::boolean) == CC_BOOL);
static_assert(static_cast<int>(DType::f32) == CC_FLOAT32 && static_cast<int>(DType::u32) == CC_UINT32);
static_assert(CC_MAX_RANK == max_tensor_rank);

thread_local std::string last_error;

cc_status keep(cc_status status, const char* text) noexcept {
  try {
    last_error = text;
  } catch (...) {
    last_error.clear();
  }
  return status;
}

template <class F>
cc_status guarded(F&& f) noexcept {
  try {
    f();
    return CC_OK;
  } catch (const ModelFormatError& error) {
    return keep(CC_MODEL_FORMAT, error.what());
  } catch (const Error& error) {
    return keep(CC_ERROR, error.what());
  } catch (const std::bad_alloc&) {
    return keep(CC_NO_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return keep(CC_INTERNAL, error.what());
  } catch (...) {
    return keep(CC_INTERNAL, "an unknown exception");
  }
}

template <class T>
T& given(T* pointer, const char* what) {
  if (pointer == nullptr) fail(what, "a pointer", "null");
  return *pointer;
}

template <class T>
std::span<T> array(T* first, std::size_t count, const char* what) {
  if (count > 0) given(first, what);
  return {first, count};
}

std::span<const std::int64_t> shape_of(const cc_tensor& t) {
  if (t.rank < 0 || t.rank > CC_MAX_RANK)
    fail("cc_tensor", cat("a rank from 0 to ", int{CC_MAX_RANK}), std::to_string(t.rank));
  return {t.shape, static_cast<std::size_t>(t.rank)};
}

DType dtype_of_c(const cc_tensor& t) {
  int code = 0;  // as a number: a C caller can put any into an enum, a C++ program must not read it as one
  static_assert(sizeof code == sizeof t.dtype);
  std::memcpy(&code, &t.dtype, sizeof code);
  if (code < CC_BOOL || code > CC_UINT16) fail("cc_tensor", "a cc_dtype", std::to_string(code));
  return static_cast<DType>(code);
}

TensorView view_of(const cc_tensor& t) { return {dtype_of_c(t), t.data, shape_of(t)}; }
MutableTensorView mutable_view_of(const cc_tensor& t) {
  const MutableTensorView view(dtype_of_c(t), t.data, shape_of(t));
  if (t.data == nullptr && view.elements() > 0) fail("cc_tensor", "memory for the result", "null");
  return view;
}

std::vector<TensorView> views_of(const cc_tensor* tensors, std::size_t count) {
  std::vector<TensorView> views;
  for (const cc_tensor& t : array(tensors, count, "inputs")) views.push_back(view_of(t));
  return views;
}

void describe(const TensorSpec& spec, cc_tensor& to) {
  to.dtype = static_cast<cc_dtype>(spec.dtype);
  to.rank = static_cast<std::int32_t>(spec.shape.size());
  std::copy(spec.shape.begin(), spec.shape.end(), to.shape);
}

void describe_one(const std::vector<TensorSpec>& specs, std::size_t index, cc_tensor* to) {
  if (index >= specs.size()) fail("spec", cat("an index below ", specs.size()), std::to_string(index));
  describe(specs[index], given(to, "spec"));
  to->data = nullptr, to->name = specs[index].name.c_str();
}

}  // namespace

extern "C" {

const char* cc_version(void) { return version(); }
const char* cc_last_error(void) { return last_error.c_str(); }

cc_status cc_set_num_threads(int n) {
  return guarded([&] { set_num_threads(n); });
}
int cc_num_threads(void) {
  int n = 1;
  guarded([&] { n = num_threads(); });
  return n;
}
const char* cc_isa(void) {
  static thread_local std::string name;
  guarded([] { name = isa(); });
  return name.c_str();
}

cc_status cc_register_activation(const char* name, cc_activation_fn value, cc_activation_fn derivative) {
  return guarded([&] { register_activation(&given(name, "name"), value, derivative); });
}

cc_status cc_model_load(const char* path, cc_model** model) {
  return guarded([&] {
    cc_model*& made = given(model, "model");
    made = new cc_model(Model::load(std::string(&given(path, "path"))));
  });
}

cc_status cc_model_load_bytes(const void* bytes, size_t size, cc_model** model) {
  return guarded([&] {
    if (bytes == nullptr && size > 0) fail("bytes", "a pointer", "null");
    cc_model*& made = given(model, "model");
    made = new cc_model(Model::load(bytes, size));
  });
}

void cc_model_free(cc_model* model) { delete model; }

cc_status cc_model_save(const cc_model* model, const char* path) {
  return guarded([&] { given(model, "model").model.save(std::string(&given(path, "path"))); });
}

size_t cc_function_count(const cc_model* model) { return model != nullptr ? model->names.size() : 0; }

const char* cc_function_name(const cc_model* model, size_t index) {
  return model != nullptr && index < model->names.size() ? model->names[index].c_str() : nullptr;
}

cc_status cc_input_count(const cc_model* model, const char* function, size_t* count) {
  return guarded([&] { given(count, "count") = given(model, "model").model.inputs(&given(function, "function")).size(); });
}

cc_status cc_output_count(const cc_model* model, const char* function, size_t* count) {
  return guarded([&] { given(count, "count") = given(model, "model").model.outputs(&given(function, "function")).size(); });
}

cc_status cc_input_spec(const cc_model* model, const char* function, size_t index, cc_tensor* spec) {
  return guarded([&] { describe_one(given(model, "model").model.inputs(&given(function, "function")), index, spec); });
}

cc_status cc_output_spec(const cc_model* model, const char* function, size_t index, cc_tensor* spec) {
  return guarded([&] { describe_one(given(model, "model").model.outputs(&given(function, "function")), index, spec); });
}

cc_status cc_output_shapes(const cc_model* model, const char* function, const cc_tensor* inputs, size_t input_count,
                           cc_tensor* outputs, size_t output_count) {
  return guarded([&] {
    const std::vector<TensorSpec> types =
        given(model, "model").model.output_types(&given(function, "function"), views_of(inputs, input_count));
    if (types.size() != output_count) fail("cc_output_shapes", cat(types.size(), " outputs"), std::to_string(output_count));
    const std::span<cc_tensor> to = array(outputs, output_count, "outputs");
    for (std::size_t i = 0; i < types.size(); ++i) describe(types[i], to[i]);
  });
}

cc_status cc_run(cc_model* model, const char* function, const cc_tensor* inputs, size_t input_count,
                 const cc_tensor* outputs, size_t output_count) {
  return guarded([&] {
    std::vector<MutableTensorView> results;
    for (const cc_tensor& t : array(outputs, output_count, "outputs")) results.push_back(mutable_view_of(t));
    given(model, "model").model.run(&given(function, "function"), views_of(inputs, input_count), results);
  });
}

cc_status cc_predict(const cc_model* model, const cc_tensor* x, const cc_tensor* y) {
  return guarded([&] {
    const TensorView input = view_of(given(x, "x"));
    const MutableTensorView output = mutable_view_of(given(y, "y"));
    given(model, "model").model.predict(std::span(&input, 1), std::span(&output, 1));
  });
}

cc_status cc_train_step(cc_model* model, const cc_tensor* x, const cc_tensor* y, double* results, size_t result_count) {
  return guarded([&] {
    Model& trained = given(model, "model").model;
    const auto& specs = trained.outputs("train_step");
    if (result_count != specs.size()) fail("cc_train_step", cat(specs.size(), " results"), std::to_string(result_count));
    const std::span<double> to = array(results, result_count, "results");
    const auto logs = trained.train_step(view_of(given(x, "x")), view_of(given(y, "y")));
    for (std::size_t i = 0; i < result_count; ++i) to[i] = logs.at(specs[i].name);
  });
}

cc_status cc_reset_metrics(cc_model* model) {
  return guarded([&] { given(model, "model").model.reset_metrics(); });
}

size_t cc_variable_count(const cc_model* model) { return model != nullptr ? model->variables.size() : 0; }

cc_status cc_variable_spec(const cc_model* model, size_t index, cc_tensor* spec) {
  return guarded([&] { describe_one(given(model, "model").variables, index, spec); });
}

cc_status cc_get_variable(const cc_model* model, const char* name, const cc_tensor* value) {
  return guarded([&] {
    const Tensor found = given(model, "model").model.variable(&given(name, "name"));
    const MutableTensorView to = mutable_view_of(given(value, "value"));
    if (to.str() != found.view().str()) fail(cat("variable ", name), found.view().str(), to.str());
    if (to.bytes() > 0) std::memcpy(to.data(), found.data(), to.bytes());
  });
}

cc_status cc_set_variable(cc_model* model, const char* name, const cc_tensor* value) {
  return guarded([&] { given(model, "model").model.set_variable(&given(name, "name"), view_of(given(value, "value"))); });
}

cc_status cc_verify(const cc_model* model, double* max_error) {
  return guarded([&] {
    const Verification found = given(model, "model").model.verify();
    if (max_error != nullptr) *max_error = found.max_error;
    if (!found.ok) fail("cc_verify", "the outputs of the sample within 1e-4", cat("an error of ", found.max_error));
  });
}

}  // extern "C"
