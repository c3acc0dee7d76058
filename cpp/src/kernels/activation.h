// The activations that convolution and dense kernels apply to their result before it leaves the cache.
#pragma once

#include <cstdint>

namespace convcore {

enum class Activation : std::uint8_t { linear, relu, sigmoid, tanh, softplus };

inline const char* const* enum_words(Activation*) {
  static constexpr const char* words[] = {"linear", "relu", "sigmoid", "tanh", "softplus", nullptr};
  return words;
}

}  // namespace convcore
