// Aligned, zero-filled memory through the C++ allocator, so that exhaustion is an exception and not a crash.
#include "base/buffer.h"

#include <cstring>
#include <new>

namespace convcore {

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  data_ = ::operator new(bytes, std::align_val_t{alignment});
  std::memset(data_, 0, bytes);
}

Buffer::~Buffer() {
  if (data_ != nullptr) ::operator delete(data_, std::align_val_t{alignment});
}

}  // namespace convcore
