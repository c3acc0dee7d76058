/* An activation of one's own, (sqrt(x^2 + 1) - 1) / 2 + x, and its derivative. As a shared library it serves Python, too:
 * convcore.activations.register_native("bent", "libbent.so"). */
#include "bent.h"

#include <math.h>

void bent(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = (sqrtf(x[i] * x[i] + 1) - 1) / 2 + x[i];
}

void bent_derivative(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = x[i] / (2 * sqrtf(x[i] * x[i] + 1)) + 1;
}
