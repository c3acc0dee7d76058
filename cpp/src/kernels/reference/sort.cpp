// Orders by comparison. Positions break ties, so that the result is one and the same and needs no memory beside it.
#include "kernels/sort.h"

#include <algorithm>
#include <numeric>

namespace convcore::reference {

namespace {

template <class T>
bool below(T a, T b) {
  const bool a_is_nan = a != a, b_is_nan = b != b;
  return a_is_nan || b_is_nan ? !a_is_nan : a < b;
}

}  // namespace

void argsort(const ArgsortArgs& a, Range range) {
  visit(a.dtype, [&]<class T>(T) {
    for (std::int64_t row = range.begin; row < range.end; ++row) {
      const T* x = static_cast<const T*>(a.x) + row * a.count;
      std::int32_t* y = a.y + row * a.count;
      std::iota(y, y + a.count, 0);
      std::sort(y, y + a.count, [&](std::int32_t i, std::int32_t j) {
        const bool less = below(x[i], x[j]), more = below(x[j], x[i]);
        if (less == more) return i < j;
        return a.descending ? more : less;
      });
    }
  });
}

}  // namespace convcore::reference
