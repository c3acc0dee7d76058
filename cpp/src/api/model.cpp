// The public model: functions over shared variables.
#include "convcore/model.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/stored.h"
#include "convcore/runtime.h"
#include "graph/variable.h"
#include "io/model_file.h"
#include "plan/plan.h"
#include "runtime/executor.h"
#include "runtime/function.h"

namespace convcore {

namespace {

constexpr std::size_t few = 16;  // inputs or outputs of a call that need no allocation
constexpr double close_enough = 1e-4;

TensorSpec spec_of(std::string name, const Type& type) { return {std::move(name), type.dtype, type.shape.dims()}; }

std::vector<TensorSpec> specs_of(const std::vector<std::string>& names, const Graph& graph, const Values& values) {
  std::vector<TensorSpec> specs;
  for (std::size_t i = 0; i < values.size(); ++i) specs.push_back(spec_of(names[i], graph.type(values[i])));
  return specs;
}

// Room for a call's arguments, on the stack unless there are many.
template <class T>
class Few {
 public:
  explicit Few(std::size_t n) : many_(n > few ? n : 0), size_(n) {}
  T* data() { return size_ > few ? many_.data() : few_; }
  T& operator[](std::size_t i) { return data()[i]; }
  std::span<T> span() { return {data(), size_}; }

 private:
  T few_[few]{};
  std::vector<T> many_;
  std::size_t size_;
};

struct LoadedFunction {
  std::string name;
  std::vector<std::string> input_names, output_names;
  std::vector<TensorSpec> inputs, outputs;
  Function function;

  explicit LoadedFunction(std::string given, NamedGraph named)
      : name(std::move(given)),
        input_names(std::move(named.inputs)),
        output_names(std::move(named.outputs)),
        inputs(specs_of(input_names, named.graph, named.graph.inputs)),
        outputs(specs_of(output_names, named.graph, named.graph.outputs)),
        function(std::move(named.graph)) {}

  bool writes() const { return !function.graph().updates.empty(); }

  std::shared_ptr<Executor> prepare(std::span<const TensorView> given) {
    if (given.size() != inputs.size())
      fail(cat("Model: function ", name), cat(inputs.size(), inputs.size() == 1 ? " input" : " inputs"),
           std::to_string(given.size()));
    Few<ArrayView> views(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) views[i] = {given[i].dtype(), given[i].shape(), given[i].data()};
    if (auto executor = function.try_prepare(views.span())) return executor;
    return function.prepare(views.span());
  }

  void check_memory(const TensorView& view, const char* kind, const TensorSpec& spec) const {
    if (view.data() == nullptr && view.elements() > 0)
      fail(cat("Model: function ", name, ": ", kind, ' ', spec.name), "memory", "a null pointer");
  }

  void run(Executor& executor, std::span<const TensorView> given, void* const* to) {
    Few<const void*> from(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      check_memory(given[i], "input", inputs[i]);
      from[i] = given[i].data();
    }
    function.run(executor, from.data(), to);
  }

  std::vector<Tensor> call(std::span<const TensorView> given) {
    const std::shared_ptr<Executor> executor = prepare(given);
    std::vector<Tensor> made;
    Few<void*> to(outputs.size());
    for (const Type& type : executor->plan().outputs) {
      made.emplace_back(type.dtype, type.shape.dims());
      to[made.size() - 1] = made.back().data();
    }
    run(*executor, given, to.data());
    return made;
  }

  void call(std::span<const TensorView> given, std::span<const MutableTensorView> results) {
    const std::shared_ptr<Executor> executor = prepare(given);
    const Types& types = executor->plan().outputs;
    if (results.size() != types.size())
      fail(cat("Model: function ", name), cat(types.size(), types.size() == 1 ? " output" : " outputs"),
           std::to_string(results.size()));
    Few<void*> to(results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto shape = results[i].shape();
      if (results[i].dtype() != types[i].dtype || !std::ranges::equal(shape, types[i].shape.dims()))
        fail(cat("Model: function ", name, ": output ", outputs[i].name), types[i].str(), results[i].str());
      check_memory(results[i], "output", outputs[i]);
      to[i] = results[i].data();
    }
    run(*executor, given, to.data());
  }

  std::vector<StepTime> profile(std::span<const TensorView> given, int repeats) {
    prepare(given);  // its errors name the function
    std::vector<ArrayView> views;
    for (const TensorView& input : given) {
      check_memory(input, "input", inputs[views.size()]);
      views.push_back({input.dtype(), input.shape(), input.data()});
    }
    std::vector<StepTime> rows;
    for (const StepProfile& row : function.profile(views, repeats))
      rows.push_back({row.op, row.scope, row.implementation, row.output, row.milliseconds, row.operations, row.bytes});
    return rows;
  }
};

Type type_of(const TensorView& view) { return {view.dtype(), Shape({view.shape().begin(), view.shape().end()})}; }

StoredTensor stored(const Type& type, const void* data) {
  StoredTensor made{type, Buffer(static_cast<std::size_t>(type.bytes()), Buffer::Fill::nothing)};
  if (type.bytes() > 0) std::memcpy(made.bytes.data(), data, static_cast<std::size_t>(type.bytes()));
  return made;
}

std::vector<TensorView> views_of(const std::vector<StoredTensor>& tensors) {
  std::vector<TensorView> views;
  for (const StoredTensor& t : tensors) views.emplace_back(t.type.dtype, t.bytes.data(), t.type.shape.dims());
  return views;
}

double largest(std::span<const float> values) {
  double most = 0;
  for (const float value : values) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

// What the last place of a half type is worth, relative to the number: another instruction set may round to the neighbour.
double last_place(DType dtype) { return dtype == DType::f16 ? 0x1p-10 : dtype == DType::bf16 ? 0x1p-7 : 0; }

// The largest difference, relative to the largest magnitude; infinite where only one of two numbers is one.
double difference(const Tensor& actual, const StoredTensor& expected) {
  if (actual.dtype() != DType::f32 && !is_half(actual.dtype()))
    return std::memcmp(actual.data(), expected.bytes.data(), actual.bytes()) == 0 ? 0 : HUGE_VAL;
  const std::vector<float> a = actual.view().floats();
  const std::vector<float> e = TensorView(actual.dtype(), expected.bytes.data(), actual.shape()).floats();
  const double scale = std::max(largest(e), 1e-30);
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) != std::isnan(e[i])) return HUGE_VAL;
    if (a[i] != e[i] && !std::isnan(a[i])) most = std::max(most, std::abs(static_cast<double>(a[i]) - e[i]) / scale);
  }
  return most;
}

}  // namespace

struct Model::Impl {
  NamedVariables variables;
  std::vector<std::unique_ptr<LoadedFunction>> functions;
  std::optional<Sample> sample;

  explicit Impl(ModelFile file) : variables(std::move(file.variables)), sample(std::move(file.sample)) {
    for (auto& [name, named] : file.functions) functions.push_back(std::make_unique<LoadedFunction>(name, std::move(named)));
  }

  LoadedFunction* find(std::string_view name) const {
    for (const auto& function : functions)
      if (function->name == name) return function.get();
    return nullptr;
  }

  LoadedFunction& at(std::string_view name) const {
    if (LoadedFunction* found = find(name)) return *found;
    std::string known;
    for (const auto& function : functions) known += cat(known.empty() ? "" : ", ", function->name);
    fail("Model", cat("one of its functions (", known, ")"), cat('"', name, '"'),
         name == "train_step" ? "Export the model with training=True." : "");
  }

  LoadedFunction& reading(std::string_view name) const {
    LoadedFunction& found = at(name);
    if (found.writes())
      fail(cat("Model: function ", name), "a function that changes no variable, since the model is const", "one that does",
           "Call it on a model that is not const.");
    return found;
  }

  // The sample's inputs with what the model makes of them now: training has moved its variables.
  std::optional<Sample> sample_of_today() const {
    if (!sample) return std::nullopt;
    Sample made{sample->function, {}, {}};
    for (const StoredTensor& input : sample->inputs) made.inputs.push_back(stored(input.type, input.bytes.data()));
    for (const Tensor& output : reading(sample->function).call(views_of(sample->inputs)))
      made.outputs.push_back(stored(type_of(output), output.data()));
    return made;
  }

  Variable& variable(std::string_view name) const {
    for (const NamedVariable& v : variables)
      if (v.name == name) return *v.variable;
    fail("Model", "the name of one of its variables", cat('"', name, '"'));
  }
};

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Model Model::load(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return Model(std::make_unique<Impl>(read_model_file(bytes, path)));
}

Model Model::load(std::span<const std::byte> bytes) {
  return Model(std::make_unique<Impl>(read_model_file(bytes, "model in memory")));
}

Model Model::load(const void* bytes, std::size_t size) {
  return load(std::span(static_cast<const std::byte*>(bytes), size));
}

std::vector<std::string> Model::functions() const {
  std::vector<std::string> names;
  for (const auto& function : impl_->functions) names.push_back(function->name);
  return names;
}

bool Model::has(std::string_view function) const { return impl_->find(function) != nullptr; }
const std::vector<TensorSpec>& Model::inputs(std::string_view function) const { return impl_->at(function).inputs; }
const std::vector<TensorSpec>& Model::outputs(std::string_view function) const { return impl_->at(function).outputs; }

Tensor Model::predict(const TensorView& x) const {
  const std::size_t count = outputs().size();
  if (count != 1) fail("Model: predict", "a model with one output", std::to_string(count));
  return std::move(predict(std::span(&x, 1))[0]);
}

std::vector<Tensor> Model::predict(std::span<const TensorView> inputs) const { return run("predict", inputs); }

void Model::predict(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs) const {
  run("predict", inputs, outputs);
}

std::vector<Tensor> Model::run(std::string_view function, std::span<const TensorView> inputs) {
  return impl_->at(function).call(inputs);
}

std::vector<Tensor> Model::run(std::string_view function, std::span<const TensorView> inputs) const {
  return impl_->reading(function).call(inputs);
}

void Model::run(std::string_view function, std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs) {
  impl_->at(function).call(inputs, outputs);
}

void Model::run(std::string_view function, std::span<const TensorView> inputs,
                std::span<const MutableTensorView> outputs) const {
  impl_->reading(function).call(inputs, outputs);
}

std::vector<TensorSpec> Model::output_types(std::string_view function, std::span<const TensorView> inputs) const {
  LoadedFunction& found = impl_->at(function);
  const std::shared_ptr<Executor> executor = found.prepare(inputs);
  std::vector<TensorSpec> specs;
  for (const Type& type : executor->plan().outputs) specs.push_back(spec_of(found.output_names[specs.size()], type));
  return specs;
}

std::map<std::string, double> Model::train_step(const TensorView& x, const TensorView& y) {
  LoadedFunction& step = impl_->at("train_step");
  const TensorView batch[] = {x, y};
  const std::vector<Tensor> results = step.call(batch);
  std::map<std::string, double> logs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].elements() != 1 || !is_float(results[i].dtype()))
      fail("Model: train_step", "results that are single numbers", cat(step.output_names[i], ": ", results[i].view().str()));
    logs[step.output_names[i]] = element_value(results[i].dtype(), results[i].data());
  }
  return logs;
}

void Model::reset_metrics() { impl_->at("reset_metrics").call(std::span<const TensorView>()); }

std::vector<TensorSpec> Model::variables() const {
  std::vector<TensorSpec> specs;
  for (const NamedVariable& v : impl_->variables) specs.push_back(spec_of(v.name, v.variable->type()));
  return specs;
}

Tensor Model::variable(std::string_view name) const {
  const Variable& found = impl_->variable(name);
  Tensor copy(found.type().dtype, found.type().shape.dims());
  if (copy.bytes() > 0) std::memcpy(copy.data(), found.data(), copy.bytes());
  return copy;
}

void Model::set_variable(std::string_view name, const TensorView& value) {
  Variable& found = impl_->variable(name);
  const Type given = type_of(value);
  if (given != found.type()) fail(cat("Model: variable ", name), found.type().str(), given.str());
  if (value.bytes() == 0) return;
  if (value.data() == nullptr) fail(cat("Model: variable ", name), "memory", "a null pointer");
  std::memcpy(found.data(), value.data(), value.bytes());
  found.touch();
}

std::vector<std::byte> Model::bytes() const {
  ModelFile file;
  file.producer = cat("convcore ", version());
  file.variables = impl_->variables;
  for (const auto& f : impl_->functions)
    file.functions.emplace_back(f->name, NamedGraph{f->function.graph().clone(), f->input_names, f->output_names});
  file.sample = impl_->sample_of_today();
  return write_model_file(file);
}

void Model::save(const std::string& path) const { write_file(path, bytes()); }

Verification Model::verify() const {
  if (!impl_->sample) fail("Model: verify", "a file with a sample", "a file without one", "Export it with sample=True.");
  const Sample& sample = *impl_->sample;
  const std::vector<Tensor> outputs = impl_->reading(sample.function).call(views_of(sample.inputs));
  Verification found{true, true, 0, sample.function};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Type& expected = sample.outputs[i].type;
    if (outputs[i].dtype() != expected.dtype || !std::ranges::equal(outputs[i].shape(), expected.shape.dims()))
      throw ModelFormatError(cat("Model: verify: output ", i, ": expected ", outputs[i].view().str(),
                                 " in the sample, received ", expected.str()));
    const double error = difference(outputs[i], sample.outputs[i]);
    found.max_error = std::max(found.max_error, error);
    found.ok &= error <= close_enough + last_place(expected.dtype);
    found.bitwise &= std::memcmp(outputs[i].data(), sample.outputs[i].bytes.data(), outputs[i].bytes()) == 0;
  }
  return found;
}

std::string Model::explain(std::string_view function, std::span<const TensorView> inputs) const {
  return convcore::explain(impl_->at(function).prepare(inputs)->plan());
}

std::vector<StepTime> Model::profile(std::string_view function, std::span<const TensorView> inputs, int repeats) {
  return impl_->at(function).profile(inputs, repeats);
}

std::vector<StepTime> Model::profile(std::string_view function, std::span<const TensorView> inputs, int repeats) const {
  return impl_->reading(function).profile(inputs, repeats);
}

}  // namespace convcore
