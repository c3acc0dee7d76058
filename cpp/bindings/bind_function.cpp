// Function: the call is written against Python's C interface, because a small network runs in microseconds.
#include <pybind11/stl.h>

#include <vector>

#include "bind.h"
#include "convert.h"
#include "plan/choices.h"
#include "runtime/executor.h"

namespace convcore::python {

namespace {

constexpr Py_ssize_t few = 16;  // arrays of a call that need no allocation

[[noreturn]] void refuse_argument(const Function& function, std::size_t i, const char* received) {
  const Graph& graph = function.graph();
  if (i >= graph.inputs.size()) fail("Function", cat(graph.inputs.size(), " inputs"), "more");
  const ValueInfo& info = graph.info(graph.inputs[i]);
  const std::string where = info.name.empty() ? cat("input ", i) : cat("input ", i, " \"", info.name, "\"");
  fail(where, cat("a C-contiguous NumPy array, ", info.type.str()), received);
}

void read_arguments(const Function& function, PyObject* const* args, std::span<ArrayView> views) {
  for (std::size_t i = 0; i < views.size(); ++i)
    if (const char* received = view_of(args[i], views[i])) refuse_argument(function, i, received);
}

py::list run(Function& function, std::span<const ArrayView> views, const void** from, void** to_few) {
  std::shared_ptr<Executor> executor = function.try_prepare(views);
  if (executor == nullptr) {
    const py::gil_scoped_release released;
    executor = function.prepare(views);
  }
  const Types& types = executor->plan().outputs;
  std::vector<void*> to_many(types.size() > few ? types.size() : 0);
  void** to = to_many.empty() ? to_few : to_many.data();
  py::list outputs(types.size());
  for (std::size_t i = 0; i < types.size(); ++i)
    PyList_SET_ITEM(outputs.ptr(), static_cast<Py_ssize_t>(i), new_array(types[i], &to[i]));
  for (std::size_t i = 0; i < views.size(); ++i) from[i] = views[i].data;
  const py::gil_scoped_release released;
  function.run(*executor, from, to);
  return outputs;
}

// Function.__call__(*arrays)
PyObject* call(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  try {
    auto& function = py::handle(self).cast<Function&>();
    ArrayView few_views[few];
    const void* few_from[few];
    void* to[few];
    std::vector<ArrayView> many_views(count > few ? static_cast<std::size_t>(count) : 0);
    std::vector<const void*> many_from(many_views.size());
    const std::span<ArrayView> views(count > few ? many_views.data() : few_views, static_cast<std::size_t>(count));
    read_arguments(function, args, views);
    return run(function, views, count > few ? many_from.data() : few_from, to).release().ptr();
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}

std::vector<Shape> to_shapes(const py::args& shapes) {
  std::vector<Shape> made;
  for (const py::handle shape : shapes) {
    if (!py::isinstance<py::iterable>(shape)) fail("Function", "one shape per input", Py_TYPE(shape.ptr())->tp_name);
    made.push_back(to_shape(shape.cast<py::iterable>()));
  }
  return made;
}

py::list profile(Function& function, const py::args& arrays, int repeats) {
  std::vector<ArrayView> views(arrays.size());
  read_arguments(function, reinterpret_cast<PyTupleObject*>(arrays.ptr())->ob_item, views);
  std::vector<StepProfile> rows;
  {
    const py::gil_scoped_release released;
    rows = function.profile(views, repeats);
  }
  py::list made;
  for (const StepProfile& row : rows) {
    py::dict d;
    d["op"] = row.op, d["scope"] = row.scope, d["implementation"] = row.implementation, d["output"] = row.output;
    d["milliseconds"] = row.milliseconds, d["operations"] = row.operations, d["bytes"] = row.bytes;
    made.append(d);
  }
  return made;
}

py::list measure_choices(Function& function, const py::args& arrays) {
  std::vector<ArrayView> views(arrays.size());
  read_arguments(function, reinterpret_cast<PyTupleObject*>(arrays.ptr())->ob_item, views);
  std::vector<Measured> rows;
  {
    const py::gil_scoped_release released;
    rows = function.measure_choices(views);
  }
  py::list made;
  for (const Measured& row : rows) {
    py::dict d;
    d["problem"] = row.problem, d["scope"] = row.scope, d["implementation"] = row.chosen;
    d["milliseconds"] = row.milliseconds;
    made.append(d);
  }
  return made;
}

double seconds(Function& function, const py::args& arrays, int repeats) {
  std::vector<ArrayView> views(arrays.size());
  read_arguments(function, reinterpret_cast<PyTupleObject*>(arrays.ptr())->ob_item, views);
  const py::gil_scoped_release released;
  return function.seconds(views, repeats);
}

template <class F>
auto without_gil(F&& f) {
  const py::gil_scoped_release released;
  return f();
}

}  // namespace

void bind_function(py::module_& m) {
  py::class_<Function> function(m, "Function", "A graph that can be called; plans are cached by input shapes.");
  function.def(py::init([](const Graph& graph) { return Function(graph.clone()); }), py::arg("graph"))
      .def(
          "explain",
          [](Function& f, const py::args& shapes) {
            return without_gil([&, s = to_shapes(shapes)] { return f.explain(s); });
          },
          "The plan for these input shapes, as a table.")
      .def(
          "arena_bytes",
          [](Function& f, const py::args& shapes) {
            return without_gil([&, s = to_shapes(shapes)] { return f.arena_bytes(s); });
          },
          "Memory that a run with these input shapes uses between its steps.")
      .def(
          "memory",
          [](Function& f, const py::args& shapes) {
            const FunctionMemory m = without_gil([&, s = to_shapes(shapes)] { return f.memory(s); });
            py::dict d;
            d["inputs"] = m.inputs, d["outputs"] = m.outputs, d["variables"] = m.variables;
            d["arena"] = m.arena, d["packed"] = m.packed;
            return d;
          },
          "Bytes that a run with these input shapes needs, by what they are for.")
      .def("measure_choices", &measure_choices, "What computes each problem fastest, where there is a choice.")
      .def("seconds", &seconds, py::arg("repeats") = 10, "Median seconds of one run inside C++.")
      .def("profile", &profile, py::arg("repeats") = 10, "Median milliseconds, operations and bytes of every step.");
  static PyMethodDef definition{"__call__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(&call)), METH_FASTCALL,
                                "Runs on C-contiguous arrays of exactly the declared dtypes; returns new arrays."};
  const auto method =
      py::reinterpret_steal<py::object>(PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(function.ptr()), &definition));
  if (!method) throw py::error_already_set();
  function.attr("__call__") = method;
}

}  // namespace convcore::python
