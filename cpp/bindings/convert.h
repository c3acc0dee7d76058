// Between Python's objects and the core's: dtypes, shapes, attributes, arrays.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>

#include "graph/graph.h"
#include "runtime/function.h"

namespace convcore::python {

namespace py = pybind11;

// A value together with the graph that owns it: convcore._core.Value.
struct GraphValue {
  std::shared_ptr<Graph> graph;
  Value value;
};

py::tuple to_tuple(const Shape& shape);    // unknown dimensions are None
Shape to_shape(const py::iterable& dims);  // throws Error for what is neither None nor an integer >= 0
py::object to_python(const AttrValue& value);
AttrMap to_attrs(std::string_view op, const py::dict& attrs);

// Fills in `view` with the memory of a C-contiguous, aligned NumPy array in native byte order. Otherwise tells what was
// received instead. Allocates nothing.
const char* view_of(PyObject* object, ArrayView& view);

// A new array (a new reference) and its memory, aligned to cache lines where it is large enough to matter.
PyObject* new_array(const Type& type, void** data);

// Whether NumPy can hold bfloat16 here: whether the package ml_dtypes can be imported.
bool has_bfloat16();

// An array over memory that `owner` keeps alive.
py::object array_over(const Type& type, void* data, const py::object& owner);

}  // namespace convcore::python
