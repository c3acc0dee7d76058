// The public tensors.
#include "convcore/tensor.h"

#include <cstring>
#include <new>

#include "base/buffer.h"
#include "base/error.h"
#include "base/shape.h"
#include "base/stored.h"

namespace convcore {

namespace {

std::int64_t product(std::span<const std::int64_t> shape) {
  std::int64_t n = 1;
  for (const std::int64_t size : shape) n = checked_mul(n, size);
  return n;
}

std::string text(DType dtype, std::span<const std::int64_t> shape) {
  return Type{dtype, Shape({shape.begin(), shape.end()})}.str();
}

}  // namespace

TensorView::TensorView(DType dtype, const void* data, std::span<const std::int64_t> shape)
    : data_(data), rank_(static_cast<int>(shape.size())), dtype_(dtype) {
  if (shape.size() > max_tensor_rank)
    fail("TensorView", cat("at most ", max_tensor_rank, " dimensions"), std::to_string(shape.size()));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) fail("TensorView", "sizes of at least 0", std::to_string(shape[i]));
    dims_[i] = shape[i];
  }
}

std::int64_t TensorView::elements() const { return product(shape()); }
std::string TensorView::str() const { return text(dtype_, shape()); }

std::vector<float> TensorView::floats() const {
  if (!is_float(dtype_)) fail("TensorView: floats", "elements of a float type", str());
  std::vector<float> values(static_cast<std::size_t>(elements()));
  const auto* bytes = static_cast<const std::byte*>(data_);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(element_value(dtype_, bytes + i * size_of(dtype_)));
  return values;
}

Tensor::Tensor(DType dtype, std::span<const std::int64_t> shape) : shape_(shape.begin(), shape.end()), dtype_(dtype) {
  const TensorView checked(dtype, nullptr, shape);
  const std::int64_t size = checked_mul(checked.elements(), static_cast<std::int64_t>(size_of(dtype)));
  memory_.reset(::operator new(static_cast<std::size_t>(size), std::align_val_t(alignment)));
}

void Tensor::Free::operator()(void* memory) const { ::operator delete(memory, std::align_val_t(alignment)); }

Tensor Tensor::clone() const {
  if (memory_ == nullptr) return {};
  Tensor copy(dtype_, shape_);
  std::memcpy(copy.data(), data(), bytes());
  return copy;
}

std::int64_t Tensor::elements() const { return product(shape_); }

void Tensor::expect(DType dtype) const {
  if (dtype != dtype_) fail("Tensor", cat("elements of type ", name(dtype)), text(dtype_, shape_));
}

std::string TensorSpec::str() const { return text(dtype, shape); }

}  // namespace convcore
