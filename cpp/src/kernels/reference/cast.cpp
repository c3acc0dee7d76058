// Every pair of element types; types for storage are read and made as what they are computed in.
#include "kernels/cast.h"

#include <algorithm>

#include "base/stored.h"
#include "kernels/convert.h"

namespace convcore::reference {

namespace {

template <class To, class From>
To converted(DType to, From value) {
  const To result = convert<To>(value);
  if constexpr (std::is_same_v<To, std::int32_t> && std::is_floating_point_v<From>) return saturated(to, result);
  return result;
}

}  // namespace

void cast(const CastArgs& a, Range blocks) {
  const std::int64_t end = std::min(blocks.end * cast_block, a.size);
  visit(a.from, [&]<class From>(From) {
    visit(a.to, [&]<class To>(To) {
      const auto* x = static_cast<const char*>(a.x);
      auto* y = static_cast<char*>(a.y);
      const auto from = static_cast<std::int64_t>(size_of(a.from)), to = static_cast<std::int64_t>(size_of(a.to));
      for (std::int64_t i = blocks.begin * cast_block; i < end; ++i)
        store_element<To>(a.to, converted<To>(a.to, load_element<From>(a.from, x + i * from)), y + i * to);
    });
  });
}

}  // namespace convcore::reference
