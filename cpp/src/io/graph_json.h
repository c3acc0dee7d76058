// A graph as JSON beside a table of tensors: what a model file says about each of its functions (docs/file-format.md).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "graph/graph.h"
#include "io/safetensors.h"

namespace convcore {

// The variables of a file and their names in it, in order; functions of one file share them.
struct NamedVariable {
  std::string name;
  VariablePtr variable;
};
using NamedVariables = std::vector<NamedVariable>;

// A graph and what the outside calls its inputs and outputs.
struct NamedGraph {
  Graph graph;
  std::vector<std::string> inputs, outputs;
};

// The tensors of a file, found by the names that its JSON gives.
class FileTensors {
 public:
  explicit FileTensors(const std::map<std::string, TensorBytes>& tensors) : tensors_(tensors) {}

  const TensorBytes& at(const JsonView& name) const;  // throws ModelFormatError where the file has none of that name
  // The bytes, which may outlive the file: copied once, however often they are named, so that a small file stays small.
  std::shared_ptr<const std::vector<std::byte>> copy(const JsonView& name);

 private:
  const std::map<std::string, TensorBytes>& tensors_;
  std::map<std::string, std::shared_ptr<const std::vector<std::byte>>> copies_;
};

// JSON text. Constants other than plain scalars become entries of `constants`, under fresh names. Throws Error where a
// variable of the graph is not in `variables`.
std::string write_graph(const NamedGraph& named, const NamedVariables& variables,
                        std::map<std::string, TensorBytes>& constants);

// Throws ModelFormatError, with the place, where the text is not a graph whose every node its op accepts.
NamedGraph read_graph(const JsonView& json, const NamedVariables& variables, FileTensors& tensors);

}  // namespace convcore
