// Aligned memory through the C++ allocator, so that exhaustion is an exception and not a crash.
#include "base/buffer.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstring>
#include <new>

namespace convcore {

namespace {

// Large buffers ask for huge pages: fresh memory costs a page fault per page, and long strides a translation.
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t worth_huge_pages = 2 * huge_page;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= worth_huge_pages ? huge_page : alignment};
}

}  // namespace

Buffer::Buffer(std::size_t bytes, Fill fill) : bytes_(bytes) {
  if (bytes == 0) return;
  data_ = ::operator new(bytes, alignment_of(bytes));
#if defined(__linux__)
  if (bytes >= worth_huge_pages) madvise(data_, bytes / huge_page * huge_page, MADV_HUGEPAGE);  // advice: may be ignored
#endif
  if (fill == Fill::zeros) std::memset(data_, 0, bytes);
}

Buffer::~Buffer() {
  if (data_ != nullptr) ::operator delete(data_, alignment_of(bytes_));
}

}  // namespace convcore
