// NumPy arrays as plain memory and back, through NumPy's C interface: this is on the way of every call.
#include <memory>
#include <utility>

#include "base/buffer.h"
#include "base/error.h"
#include "convert.h"
#include "output_memory.h"

namespace convcore::python {

namespace {

using Npy = py::detail::npy_api;

constexpr int half_type_number = 23;  // NPY_HALF

int type_number(DType dtype) {
  switch (dtype) {
    case DType::boolean: return Npy::NPY_BOOL_;
    case DType::u8: return Npy::NPY_UINT8_;
    case DType::i32: return Npy::NPY_INT32_;
    case DType::u32: return Npy::NPY_UINT32_;
    case DType::i64: return Npy::NPY_INT64_;
    case DType::f32: return Npy::NPY_FLOAT_;
    case DType::f16: return half_type_number;
    case DType::i8: return Npy::NPY_INT8_;
    case DType::i16: return Npy::NPY_INT16_;
    case DType::u16: return Npy::NPY_UINT16_;
    case DType::f64:
    case DType::bf16: break;
  }
  return Npy::NPY_DOUBLE_;
}

// NumPy's own descriptors, one object per type: comparing pointers recognises nearly every array.
struct Descriptors {
  PyObject* of[dtype_count];
  Descriptors() {
    for (int d = 0; d < dtype_count; ++d)  // bfloat16 is not NumPy's
      of[d] = static_cast<DType>(d) == DType::bf16 ? nullptr
                                                   : Npy::get().PyArray_DescrFromType_(type_number(static_cast<DType>(d)));
  }
};

const Descriptors& descriptors() {
  static const Descriptors made;
  return made;
}

// The descriptor of the package ml_dtypes, which is looked for when one is needed; null: it is not installed.
PyObject* bfloat16_descriptor() {
  static PyObject* found = nullptr;  // the interpreter's lock guards it
  static bool missing = false;
  if (found == nullptr && !missing) {
    try {
      const py::object type = py::module_::import("ml_dtypes").attr("bfloat16");
      found = py::module_::import("numpy").attr("dtype")(type).release().ptr();
    } catch (const py::error_already_set& error) {
      if (!error.matches(PyExc_ImportError)) throw;
      missing = true;
    }
  }
  return found;
}

// Nobody has made an array of that type unless the package is loaded.
bool is_bfloat16(PyObject* descriptor) {
  const py::dict loaded = py::module_::import("sys").attr("modules");
  if (!loaded.contains("ml_dtypes")) return false;
  PyObject* bfloat16 = bfloat16_descriptor();
  return bfloat16 != nullptr && Npy::get().PyArray_EquivTypes_(bfloat16, descriptor);
}

PyObject* descriptor_of(DType dtype) {
  if (dtype != DType::bf16) return descriptors().of[static_cast<int>(dtype)];
  if (PyObject* found = bfloat16_descriptor()) return found;
  fail("bfloat16", "the package ml_dtypes, which gives NumPy this type", "no such package",
       "Install it (pip install ml_dtypes), or cast to float32.");
}

// Types that NumPy has twice (long and long long), and descriptors that are copies, are compared by meaning.
bool find_dtype(PyObject* descriptor, DType& dtype) {
  for (int d = 0; d < dtype_count; ++d)
    if (descriptors().of[d] == descriptor) return dtype = static_cast<DType>(d), true;
  for (int d = 0; d < dtype_count; ++d)
    if (PyObject* known = descriptors().of[d]; known != nullptr && Npy::get().PyArray_EquivTypes_(known, descriptor))
      return dtype = static_cast<DType>(d), true;
  return is_bfloat16(descriptor) ? (dtype = DType::bf16, true) : false;
}

constexpr int plain = Npy::NPY_ARRAY_C_CONTIGUOUS_ | Npy::NPY_ARRAY_ALIGNED_;
constexpr int plain_and_writable = plain | Npy::NPY_ARRAY_WRITEABLE_;

PyObject* make_array(const Type& type, void* data) {
  PyObject* descriptor = descriptor_of(type.dtype);
  Py_INCREF(descriptor);  // NumPy takes this reference
  static_assert(sizeof(Py_intptr_t) == sizeof(std::int64_t));
  const auto* dims = reinterpret_cast<const Py_intptr_t*>(type.shape.dims().data());
  PyObject* array = Npy::get().PyArray_NewFromDescr_(Npy::get().PyArray_Type_, descriptor, type.shape.rank(), dims, nullptr,
                                                     data, data != nullptr ? plain_and_writable : 0, nullptr);
  if (array == nullptr) throw py::error_already_set();
  return array;
}

}  // namespace

bool has_bfloat16() { return bfloat16_descriptor() != nullptr; }

const char* view_of(PyObject* object, ArrayView& view) {
  if (!Npy::get().PyArray_Check_(object)) return Py_TYPE(object)->tp_name;
  const auto* array = py::detail::array_proxy(object);
  if ((array->flags & plain) != plain) return "an array that is not C-contiguous and aligned";
  if (!find_dtype(array->descr, view.dtype)) return "an array of a dtype that convcore does not have";
  view.dims = {reinterpret_cast<const std::int64_t*>(array->dimensions), static_cast<std::size_t>(array->nd)};
  view.data = array->data;
  return nullptr;
}

PyObject* new_array(const Type& type, void** data) {
  constexpr std::int64_t worth_aligning = 4096;
  const std::int64_t bytes = type.bytes();
  if (bytes < worth_aligning) {
    PyObject* array = make_array(type, nullptr);
    *data = py::detail::array_proxy(array)->data;
    return array;
  }
  auto memory = std::make_unique<Buffer>(take_output_memory(static_cast<std::size_t>(bytes)));
  *data = memory->data();
  const py::capsule owner(memory.get(), [](void* pointer) {
    const std::unique_ptr<Buffer> dropped(static_cast<Buffer*>(pointer));
    give_back_output_memory(std::move(*dropped));
  });
  memory.release();  // the capsule owns it now
  return array_over(type, *data, owner).release().ptr();
}

py::object array_over(const Type& type, void* data, const py::object& owner) {
  static char empty[alignment];  // memory of arrays without elements
  auto array = py::reinterpret_steal<py::object>(make_array(type, data != nullptr ? data : empty));
  if (Npy::get().PyArray_SetBaseObject_(array.ptr(), owner.inc_ref().ptr()) != 0) throw py::error_already_set();
  return array;
}

}  // namespace convcore::python
