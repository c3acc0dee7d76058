// A model file, loaded: runs, trains, saves. No Python.
//
//   const auto model = convcore::Model::load("mnist.convcore");
//   const convcore::Tensor probabilities = model.predict({image, {1, 28, 28, 1}});
//
// Functions that change no variable (predict) may be called on one const model from any number of threads at once. Those
// that do (train_step) need a model that no other thread is using.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convcore/error.h"
#include "convcore/export.h"
#include "convcore/tensor.h"

namespace convcore {

// One step of a profile.
struct StepTime {
  std::string op, scope, implementation, output;  // scope: the layer, "sequential/conv2d"; output: "float32 (1, 26, 26, 32)"
  double milliseconds = 0;                        // the median of the repeats
  double operations = 0, bytes = 0;               // of one run: multiplications and additions; read and written
};

// What verify() found.
struct Verification {
  bool ok = false;       // every output within 1e-4 of its largest magnitude
  bool bitwise = false;  // every output equal to the last bit: the rule on the instruction set that wrote the file
  double max_error = 0;  // largest difference, relative to the largest magnitude of its output
  std::string function;  // that was run
};

class CONVCORE_API Model {
 public:
  // Throws ModelFormatError where the file is not a model or is damaged, Error where it cannot be read.
  static Model load(const std::string& path);
  // From memory, e.g. an array in the executable. The bytes are copied and may go away.
  static Model load(std::span<const std::byte> bytes);
  static Model load(const void* bytes, std::size_t size);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  std::vector<std::string> functions() const;  // "predict"; with a training export also "train_step", ...
  bool has(std::string_view function) const;
  // Throw Error for a function that the model does not have.
  const std::vector<TensorSpec>& inputs(std::string_view function = "predict") const;
  const std::vector<TensorSpec>& outputs(std::string_view function = "predict") const;

  // Images are (batch, height, width, channels), unless the model was built otherwise. Sizes that the file leaves open (the
  // batch, say) are bound by the inputs. Throws Error, naming the input, where rank, size or type do not fit.
  Tensor predict(const TensorView& x) const;  // a model with one input and one output
  std::vector<Tensor> predict(std::span<const TensorView> inputs) const;
  void predict(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs) const;  // no allocation

  // Any function, inputs and outputs in the order of inputs() and outputs(). The const form throws Error for functions that
  // change variables.
  std::vector<Tensor> run(std::string_view function, std::span<const TensorView> inputs);
  std::vector<Tensor> run(std::string_view function, std::span<const TensorView> inputs) const;
  void run(std::string_view function, std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs);
  void run(std::string_view function, std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs) const;
  // The shapes and types that run() would return for such inputs; their data is not read.
  std::vector<TensorSpec> output_types(std::string_view function, std::span<const TensorView> inputs) const;

  // One batch of training, as compiled in Python: forward, loss, backward, optimizer, metrics. x is (batch, ...) as for
  // predict(), y what the loss takes: class numbers as int32 (batch,) for sparse losses, else the output's shape as float32.
  // Returns the running results since reset_metrics() by name ("loss", "accuracy"). Throws Error without a function
  // "train_step": it needs a file exported with training=True.
  std::map<std::string, double> train_step(const TensorView& x, const TensorView& y);
  void reset_metrics();  // before an epoch

  // Weights and, in a training export, the state of optimizer and metrics: "layers/conv2d/kernel", "optimizer/iteration".
  // Throw Error for a name that the model does not have, set_variable() also for another shape or type.
  std::vector<TensorSpec> variables() const;
  Tensor variable(std::string_view name) const;  // a copy
  void set_variable(std::string_view name, const TensorView& value);

  void save(const std::string& path) const;  // whole or not at all; throws Error where the file cannot be written
  std::vector<std::byte> bytes() const;      // what save() writes

  Verification verify() const;  // runs the sample that the file holds; throws Error if it holds none
  // The steps for inputs of these shapes: the implementation of each, and why not the others. Their data is not read.
  std::string explain(std::string_view function, std::span<const TensorView> inputs) const;
  // The time of each step on these inputs. Variables that the function changes are put back before it returns. The const
  // form throws Error for functions that change variables.
  std::vector<StepTime> profile(std::string_view function, std::span<const TensorView> inputs, int repeats = 10);
  std::vector<StepTime> profile(std::string_view function, std::span<const TensorView> inputs, int repeats = 10) const;

 private:
  struct Impl;
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace convcore
