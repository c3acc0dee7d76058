// The op registry as Python sees it. No op is known by name here.
#include <pybind11/stl.h>

#include "base/finite.h"
#include "bind.h"
#include "convert.h"
#include "graph/op_def.h"
#include "runtime/eager.h"
#include "runtime/executor.h"

namespace convcore::python {

namespace {

py::tuple run_op(const std::string& op, const py::sequence& arrays, const py::dict& attrs) {
  std::vector<ArrayView> views(arrays.size());
  std::vector<py::object> kept;  // the arrays, while the GIL is released
  std::vector<const void*> from;
  for (std::size_t i = 0; i < views.size(); ++i) {
    kept.push_back(arrays[i]);
    if (const char* received = view_of(kept[i].ptr(), views[i]))
      fail(cat(op, ": input ", i), "a C-contiguous NumPy array", received);
    from.push_back(views[i].data);
  }
  const std::shared_ptr<Function> function = eager_function(op, to_attrs(op, attrs), views, has_bfloat16);
  const std::shared_ptr<Executor> executor = function->prepare(views);
  const Types& types = executor->plan().outputs;
  py::tuple outputs(types.size());
  std::vector<void*> to(types.size());
  for (std::size_t i = 0; i < types.size(); ++i)
    PyTuple_SET_ITEM(outputs.ptr(), static_cast<Py_ssize_t>(i), new_array(types[i], &to[i]));
  const py::gil_scoped_release released;
  function->run(*executor, from.data(), to.data());
  return outputs;
}

py::list list_ops() {
  py::list ops;
  for (const OpDef* op : all_ops()) {
    py::list attributes;
    for (const NamedAttr& attr : op->defaults) attributes.append(py::make_tuple(attr.name, to_python(attr.value)));
    py::dict d;
    d["name"] = op->name, d["inputs"] = op->inputs, d["doc"] = op->doc, d["attributes"] = attributes;
    d["differentiable"] = op->grad != nullptr, d["elementwise"] = op->elementwise;
    ops.append(d);
  }
  return ops;
}

// Proved of the array's own memory: false also where it cannot be read as it is.
bool finite(const py::handle& array) {
  ArrayView view;
  if (view_of(array.ptr(), view) != nullptr) return false;
  std::size_t count = 1;
  for (const std::int64_t size : view.dims) count *= static_cast<std::size_t>(size);
  return all_finite(view.dtype, view.data, count);
}

}  // namespace

void bind_ops(py::module_& m) {
  m.def("run_op", &run_op, py::arg("op"), py::arg("arrays"), py::arg("attrs") = py::dict(),
        "Runs one op on arrays at once; returns its outputs.");
  m.def("has_bfloat16", &has_bfloat16, "Whether NumPy can hold bfloat16: whether ml_dtypes can be imported.");
  m.def("all_finite", &finite, py::arg("array"),
        "Whether no element is NaN or infinite; also False where the array's memory cannot be read as it is.");
  m.def("ops", &list_ops, "Every op: name, inputs, doc, attributes with defaults, differentiable, elementwise.");
}

}  // namespace convcore::python
