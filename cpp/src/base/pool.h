// Things that calls at the same time need one each of: made when there are none left, kept for the next call.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace convcore {

template <class T>
class Pool {
 public:
  class Lease {  // goes back to the pool, which must outlive it
   public:
    Lease(Pool& pool, std::unique_ptr<T> thing) : pool_(&pool), thing_(std::move(thing)) {}
    Lease(Lease&&) noexcept = default;
    ~Lease() {
      if (thing_ != nullptr) pool_->give_back(std::move(thing_));
    }
    T& operator*() const { return *thing_; }
    T* operator->() const { return thing_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<T> thing_;
  };

  // The one given back last, which a single caller always gets again; otherwise what `make` returns (a unique_ptr).
  template <class Make>
  Lease take(Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Lease lease(*this, std::move(idle_.back()));
        idle_.pop_back();
        return lease;
      }
      ++made_;
      idle_.reserve(made_);  // giving back cannot fail
    }
    return Lease(*this, make());
  }

 private:
  void give_back(std::unique_ptr<T> thing) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(thing));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
  std::size_t made_ = 0;
};

}  // namespace convcore
