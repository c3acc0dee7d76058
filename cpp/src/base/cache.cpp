// Cache sizes, from the system.
#include "base/cache.h"

#include <unistd.h>

namespace convcore {

std::size_t cache_bytes(int level) {
  const long told = sysconf(level == 2 ? _SC_LEVEL2_CACHE_SIZE : _SC_LEVEL3_CACHE_SIZE);
  if (told > 0) return static_cast<std::size_t>(told);
  return level == 2 ? std::size_t{1} << 20 : std::size_t{16} << 20;
}

}  // namespace convcore
