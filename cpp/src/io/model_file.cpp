// What the container's metadata says, and which tensors belong to it.
#include "io/model_file.h"

#include <cstring>
#include <set>

#include "base/error.h"
#include "graph/variable.h"

namespace convcore {

namespace {

const std::string& entry(const Safetensors& content, const char* key, const std::string& where) {
  const auto found = content.metadata.find(key);
  if (found == content.metadata.end())
    throw ModelFormatError(
        cat(where, ": expected a convcore model, received a safetensors file without metadata \"", key, '"'));
  return found->second;
}

void check_version(const Safetensors& content, const std::string& where) {
  if (const std::string& format = entry(content, "format", where); format != "convcore")
    throw ModelFormatError(cat(where, ": expected format \"convcore\", received ", json_quoted(format)));
  const std::string& version = entry(content, "version", where);
  if (version != std::to_string(model_file_version))
    throw ModelFormatError(cat(where, ": expected version ", model_file_version, ", received ", json_quoted(version),
                               ". A newer convcore reads it."));
}

NamedVariables read_variables(const JsonView& names, const FileTensors& tensors) {
  NamedVariables variables;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const TensorBytes& from = tensors.at(names[i]);
    if (!seen.insert(names[i].string()).second) names[i].refuse("every variable once");
    const auto variable = std::make_shared<Variable>(from.type, names[i].string());
    if (!from.bytes.empty()) std::memcpy(variable->data(), from.bytes.data(), from.bytes.size());
    variables.push_back({names[i].string(), variable});
  }
  return variables;
}

std::vector<StoredTensor> read_tensors(const JsonView& names, const FileTensors& tensors) {
  std::vector<StoredTensor> made;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const TensorBytes& from = tensors.at(names[i]);
    if (!seen.insert(names[i].string()).second) names[i].refuse("every tensor once");
    made.push_back({from.type, Buffer(from.bytes.size(), Buffer::Fill::nothing)});
    if (!from.bytes.empty()) std::memcpy(made.back().bytes.data(), from.bytes.data(), from.bytes.size());
  }
  return made;
}

Sample read_sample(const JsonView& json, const ModelFile& file, const FileTensors& tensors) {
  json.expect_only({"function", "inputs", "outputs"});
  Sample sample{json["function"].string(), read_tensors(json["inputs"], tensors), read_tensors(json["outputs"], tensors)};
  for (const auto& [name, named] : file.functions)
    if (name == sample.function) {
      if (sample.inputs.size() != named.inputs.size())
        json["inputs"].refuse(cat(named.inputs.size(), " names, as function ", json_quoted(name), " has inputs"));
      if (sample.outputs.size() != named.outputs.size())
        json["outputs"].refuse(cat(named.outputs.size(), " names, as function ", json_quoted(name), " has outputs"));
      return sample;
    }
  json["function"].refuse("the name of a function of the file");
}

class FileWriter {
 public:
  explicit FileWriter(const ModelFile& file) : file_(file) {}

  std::vector<std::byte> bytes() {
    std::string variables, functions, sample;
    for (const NamedVariable& v : file_.variables) {
      if (v.name.starts_with('#')) fail("model file", "variable names that do not begin with \"#\"", json_quoted(v.name));
      add(v.name, v.variable->type(), v.variable->data());
      variables += cat(variables.empty() ? "" : ",", json_quoted(v.name));
    }
    for (const auto& [name, named] : file_.functions)
      functions +=
          cat(functions.empty() ? "" : ",", json_quoted(name), ':', write_graph(named, file_.variables, constants_));
    for (const auto& [name, bytes] : constants_) add(name, bytes.type, bytes.bytes.data());
    if (file_.sample)
      sample = cat(",\"sample\":{\"function\":", json_quoted(file_.sample->function), ",\"inputs\":[",
                   add_all("#sample/input/", file_.sample->inputs), "],\"outputs\":[",
                   add_all("#sample/output/", file_.sample->outputs), "]}");
    content_.metadata = {{"format", "convcore"},
                         {"version", std::to_string(model_file_version)},
                         {"producer", file_.producer},
                         {"model", cat("{\"variables\":[", variables, "],\"functions\":{", functions, '}', sample, '}')}};
    return write_safetensors(content_);
  }

 private:
  void add(const std::string& name, const Type& type, const void* data) {
    const auto* bytes = static_cast<const std::byte*>(data);
    if (!content_.tensors.emplace(name, TensorBytes{type, {bytes, static_cast<std::size_t>(type.bytes())}}).second)
      fail("model file", "every name once", json_quoted(name));
  }

  std::string add_all(const std::string& prefix, const std::vector<StoredTensor>& tensors) {
    std::string names;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      add(cat(prefix, i), tensors[i].type, tensors[i].bytes.data());
      names += cat(names.empty() ? "" : ",", json_quoted(cat(prefix, i)));
    }
    return names;
  }

  const ModelFile& file_;
  std::map<std::string, TensorBytes> constants_;
  Safetensors content_;
};

}  // namespace

ModelFile read_model_file(std::span<const std::byte> bytes, const std::string& where) {
  const Safetensors content = read_safetensors(bytes, where);
  check_version(content, where);
  ModelFile file;
  file.producer = entry(content, "producer", where);
  const Json json = Json::parse(entry(content, "model", where), cat(where, ": model"));
  const JsonView model(json, cat(where, ": model"));
  model.expect_only({"variables", "functions", "sample"});
  FileTensors tensors(content.tensors);
  file.variables = read_variables(model["variables"], tensors);
  for (const auto& [name, function] : model["functions"].members())
    file.functions.emplace_back(name, read_graph(function, file.variables, tensors));
  if (model.has("sample")) file.sample = read_sample(model["sample"], file, tensors);
  return file;
}

std::vector<std::byte> write_model_file(const ModelFile& file) { return FileWriter(file).bytes(); }

}  // namespace convcore
