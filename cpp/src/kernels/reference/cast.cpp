// Every pair of element types.
#include "kernels/cast.h"

#include <algorithm>

#include "kernels/convert.h"

namespace convcore::reference {

void cast(const CastArgs& a, Range blocks) {
  const std::int64_t end = std::min(blocks.end * cast_block, a.size);
  visit(a.from, [&]<class From>(From) {
    visit(a.to, [&]<class To>(To) {
      const From* x = static_cast<const From*>(a.x);
      To* y = static_cast<To*>(a.y);
      for (std::int64_t i = blocks.begin * cast_block; i < end; ++i) y[i] = convert<To>(x[i]);
    });
  });
}

}  // namespace convcore::reference
