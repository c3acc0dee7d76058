// This ISA's row of function pointers.
#include "kernels/simd/vec.h"
#include "kernels/tables.h"

namespace convcore::CC_ISA {

#define CC_KERNEL(NAME, ARGS) void NAME(const ARGS&, Range);
#include "kernels/kernels.def"
#undef CC_KERNEL

#define CC_STRING2(X) #X
#define CC_STRING(X) CC_STRING2(X)
const KernelTable table = {
    CC_STRING(CC_ISA),
    vl,
    registers,
#define CC_KERNEL(NAME, ARGS) &NAME,
#include "kernels/kernels.def"
#undef CC_KERNEL
};

}  // namespace convcore::CC_ISA
