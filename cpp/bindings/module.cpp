// The module convcore._core: its errors, threads and instruction sets; the rest is bound file by file.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <new>

#include "base/error.h"
#include "base/parallel.h"
#include "base/settings.h"
#include "bind.h"
#include "convcore/activation.h"
#include "kernels/dispatch.h"
#include "kernels/peak.h"
#include "plan/choices.h"

namespace py = pybind11;

namespace convcore::python {

void bind_errors(py::module_& m) {
  const auto& error = py::register_exception<Error>(m, "Error", PyExc_ValueError);
  py::register_exception<ModelFormatError>(m, "ModelFormatError", error);
}

void set_python_error() {
  try {
    throw;
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    const char* name = dynamic_cast<const Error*>(&error) != nullptr ? "Error" : nullptr;
    const py::object type = name != nullptr ? py::module_::import("convcore._core").attr(name)
                                            : py::reinterpret_borrow<py::object>(PyExc_RuntimeError);
    PyErr_SetString(type.ptr(), error.what());
  }
}

void bind_machine(py::module_& m) {
  m.def("set_num_threads", &set_thread_count, py::arg("n"),
        "Threads that one call may use; 0: the default (CONVCORE_NUM_THREADS, else the cores this process may use).");
  m.def("num_threads", &thread_count, "Threads that one call may use.");
  m.def(
      "set_precision", [](int level) { set_precision(static_cast<Precision>(level)); }, py::arg("level"),
      "Which algorithms may be used: 0 all, 1 none with a larger error bound than the direct ones, 2 the reference.");
  m.def("precision", [] { return static_cast<int>(precision()); }, "What set_precision() said.");
  m.def("peak_operations", &peak_operations, py::call_guard<py::gil_scoped_release>(),
        "Multiplications and additions a second that the threads of a call reach in registers, measured now (some "
        "milliseconds).");
  m.def(
      "register_activation",
      [](const std::string& name, std::uintptr_t value, std::uintptr_t derivative) {
        register_activation(name, reinterpret_cast<ActivationFn>(value), reinterpret_cast<ActivationFn>(derivative));
      },
      py::arg("name"), py::arg("value"), py::arg("derivative"),
      "Registers functions by their addresses, 0 for none: see convcore/activation.h.");
  m.def(
      "choices",
      [] {
        const MeasuredChoices measured = measured_choices();
        return measured.table != nullptr ? *measured.table : Choices{};
      },
      "What was measured to compute a problem fastest: a dict from problem to implementation.");
  m.def("set_choices", &set_choices, py::arg("choices"), "Replaces these measurements.");
  m.def("isa", [] { return std::string(kernels().isa); }, "The instruction set of the kernels in use.");
  m.def(
      "available_isas",
      [] {
        std::vector<std::string> names;
        for (const KernelTable* table : available_kernels()) names.emplace_back(table->isa);
        return names;
      },
      "All instruction sets this machine can run, best first; CONVCORE_ISA picks one at start-up.");
}

}  // namespace convcore::python

PYBIND11_MODULE(_core, m) {
  m.doc() = "The C++ core of convcore: graphs, functions, variables.";
  convcore::python::bind_errors(m);
  convcore::python::bind_graph(m);
  convcore::python::bind_function(m);
  convcore::python::bind_ops(m);
  convcore::python::bind_machine(m);
  convcore::python::bind_model(m);
}
