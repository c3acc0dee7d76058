// Memory that ends or begins exactly at a page that may not be touched: a read or write outside an array crashes the test.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>

namespace check {

enum class Side { end, begin };        // where the page stands that may not be touched
inline Side guarded_side = Side::end;  // of the memory made from now on

class Guarded {
 public:
  explicit Guarded(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t body = (bytes + page - 1) / page * page;
    mapped_ = body + 2 * page;
    base_ = static_cast<char*>(mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    mprotect(base_, page, PROT_NONE);
    mprotect(base_ + page + body, page, PROT_NONE);
    data_ = base_ + page + (guarded_side == Side::end ? body - bytes : 0);
    std::memset(data_, 0xff, bytes);  // NaN: what is used before it is written shows
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(base_, mapped_); }

  void* data() const { return data_; }
  template <class T>
  T* at() const {
    return reinterpret_cast<T*>(data_);
  }

 private:
  char *base_ = nullptr, *data_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace check
