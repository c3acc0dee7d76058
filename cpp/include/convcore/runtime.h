// The machine, as convcore uses it.
#pragma once

#include <string>
#include <vector>

#include "convcore/export.h"

namespace convcore {

// Threads that one call may use. The default is CONVCORE_NUM_THREADS, else the cores that this process may use (affinity
// mask and control-group quota); 0 asks for the default again. Results do not depend on it. No thread starts before the
// first call that is worth sharing; idle threads sleep. Functions make new plans for the number of threads. Throws Error if
// n < 0 or n > 256.
CONVCORE_API void set_num_threads(int n);
CONVCORE_API int num_threads();

// The instruction set of the kernels in use ("baseline", "avx2", "avx512", "neon") and all that this machine can run, best
// first. CONVCORE_ISA picks one at the first use.
CONVCORE_API std::string isa();
CONVCORE_API std::vector<std::string> available_isas();

CONVCORE_API const char* version();  // "0.1.0"

}  // namespace convcore
