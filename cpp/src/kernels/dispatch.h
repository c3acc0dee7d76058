// One table of kernels per ISA; the best one this machine can run is picked once. CONVCORE_ISA overrides.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/args.h"

namespace convcore {

struct KernelTable {
  const char* isa;   // "baseline", "avx2", "avx512"
  int vector_width;  // floats in a vector
  int registers;     // vector registers: with vector_width, what sizes register tiles
#define CC_KERNEL(NAME, ARGS) void (*NAME)(const ARGS&, Range);
#include "kernels/kernels.def"
#undef CC_KERNEL
};

const KernelTable& kernels();  // the table in use
// For convolutions with so many channels in a group of the result: the table in use or, on a processor that takes its
// vectors in two halves, that of half the width if this leaves fewer lanes idle. Both give the same bits.
const KernelTable& kernels_for(std::int64_t channels);
std::span<const KernelTable* const> available_kernels();  // all that this machine can run, best first; tests iterate it
// Tests and benchmarks only: makes kernels() and kernels_for() return the table of that name; throws Error if this machine
// cannot run it.
void use_isa(std::string_view isa);

}  // namespace convcore
