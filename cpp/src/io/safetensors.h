// Safetensors: the container of a model file. A header of JSON (name, dtype, shape, place) and the bytes of all tensors.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/shape.h"

namespace convcore {

struct TensorBytes {
  Type type;
  std::span<const std::byte> bytes;  // of the file, or of the caller
};

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, TensorBytes> tensors;
};

// The tensors point into `file`. Throws ModelFormatError where the header is not what the format says: a length beyond the
// file, unknown dtypes, shapes whose size is not that of their bytes, bytes that overlap or belong to no tensor.
Safetensors read_safetensors(std::span<const std::byte> file, const std::string& where);

// The bytes of a file. Tensors with large elements come first, so that all are aligned to their elements.
std::vector<std::byte> write_safetensors(const Safetensors& content);

}  // namespace convcore
