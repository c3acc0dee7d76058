// The process-wide precision setting.
#include "base/precision.h"

#include <atomic>

namespace convcore {

namespace {
std::atomic<Precision> current{Precision::fast};
}

Precision precision() { return current.load(std::memory_order_relaxed); }
void set_precision(Precision precision) { current.store(precision, std::memory_order_relaxed); }

}  // namespace convcore
