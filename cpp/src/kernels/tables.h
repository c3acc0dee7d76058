// The tables of this processor's instruction sets: all that the rest of the library knows of kernels/simd. In a wheel the
// kernels are a library of their own, for the extension and for applications (CC_SHARED_KERNELS).
#pragma once

#include "kernels/dispatch.h"

#if defined(CC_SHARED_KERNELS)
#define CC_TABLE __attribute__((visibility("default")))
#else
#define CC_TABLE
#endif

namespace convcore {

#if defined(__x86_64__)
namespace baseline {
extern CC_TABLE const KernelTable table;
}
namespace avx2 {
extern CC_TABLE const KernelTable table;
}
namespace avx512 {
extern CC_TABLE const KernelTable table;
}
#elif defined(__aarch64__)
namespace neon {
extern CC_TABLE const KernelTable table;
}
#else
namespace baseline {
extern CC_TABLE const KernelTable table;
}
#endif

}  // namespace convcore
