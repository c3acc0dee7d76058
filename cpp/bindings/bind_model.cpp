// Model files: written from recorded functions, and run without the classes that made them.
#include <pybind11/stl.h>

#include <cstring>

#include "bind.h"
#include "convcore/model.h"
#include "convcore/runtime.h"
#include "convert.h"
#include "graph/variable.h"
#include "io/model_file.h"

namespace convcore::python {

namespace {

ArrayView array_view(const py::handle& array, const std::string& where) {
  ArrayView view;
  if (const char* received = view_of(array.ptr(), view)) fail(where, "a C-contiguous NumPy array", received);
  return view;
}

std::vector<TensorView> tensor_views(const std::string& function, const py::args& arrays) {
  std::vector<TensorView> views;
  for (const py::handle item : arrays) {
    const ArrayView view = array_view(item, cat("function ", function));
    views.emplace_back(view.dtype, view.data, view.dims);
  }
  return views;
}

std::vector<StoredTensor> stored(const py::iterable& arrays) {
  std::vector<StoredTensor> made;
  for (const py::handle item : arrays) {
    const ArrayView view = array_view(item, "sample");
    const Type type{view.dtype, Shape({view.dims.begin(), view.dims.end()})};
    made.push_back({type, Buffer(static_cast<std::size_t>(type.bytes()), Buffer::Fill::nothing)});
    if (type.bytes() > 0) std::memcpy(made.back().bytes.data(), view.data, made.back().bytes.bytes());
  }
  return made;
}

// functions: (name, Function, names of the inputs, names of the outputs); sample: (function, inputs, outputs) or None
void write(const std::string& path, const std::vector<std::pair<std::string, VariablePtr>>& variables,
           const py::iterable& functions, const py::object& sample) {
  ModelFile file;
  file.producer = cat("convcore ", version());
  for (const auto& [name, variable] : variables) file.variables.push_back({name, variable});
  for (const py::handle item : functions) {
    const auto [name, function, inputs, outputs] =
        item.cast<std::tuple<std::string, py::object, std::vector<std::string>, std::vector<std::string>>>();
    const Graph& graph = function.cast<const Function&>().graph();
    if (inputs.size() != graph.inputs.size() || outputs.size() != graph.outputs.size())
      fail(cat("function ", name), cat("names for ", graph.inputs.size(), " inputs and ", graph.outputs.size(), " outputs"),
           cat(inputs.size(), " and ", outputs.size()));
    file.functions.emplace_back(name, NamedGraph{graph.clone(), inputs, outputs});
  }
  if (!sample.is_none()) {
    const auto [function, inputs, outputs] = sample.cast<std::tuple<std::string, py::iterable, py::iterable>>();
    file.sample = Sample{function, stored(inputs), stored(outputs)};
  }
  const py::gil_scoped_release released;
  write_file(path, write_model_file(file));
}

py::list to_specs(const std::vector<TensorSpec>& specs) {
  py::list made;
  for (const TensorSpec& spec : specs)
    made.append(py::make_tuple(spec.name, std::string(name(spec.dtype)), to_tuple(Shape(spec.shape))));
  return made;
}

py::list run(Model& model, const std::string& function, const py::args& arrays) {
  const std::vector<TensorView> inputs = tensor_views(function, arrays);
  std::vector<TensorSpec> types;
  {
    const py::gil_scoped_release released;
    types = model.output_types(function, inputs);
  }
  py::list outputs(types.size());
  std::vector<MutableTensorView> results;
  for (std::size_t i = 0; i < types.size(); ++i) {
    void* data = nullptr;
    PyList_SET_ITEM(outputs.ptr(), static_cast<Py_ssize_t>(i), new_array({types[i].dtype, Shape(types[i].shape)}, &data));
    results.emplace_back(types[i].dtype, data, types[i].shape);
  }
  const py::gil_scoped_release released;
  model.run(function, inputs, results);
  return outputs;
}

py::object variable(const Model& model, const std::string& name) {
  const Tensor value = model.variable(name);
  void* data = nullptr;
  auto array = py::reinterpret_steal<py::object>(
      new_array({value.dtype(), Shape({value.shape().begin(), value.shape().end()})}, &data));
  std::memcpy(data, value.data(), value.bytes());
  return array;
}

py::dict verify(const Model& model) {
  Verification found;
  {
    const py::gil_scoped_release released;
    found = model.verify();
  }
  py::dict made;
  made["ok"] = found.ok, made["bitwise"] = found.bitwise, made["max_error"] = found.max_error;
  made["function"] = found.function;
  return made;
}

}  // namespace

void bind_model(py::module_& m) {
  m.def("write_model_file", &write, py::arg("path"), py::arg("variables"), py::arg("functions"),
        py::arg("sample") = py::none(), "Writes recorded functions and their variables as one file, whole or not at all.");
  py::class_<Model>(m, "Model", "A model file, loaded.")
      .def_static(
          "load", [](const std::string& path) { return Model::load(path); }, py::arg("path"),
          py::call_guard<py::gil_scoped_release>())
      .def("functions", &Model::functions, "Their names.")
      .def(
          "inputs", [](const Model& model, const std::string& f) { return to_specs(model.inputs(f)); }, py::arg("function"),
          "(name, dtype, shape) of each.")
      .def(
          "outputs", [](const Model& model, const std::string& f) { return to_specs(model.outputs(f)); },
          py::arg("function"), "(name, dtype, shape) of each.")
      .def("run", &run, py::arg("function"), "Runs on C-contiguous arrays of exactly the declared dtypes.")
      .def(
          "variables", [](const Model& model) { return to_specs(model.variables()); }, "(name, dtype, shape) of each.")
      .def("variable", &variable, py::arg("name"), "A copy of its value.")
      .def("save", &Model::save, py::arg("path"), py::call_guard<py::gil_scoped_release>())
      .def("verify", &verify, "Runs the sample in the file.")
      .def(
          "explain",
          [](const Model& model, const std::string& function, const py::args& arrays) {
            return model.explain(function, tensor_views(function, arrays));
          },
          py::arg("function"), "The plan for arrays of these shapes, as a table.");
}

}  // namespace convcore::python
