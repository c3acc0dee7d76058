// Sizes of the caches.
#pragma once

#include <cstddef>

namespace convcore {

// Bytes of the unified cache of one core (level 2) or of all cores (level 3); a usual size where the system does not tell.
std::size_t cache_bytes(int level);

}  // namespace convcore
