// Arrays in and out: views of the caller's memory, and tensors that own theirs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "convcore/dtype.h"
#include "convcore/export.h"

namespace convcore {

inline constexpr int max_tensor_rank = 8;

// C-contiguous memory of the caller, which must outlive the view. Channels come last: images are
// (batch, height, width, channels).
class CONVCORE_API TensorView {
 public:
  template <class T>
  TensorView(const T* data, std::initializer_list<std::int64_t> shape)
      : TensorView(dtype_of<T>, data, {shape.begin(), shape.size()}) {}
  template <class T>
  TensorView(const T* data, std::span<const std::int64_t> shape) : TensorView(dtype_of<T>, data, shape) {}
  // Throws Error for more than max_tensor_rank dimensions or a negative one.
  TensorView(DType dtype, const void* data, std::span<const std::int64_t> shape);

  DType dtype() const { return dtype_; }
  std::span<const std::int64_t> shape() const { return {dims_.data(), static_cast<std::size_t>(rank_)}; }
  const void* data() const { return data_; }
  std::int64_t elements() const;  // 1 for a scalar; throws Error on overflow
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype_); }
  std::string str() const;  // "float32 (1, 28, 28, 1)"
  // The elements as float32, of any float type: float16 and bfloat16 have no C++ type. Throws Error for other types.
  std::vector<float> floats() const;

 private:
  const void* data_;
  std::array<std::int64_t, max_tensor_rank> dims_{};
  int rank_;
  DType dtype_;
};

// The same, to be written.
class CONVCORE_API MutableTensorView : public TensorView {
 public:
  template <class T>
  MutableTensorView(T* data, std::initializer_list<std::int64_t> shape) : TensorView(data, shape) {}
  template <class T>
  MutableTensorView(T* data, std::span<const std::int64_t> shape) : TensorView(data, shape) {}
  MutableTensorView(DType dtype, void* data, std::span<const std::int64_t> shape) : TensorView(dtype, data, shape) {}
  void* data() const { return const_cast<void*>(TensorView::data()); }
};

// Owns its memory (aligned to 64 bytes). Moves are free; clone() copies.
class CONVCORE_API Tensor {
 public:
  Tensor() = default;                                        // empty: no memory, shape (0,)
  Tensor(DType dtype, std::span<const std::int64_t> shape);  // uninitialised; throws Error or std::bad_alloc
  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(Tensor&&) noexcept = default;
  Tensor clone() const;

  DType dtype() const { return dtype_; }
  std::span<const std::int64_t> shape() const { return shape_; }
  std::int64_t elements() const;
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype_); }
  void* data() { return memory_.get(); }
  const void* data() const { return memory_.get(); }
  // The elements; throws Error if they are of another type. Not of a tensor without a name, which they would outlive.
  template <class T>
  std::span<T> values() & {
    expect(dtype_of<T>);
    return {static_cast<T*>(data()), static_cast<std::size_t>(elements())};
  }
  template <class T>
  std::span<const T> values() const& {
    expect(dtype_of<T>);
    return {static_cast<const T*>(data()), static_cast<std::size_t>(elements())};
  }
  template <class T>
  std::span<const T> values() const&& = delete;
  TensorView view() const { return {dtype_, data(), shape_}; }
  operator TensorView() const { return view(); }  // NOLINT(google-explicit-constructor): a tensor is a fine input
  MutableTensorView mutable_view() { return {dtype_, data(), shape_}; }

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  void expect(DType dtype) const;

  std::unique_ptr<void, Free> memory_;
  std::vector<std::int64_t> shape_{0};
  DType dtype_ = DType::f32;
};

// What a function takes or returns; -1 stands for a size that is bound at run time (Python's None).
struct CONVCORE_API TensorSpec {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::string str() const;  // "float32 (None, 28, 28, 1)"
};

}  // namespace convcore
