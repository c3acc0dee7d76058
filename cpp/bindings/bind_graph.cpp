// Variables, graphs and their values.
#include <pybind11/stl.h>

#include "bind.h"
#include "convert.h"
#include "graph/op_def.h"
#include "graph/variable.h"

namespace convcore::python {

namespace {

using GraphPtr = std::shared_ptr<Graph>;

GraphValue wrap(const GraphPtr& graph, Value value) { return {graph, value}; }

Value unwrap(const GraphPtr& graph, const GraphValue& value, const char* where) {
  if (value.graph != graph) fail(where, "values of this graph", "a value of another graph");
  return value.value;
}

Values unwrap_all(const GraphPtr& graph, const py::iterable& values, std::string_view where) {
  Values made;
  for (const py::handle item : values) {
    if (!py::isinstance<GraphValue>(item)) fail(where, "graph values as inputs", Py_TYPE(item.ptr())->tp_name);
    made.push_back(unwrap(graph, item.cast<const GraphValue&>(), std::string(where).c_str()));
  }
  return made;
}

Value add_constant(const GraphPtr& graph, const py::array& array) {
  const auto plain = py::reinterpret_steal<py::object>(py::detail::npy_api::get().PyArray_FromAny_(
      array.ptr(), nullptr, 0, 0, int{py::array::c_style} | int{py::detail::npy_api::NPY_ARRAY_ALIGNED_}, nullptr));
  if (!plain) throw py::error_already_set();
  ArrayView view;
  if (const char* received = view_of(plain.ptr(), view))
    fail("constant", "a NumPy array of a dtype that convcore has", received);
  return graph->constant({view.dtype, Shape({view.dims.begin(), view.dims.end()})}, view.data);
}

py::tuple emit(const GraphPtr& graph, const std::string& op, const py::iterable& inputs, const py::dict& attrs) {
  const Values out = graph->emit(op, unwrap_all(graph, inputs, op), to_attrs(op, attrs));
  py::tuple values(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) values[i] = py::cast(wrap(graph, out[i]));
  return values;
}

py::list emit_gradients(const GraphPtr& graph, const GraphValue& loss, const py::iterable& wrt) {
  py::list made;
  for (const Value value : gradients(*graph, unwrap(graph, loss, "gradients"), unwrap_all(graph, wrt, "gradients")))
    made.append(value ? py::cast(wrap(graph, value)) : py::none());
  return made;
}

void bind_variable(py::module_& m) {
  py::class_<Variable, std::shared_ptr<Variable>>(m, "Variable", "State that outlives a run, shared with NumPy.")
      .def(py::init([](const std::string& dtype, const py::iterable& shape, const std::string& name) {
             return std::make_shared<Variable>(Type{parse_dtype(dtype), to_shape(shape)}, name);
           }),
           py::arg("dtype"), py::arg("shape"), py::arg("name") = "")
      .def_property_readonly("name", &Variable::name)
      .def_property_readonly("shape", [](const Variable& v) { return to_tuple(v.type().shape); })
      .def_property_readonly("dtype", [](const Variable& v) { return std::string(name(v.type().dtype)); })
      .def_property_readonly(
          "array",
          [](const py::object& self) {
            auto& variable = self.cast<Variable&>();
            return array_over(variable.type(), variable.data(), self);
          },
          "The memory itself, writable; after writing call touch().")
      .def("touch", &Variable::touch, "Tells that the content changed: packed copies of it are made again.");
}

void bind_value(py::module_& m) {
  py::class_<GraphValue>(m, "Value", "One value of one graph.", py::dynamic_attr())
      .def_property_readonly("shape", [](const GraphValue& v) { return to_tuple(v.graph->type(v.value).shape); })
      .def_property_readonly("dtype", [](const GraphValue& v) { return std::string(name(v.graph->type(v.value).dtype)); })
      .def_property_readonly("graph", [](const GraphValue& v) { return v.graph; })
      .def_property_readonly("id", [](const GraphValue& v) { return v.value.id; })
      .def("__repr__",
           [](const GraphValue& v) { return cat("<Value %", v.value.id, ": ", v.graph->type(v.value).str(), ">"); });
}

}  // namespace

void bind_graph(py::module_& m) {
  bind_variable(m);
  py::class_<Graph, GraphPtr> graph(m, "Graph", "What a model computes, before anyone decides how.", py::dynamic_attr());
  bind_value(m);
  graph.def(py::init([] { return std::make_shared<Graph>(); }))
      .def(
          "input",
          [](const GraphPtr& g, const std::string& dtype, const py::iterable& shape, const std::string& name) {
            return wrap(g, g->input({parse_dtype(dtype), to_shape(shape)}, name));
          },
          py::arg("dtype"), py::arg("shape"), py::arg("name") = "")
      .def(
          "variable", [](const GraphPtr& g, const VariablePtr& v) { return wrap(g, g->variable(v)); }, py::arg("variable"))
      .def(
          "constant", [](const GraphPtr& g, const py::array& a) { return wrap(g, add_constant(g, a)); }, py::arg("array"))
      .def(
          "scalar",
          [](const GraphPtr& g, double value, const std::string& dtype) {
            return wrap(g, g->scalar(value, parse_dtype(dtype)));
          },
          py::arg("value"), py::arg("dtype") = "float32")
      .def("emit", &emit, py::arg("op"), py::arg("inputs"), py::arg("attrs") = py::dict(),
           "Adds a node; returns its outputs.")
      .def(
          "output", [](const GraphPtr& g, const GraphValue& v) { g->output(unwrap(g, v, "output")); }, py::arg("value"))
      .def(
          "update",
          [](const GraphPtr& g, const VariablePtr& v, const GraphValue& value) { g->update(v, unwrap(g, value, "update")); },
          py::arg("variable"), py::arg("value"), "The variable takes this value after the run; all reads see the old one.")
      .def("gradients", &emit_gradients, py::arg("loss"), py::arg("wrt"), "d loss / d wrt[i]; None where there is none.")
      .def_readwrite("scope", &Graph::scope)
      .def("__str__", [](const Graph& g) { return print(g); });
}

}  // namespace convcore::python
