// Types are not stored: reading emits every node again, so that no file can make a graph that recording could not.
#include <unordered_map>

#include "base/error.h"
#include "graph/variable.h"
#include "io/graph_json.h"

namespace convcore {

namespace {

// Refusals of the graph itself, with the place in the file.
template <class F>
auto guarded(const JsonView& json, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const ModelFormatError&) {
    throw;
  } catch (const Error& error) {
    throw ModelFormatError(cat(json.where(), ": ", error.what()));
  }
}

Type read_type(const JsonView& json) {
  const JsonView shape = json["shape"];
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    dims.push_back(shape[i].is_null() ? unknown : shape[i].integer());
    if (!shape[i].is_null() && dims.back() < 0) shape[i].refuse("a size of at least 0, or null");
  }
  return guarded(json, [&] { return Type{parse_dtype(json["dtype"].string()), Shape(std::move(dims))}; });
}

AttrValue read_attr(const JsonView& json) {
  const auto& value = json.json().value;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (!std::holds_alternative<Json::Array>(value)) json.refuse("an attribute");
  Ints whole;
  Doubles numbers;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const JsonView item = json[i];
    numbers.push_back(item.number());
    if (std::holds_alternative<std::int64_t>(item.json().value)) whole.push_back(item.integer());
  }
  if (whole.size() == numbers.size()) return whole;
  return numbers;
}

class Reader {
 public:
  Reader(const NamedVariables& variables, FileTensors& tensors) : tensors_(tensors) {
    for (const NamedVariable& v : variables) variables_[v.name] = v.variable;
  }

  NamedGraph read(const JsonView& json) {
    json.expect_only({"inputs", "values", "nodes", "outputs", "updates"});
    const auto each = [&](const char* key, void (Reader::*add)(const JsonView&)) {
      const JsonView list = json[key];
      for (std::size_t i = 0; i < list.size(); ++i) (this->*add)(list[i]);
    };
    each("inputs", &Reader::add_input);
    each("values", &Reader::add_source);
    each("nodes", &Reader::add_node);
    each("outputs", &Reader::add_output);
    each("updates", &Reader::add_update);
    return std::move(named_);
  }

 private:
  Graph& graph() { return named_.graph; }

  void add_input(const JsonView& json) {
    json.expect_only({"name", "dtype", "shape"});
    named_.inputs.push_back(json["name"].string());
    values_.push_back(graph().input(read_type(json), named_.inputs.back()));
  }

  void add_source(const JsonView& json) {
    if (json.has("variable")) {
      json.expect_only({"variable"});
      values_.push_back(graph().variable(variable(json["variable"])));
    } else if (json.has("constant")) {
      json.expect_only({"constant"});
      const JsonView name = json["constant"];
      values_.push_back(graph().placeholder(tensors_.at(name).type));
      graph().info(values_.back()).data = tensors_.copy(name);
    } else if (json.has("scalar")) {
      json.expect_only({"scalar", "dtype"});
      const DType dtype = guarded(json, [&] { return parse_dtype(json["dtype"].string()); });
      if (!is_float(dtype)) json["dtype"].refuse("a float type");
      values_.push_back(graph().scalar(json["scalar"].number(), dtype));
    } else {
      json.expect_only({"dtype", "shape"});
      const Type type = read_type(json);
      if (!type.shape.known()) json["shape"].refuse("a known shape");
      values_.push_back(graph().placeholder(type));
    }
  }

  void add_node(const JsonView& json) {
    json.expect_only({"op", "in", "attrs", "scope"});
    const JsonView in = json["in"];
    Values inputs;
    for (std::size_t i = 0; i < in.size(); ++i) inputs.push_back(value(in[i]));
    AttrMap attrs;
    if (json.has("attrs"))
      for (const auto& [key, attr] : json["attrs"].members()) attrs.push_back({key, read_attr(attr)});
    graph().scope = json.has("scope") ? json["scope"].string() : std::string();
    const Values out = guarded(json, [&] { return graph().emit(json["op"].string(), inputs, attrs); });
    values_.insert(values_.end(), out.begin(), out.end());
    graph().scope.clear();
  }

  void add_output(const JsonView& json) {
    json.expect_only({"name", "value"});
    named_.outputs.push_back(json["name"].string());
    graph().output(value(json["value"]));
  }

  void add_update(const JsonView& json) {
    json.expect_only({"variable", "value"});
    guarded(json, [&] { graph().update(variable(json["variable"]), value(json["value"])); });
  }

  VariablePtr variable(const JsonView& json) const {
    const auto found = variables_.find(json.string());
    if (found == variables_.end()) json.refuse("the name of a variable of the file");
    return found->second;
  }

  Value value(const JsonView& json) const {
    const std::int64_t id = json.integer();
    if (id < 0 || id >= static_cast<std::int64_t>(values_.size()))
      json.refuse(cat("the number of one of the ", values_.size(), " values before it"));
    return values_[static_cast<std::size_t>(id)];
  }

  FileTensors& tensors_;
  std::unordered_map<std::string, VariablePtr> variables_;
  NamedGraph named_;
  Values values_;
};

}  // namespace

const TensorBytes& FileTensors::at(const JsonView& name) const {
  const auto found = tensors_.find(name.string());
  if (found == tensors_.end()) name.refuse("the name of a tensor of the file");
  return found->second;
}

std::shared_ptr<const std::vector<std::byte>> FileTensors::copy(const JsonView& name) {
  auto& known = copies_[name.string()];
  if (known == nullptr) {
    const std::span<const std::byte> bytes = at(name).bytes;
    known = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  }
  return known;
}

NamedGraph read_graph(const JsonView& json, const NamedVariables& variables, FileTensors& tensors) {
  return Reader(variables, tensors).read(json);
}

}  // namespace convcore
