// The settings of the process that decide what plans are made of.
#pragma once

#include <cstdint>

namespace convcore {

// Which algorithms may be used. `strict` refuses those with a larger error bound than the direct ones; `reference` takes the
// plain loops wherever an op has them, to find out whether a fast kernel is at fault.
enum class Precision : std::uint8_t { fast, strict, reference };

Precision precision();  // `fast` unless set
// Plans made before the call keep what they have; functions make new ones.
void set_precision(Precision precision);

// The settings at one time. A plan is made from one such record, whatever other threads set meanwhile.
struct Settings {
  Precision precision = Precision::fast;
  int threads = 1;  // that parallel_for may use
  bool operator==(const Settings&) const = default;
};
Settings current_settings();

}  // namespace convcore
