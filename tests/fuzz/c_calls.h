// Calls of every function of the C interface on a loaded model: right ones, and ones with arguments that no caller should
// give. Memory has the exact size that a tensor tells, so the sanitizer sees every byte read or written beyond.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "convcore/c_api.h"

namespace convcore::fuzz {

constexpr std::int64_t open_size = 3;  // for sizes that a file leaves to the caller

class CCalls {
 public:
  CCalls(cc_model* model, std::mt19937& random) : model_(model), random_(random) {}

  // What a program does: every function on zeros of small sizes, the variables, the sample.
  void right() {
    for (std::size_t f = 0; f < cc_function_count(model_); ++f) run(cc_function_name(model_, f));
    for (std::size_t v = 0; v < cc_variable_count(model_); ++v) {
      cc_tensor value{};
      require(cc_variable_spec(model_, v, &value) == CC_OK);
      give_memory(value);
      require(cc_get_variable(model_, value.name, &value) == CC_OK && cc_set_variable(model_, value.name, &value) == CC_OK);
    }
    double error = 0, results[4];
    checked(cc_verify(model_, &error));
    cc_tensor x = spec("train_step", 0), y = spec("train_step", 1);
    checked(cc_train_step(model_, &x, &y, results, below(5)));
    checked(cc_reset_metrics(model_));
  }

  // What a program gets wrong.
  void wrong() {
    const char* names[] = {"predict", "train_step", "reset_metrics", "", "no such function", nullptr};
    const char* function = names[below(6)];
    std::vector<cc_tensor> in(below(4)), out(below(4)), told_out(out.size());
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = damaged(function, i);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = damaged(function, i);
    cc_tensor* inputs = below(8) == 0 ? nullptr : in.data();
    checked(cc_output_shapes(model_, function, inputs, in.size(), below(8) == 0 ? nullptr : told_out.data(), out.size()));
    checked(cc_run(below(8) == 0 ? nullptr : model_, function, inputs, in.size(), out.data(), out.size()));
    std::size_t count = 0;
    checked(cc_input_count(model_, function, below(2) == 0 ? nullptr : &count));
    cc_tensor told{};
    checked(cc_output_spec(model_, function, below(4), below(4) == 0 ? nullptr : &told));
    cc_tensor value = damaged("predict", 0);
    checked(cc_get_variable(model_, below(2) == 0 ? "conv/bias" : nullptr, &value));
    checked(cc_set_variable(model_, "conv/bias", &value));
    checked(cc_variable_spec(model_, below(8), &told));
    checked(cc_predict(model_, &value, below(2) == 0 ? nullptr : &value));
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  static void require(bool true_always) {
    if (!true_always) std::abort();
  }
  static void checked(cc_status status) { require(status == CC_OK || std::strlen(cc_last_error()) > 0); }

  // An input as the model tells it, in memory of its own; an empty tensor where it tells nothing.
  cc_tensor spec(const char* function, std::size_t index) {
    cc_tensor made{};
    if (cc_input_spec(model_, function, index, &made) != CC_OK) made = {};
    give_memory(made);
    return made;
  }

  void give_memory(cc_tensor& tensor) {
    static constexpr std::size_t sizes[] = {1, 1, 4, 4, 8, 4, 8};
    std::size_t bytes = sizes[tensor.dtype];
    for (std::int32_t d = 0; d < tensor.rank; ++d) {
      if (tensor.shape[d] < 0) tensor.shape[d] = open_size;
      bytes *= static_cast<std::size_t>(tensor.shape[d]);
    }
    memory_.emplace_back(bytes);
    tensor.data = memory_.back().data();
  }

  // An input as the model tells it, with one thing wrong. What the model may take for right has memory for it.
  cc_tensor damaged(const char* function, std::size_t index) {
    static constexpr std::int64_t dimensions[] = {-1, 0, INT64_MIN, 1, 2, INT64_MAX, std::int64_t{1} << 32};
    cc_tensor told{};
    cc_input_spec(model_, function, index, &told);
    cc_tensor tensor = spec(function, index);
    const std::uint32_t code = static_cast<std::uint32_t>(below(9)) - 1;
    const std::size_t d = below(CC_MAX_RANK);
    switch (below(6)) {
      case 0: tensor.rank = static_cast<std::int32_t>(below(12)) - 2; break;
      case 1: std::memcpy(&tensor.dtype, &code, sizeof code); break;
      case 2: tensor.data = nullptr; return tensor;
      case 3: tensor.shape[d] = dimensions[below(told.shape[d] < 0 ? 3 : 7)]; break;
      default: break;
    }
    if (small(tensor)) give_memory(tensor);
    return tensor;
  }

  static bool small(const cc_tensor& tensor) {
    std::uint32_t code = 0;
    std::memcpy(&code, &tensor.dtype, sizeof code);
    if (tensor.rank < 0 || tensor.rank > CC_MAX_RANK || code > CC_FLOAT64) return false;
    for (std::int32_t d = 0; d < tensor.rank; ++d)
      if (tensor.shape[d] < 0 || tensor.shape[d] > 64) return false;
    return true;
  }

  void run(const char* function) {
    std::size_t inputs = 0, outputs = 0;
    require(cc_input_count(model_, function, &inputs) == CC_OK && cc_output_count(model_, function, &outputs) == CC_OK);
    std::vector<cc_tensor> in, out(outputs);
    for (std::size_t i = 0; i < inputs; ++i) in.push_back(spec(function, i));
    if (cc_output_shapes(model_, function, in.data(), inputs, out.data(), outputs) != CC_OK) return;
    for (cc_tensor& tensor : out) give_memory(tensor);
    checked(cc_run(model_, function, in.data(), inputs, out.data(), outputs));
  }

  cc_model* model_;
  std::mt19937& random_;
  std::vector<std::vector<unsigned char>> memory_;
};

}  // namespace convcore::fuzz
