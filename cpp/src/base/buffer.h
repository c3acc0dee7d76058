// Memory aligned to cache lines; the only owner of tensor memory in the library.
#pragma once

#include <cstddef>
#include <utility>

namespace convcore {

inline constexpr std::size_t alignment = 64;  // bytes: a cache line, and the widest vector

class Buffer {
 public:
  Buffer() = default;
  enum class Fill { zeros, nothing };
  explicit Buffer(std::size_t bytes, Fill fill = Fill::zeros);  // throws std::bad_alloc
  Buffer(Buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Buffer();

  void* data() { return data_; }
  const void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace convcore
