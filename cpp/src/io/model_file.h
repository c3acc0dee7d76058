// The `.convcore` file: named functions over shared variables, in one safetensors container (docs/file-format.md).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "io/graph_json.h"

namespace convcore {

struct StoredTensor {  // a tensor of its own
  Type type;
  Buffer bytes;
};

// Inputs of one function and what it returned for them where the file was written.
struct Sample {
  std::string function;
  std::vector<StoredTensor> inputs, outputs;
};

struct ModelFile {
  std::string producer;  // "convcore 0.1.0"; informative
  NamedVariables variables;
  std::vector<std::pair<std::string, NamedGraph>> functions;  // in order
  std::optional<Sample> sample;
};

inline constexpr int model_file_version = 1;

// `where` names the file in errors. Throws ModelFormatError; nothing is allocated that the bytes do not back.
ModelFile read_model_file(std::span<const std::byte> bytes, const std::string& where);

// Throws Error for names that the format keeps for itself (they begin with "#") and for names given twice.
std::vector<std::byte> write_model_file(const ModelFile& file);

// A file appears whole or not at all: written beside its place, flushed to the disk, then renamed over it. Throws Error
// with the system's reason.
void write_file(const std::string& path, std::span<const std::byte> bytes);
std::vector<std::byte> read_file(const std::string& path);

}  // namespace convcore
