// Every pair of element types; what becomes a half type becomes a float32 first.
#include "kernels/cast.h"

#include <algorithm>

#include "base/half.h"
#include "kernels/convert.h"

namespace convcore::reference {

namespace {

template <class From>
From load(const CastArgs& a, std::int64_t i) {
  if constexpr (std::is_same_v<From, float>)
    if (is_half(a.from)) return float_of_half(a.from, static_cast<const std::uint16_t*>(a.x)[i]);
  return static_cast<const From*>(a.x)[i];
}

template <class To>
void store(const CastArgs& a, std::int64_t i, To value) {
  if constexpr (std::is_same_v<To, float>)
    if (is_half(a.to)) return void(static_cast<std::uint16_t*>(a.y)[i] = half_of_float(a.to, value));
  static_cast<To*>(a.y)[i] = value;
}

}  // namespace

void cast(const CastArgs& a, Range blocks) {
  const std::int64_t end = std::min(blocks.end * cast_block, a.size);
  visit(a.from, [&]<class From>(From) {
    visit(a.to, [&]<class To>(To) {
      for (std::int64_t i = blocks.begin * cast_block; i < end; ++i) store<To>(a, i, convert<To>(load<From>(a, i)));
    });
  });
}

}  // namespace convcore::reference
