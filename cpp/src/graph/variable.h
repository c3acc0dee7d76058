// State that outlives a run: weights, optimizer slots, moving averages, metric totals, generator states. Shared with NumPy
// without copies, updated in place.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/buffer.h"
#include "base/shape.h"

namespace convcore {

class Variable {
 public:
  Variable(Type type, std::string name);  // zero-filled; the shape must be known

  const Type& type() const { return type_; }
  const std::string& name() const { return name_; }
  void* data() { return buffer_.data(); }
  const void* data() const { return buffer_.data(); }
  // Grows whenever the content may have changed: packed copies of the weights are made again when it moved on.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  void touch() { version_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  Type type_;
  std::string name_;
  Buffer buffer_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace convcore
