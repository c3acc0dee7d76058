// Batch normalisation over the last axis in parts: statistics by chunks of rows, joined; the passes over the rows by
// themselves.
#include <cmath>

#include "kernels/batch_norm.h"

namespace convcore::reference {

namespace {

const float* floats(const void* p) { return static_cast<const float*>(p); }

// Calls visit(offset, channel) for every element of the chunks.
template <class F>
void each_element(const BatchNormArgs& a, Range chunks, F visit) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const ChunkRows rows = rows_of(a, chunk);
    for (std::int64_t row = rows.first; row < rows.first + rows.count; ++row)
      for (std::int64_t c = 0; c < a.c; ++c) visit(row * a.c + c, c);
  }
}

double inverse(const BatchNormArgs& a, std::int64_t c) { return 1 / std::sqrt(floats(a.variance)[c] + a.epsilon); }
double normal(const BatchNormArgs& a, std::int64_t i, std::int64_t c) {
  return (floats(a.x)[i] - floats(a.mean)[c]) * inverse(a, c);
}
double gradient(const BatchNormArgs& a, std::int64_t i, std::int64_t c) {  // of the value before the limits
  const double dy = floats(a.dy)[i];
  if (a.beta == nullptr) return dy;
  const double y = static_cast<float>(normal(a, i, c) * floats(a.gamma)[c] + floats(a.beta)[c]);
  return y > a.low && y <= a.high ? dy : 0;
}

// first[c] and second[c], summed over one chunk in float64 and stored.
template <class F>
void sum_chunk(const BatchNormArgs& a, std::int64_t chunk, F terms) {
  for (std::int64_t c = 0; c < a.c; ++c) {
    double first = 0, second = 0;
    const ChunkRows rows = rows_of(a, chunk);
    for (std::int64_t row = rows.first; row < rows.first + rows.count; ++row) terms(row * a.c + c, c, first, second);
    a.partial[2 * chunk * a.c + c] = static_cast<float>(first);
    a.partial[(2 * chunk + 1) * a.c + c] = static_cast<float>(second);
  }
}

}  // namespace

void batch_norm_chunk(const BatchNormArgs& a, Range chunks) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk) {
    const auto count = static_cast<double>(rows_of(a, chunk).count);
    float* const mean = a.partial + 2 * chunk * a.c;
    sum_chunk(a, chunk, [&](std::int64_t i, std::int64_t, double& sum, double&) { sum += floats(a.x)[i] / count; });
    sum_chunk(a, chunk, [&](std::int64_t i, std::int64_t c, double& first, double& second) {
      first = mean[c], second += (floats(a.x)[i] - first) * (floats(a.x)[i] - first);
    });
  }
}

void batch_norm_join(const BatchNormArgs& a, Range) {
  for (std::int64_t c = 0; c < a.c; ++c) {
    double rows = 0, sum = 0, squares = 0;
    for (std::int64_t i = 0; i < a.chunks; ++i) {
      const auto count = static_cast<double>(rows_of(a, i).count);
      rows += count, sum += count * a.partial[2 * i * a.c + c];
    }
    const double mean = sum / rows;
    for (std::int64_t i = 0; i < a.chunks; ++i) {
      const double off = a.partial[2 * i * a.c + c] - mean;
      squares += a.partial[(2 * i + 1) * a.c + c] + static_cast<double>(rows_of(a, i).count) * off * off;
    }
    static_cast<float*>(a.mean)[c] = static_cast<float>(mean);
    static_cast<float*>(a.variance)[c] = static_cast<float>(squares / rows);
  }
}

void batch_norm_apply(const BatchNormArgs& a, Range chunks) {
  each_element(a, chunks, [&](std::int64_t i, std::int64_t c) {
    double y = normal(a, i, c) * floats(a.gamma)[c] + floats(a.beta)[c];
    if (a.residual != nullptr) y += floats(a.residual)[i];
    static_cast<float*>(a.y)[i] = static_cast<float>(y < a.low ? a.low : y > a.high ? a.high : y);  // NaN stays
  });
}

void batch_norm_backward_chunk(const BatchNormArgs& a, Range chunks) {
  for (std::int64_t chunk = chunks.begin; chunk < chunks.end; ++chunk)
    sum_chunk(a, chunk, [&](std::int64_t i, std::int64_t c, double& sum, double& products) {
      sum += gradient(a, i, c), products += gradient(a, i, c) * normal(a, i, c);
    });
}

void batch_norm_backward_join(const BatchNormArgs& a, Range) {
  for (std::int64_t c = 0; c < a.c; ++c) {
    double sum = 0, products = 0;
    for (std::int64_t i = 0; i < a.chunks; ++i)
      sum += a.partial[2 * i * a.c + c], products += a.partial[(2 * i + 1) * a.c + c];
    static_cast<float*>(a.dbeta)[c] = static_cast<float>(sum),
    static_cast<float*>(a.dgamma)[c] = static_cast<float>(products);
  }
}

void batch_norm_backward_apply(const BatchNormArgs& a, Range chunks) {
  const auto count = static_cast<double>(a.count);
  each_element(a, chunks, [&](std::int64_t i, std::int64_t c) {
    const double through = floats(a.dbeta)[c] / count + normal(a, i, c) * floats(a.dgamma)[c] / count;
    static_cast<float*>(a.dx)[i] = static_cast<float>(floats(a.gamma)[c] * inverse(a, c) * (gradient(a, i, c) - through));
  });
}

}  // namespace convcore::reference
