// Where the settings of the process are kept.
#include "base/settings.h"

#include <atomic>

#include "base/parallel.h"

namespace convcore {

namespace {
std::atomic<Precision> current{Precision::fast};
}

Precision precision() { return current.load(std::memory_order_relaxed); }
void set_precision(Precision precision) { current.store(precision, std::memory_order_relaxed); }

Settings current_settings() { return {precision(), thread_count()}; }

}  // namespace convcore
