// Shapes and attributes between Python and the core.
#include "convert.h"

namespace convcore::python {

namespace {

std::string type_name(py::handle object) { return Py_TYPE(object.ptr())->tp_name; }

bool is_integer(py::handle object) { return PyIndex_Check(object.ptr()) && !PyBool_Check(object.ptr()); }

std::int64_t to_int64(py::handle object) {
  const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(object.ptr()));
  if (!index) throw py::error_already_set();
  const std::int64_t value = PyLong_AsLongLong(index.ptr());
  if (value == -1 && PyErr_Occurred()) throw py::error_already_set();
  return value;
}

double to_double(py::handle object) {
  const double value = PyFloat_AsDouble(object.ptr());
  if (value == -1.0 && PyErr_Occurred()) throw py::error_already_set();
  return value;
}

bool is_sequence(py::handle object) { return PyTuple_Check(object.ptr()) || PyList_Check(object.ptr()); }

AttrValue to_list(std::string_view op, std::string_view name, py::handle sequence) {
  Ints ints;
  Doubles doubles;
  for (const py::handle item : sequence) {
    if (!is_integer(item) && !PyNumber_Check(item.ptr())) fail(op, cat(name, " to hold numbers"), type_name(item));
    if (is_integer(item)) ints.push_back(to_int64(item));
    doubles.push_back(to_double(item));
  }
  if (ints.size() == doubles.size()) return ints;
  return doubles;
}

AttrValue to_attr(std::string_view op, std::string_view name, py::handle value) {
  if (PyBool_Check(value.ptr())) return value.ptr() == Py_True;
  if (is_integer(value)) return to_int64(value);
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (is_sequence(value)) return to_list(op, name, value);
  if (!value.is_none() && PyNumber_Check(value.ptr())) return to_double(value);
  fail(op, cat(name, " to be a bool, a number, a string or a sequence of numbers"), type_name(value));
}

}  // namespace

py::tuple to_tuple(const Shape& shape) {
  py::tuple dims(shape.rank());
  for (int d = 0; d < shape.rank(); ++d)
    dims[d] = shape[d] == unknown ? py::object(py::none()) : py::object(py::int_(shape[d]));
  return dims;
}

Shape to_shape(const py::iterable& dims) {
  std::vector<std::int64_t> made;
  for (const py::handle dim : dims) {
    if (!dim.is_none() && !is_integer(dim)) fail("shape", "integers or None", type_name(dim));
    made.push_back(dim.is_none() ? unknown : to_int64(dim));
    if (!dim.is_none() && made.back() < 0) fail("shape", "dimensions >= 0, or None", std::to_string(made.back()));
  }
  return Shape(std::move(made));
}

py::object to_python(const AttrValue& value) {
  return std::visit(
      [](const auto& v) -> py::object {
        if constexpr (requires { v.begin() == v.end() && sizeof(v[0]) == 8; } &&
                      !std::is_same_v<decltype(v), const std::string&>) {
          py::list items;
          for (const auto& item : v) items.append(item);
          return items;
        } else {
          return py::cast(v);
        }
      },
      value);
}

AttrMap to_attrs(std::string_view op, const py::dict& attrs) {
  AttrMap made;
  for (const auto& [name, value] : attrs) {
    if (!py::isinstance<py::str>(name)) fail(op, "attribute names to be strings", type_name(name));
    std::string key = name.cast<std::string>();
    AttrValue read = to_attr(op, key, value);
    made.push_back({std::move(key), std::move(read)});
  }
  return made;
}

}  // namespace convcore::python
