// The rate at which this machine multiplies and adds: what profiles and benchmarks compare kernels with.
#pragma once

namespace convcore {

// Multiplies and adds at full rate in registers, on vectors of so many floats, for some tens of microseconds.
void multiply_add(int vector_width);
// What that counts as: two operations for each number.
double multiply_add_operations(int vector_width);

// Operations a second of all threads that a call may use, by the best of a few runs (some milliseconds).
double peak_operations();

}  // namespace convcore
