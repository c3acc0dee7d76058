// Whether faster algorithms with a larger error bound than the direct ones may be used: a setting of the process.
#pragma once

#include <cstdint>

namespace convcore {

enum class Precision : std::uint8_t { fast, strict };

Precision precision();  // `fast` unless set
// Plans made before the call keep what they have; functions make new ones.
void set_precision(Precision precision);

}  // namespace convcore
