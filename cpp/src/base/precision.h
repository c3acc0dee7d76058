// Which algorithms may be used: a setting of the process. `strict` refuses those with a larger error bound than the direct
// ones; `reference` takes the plain loops wherever an op has them, to find out whether a fast kernel is at fault.
#pragma once

#include <cstdint>

namespace convcore {

enum class Precision : std::uint8_t { fast, strict, reference };

Precision precision();  // `fast` unless set
// Plans made before the call keep what they have; functions make new ones.
void set_precision(Precision precision);

}  // namespace convcore
