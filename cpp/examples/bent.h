/* What convcore calls for the activation "bent". */
#ifndef BENT_H
#define BENT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void bent(const float* x, float* y, size_t n);
void bent_derivative(const float* x, float* y, size_t n);

#ifdef __cplusplus
}
#endif

#endif
