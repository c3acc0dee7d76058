// The parts of the module; module.cpp calls them in order.
#pragma once

#include <pybind11/pybind11.h>

namespace convcore::python {

void bind_errors(pybind11::module_& m);
void bind_graph(pybind11::module_& m);
void bind_function(pybind11::module_& m);
void bind_ops(pybind11::module_& m);
void bind_machine(pybind11::module_& m);
void bind_model(pybind11::module_& m);

// Turns the exception being handled into Python's error indicator: for functions that Python calls without pybind11.
void set_python_error();

}  // namespace convcore::python
