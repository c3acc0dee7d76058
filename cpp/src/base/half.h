// The 16-bit float types in integer arithmetic: what the vector conversions of kernels/simd/cast.cpp must give bit by bit.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/dtype.h"

namespace convcore {

// Exact. A signalling NaN becomes a quiet one.
inline float float_of_f16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16, rest = half & 0x7fffu;
  if (rest >= 0x400 || rest == 0) {
    const std::uint32_t rebiased = rest == 0 ? 0 : rest + ((rest < 0x7c00 ? 112u : 224u) << 10);
    return std::bit_cast<float>(sign | rebiased << 13 | (rest > 0x7c00 ? 0x400000u : 0u));
  }
  const float magnitude = static_cast<float>(rest) * 0x1p-24f;  // below the normal numbers: a count of the smallest
  return sign != 0 ? -magnitude : magnitude;
}

// To the nearest, ties to even; beyond the range infinity; NaN stays NaN with the upper bits of its payload.
inline std::uint16_t f16_of_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000u, rest = bits & 0x7fffffffu;
  std::uint32_t half = 0;
  if (rest > 0x7f800000u) {
    half = 0x7e00u | (rest >> 13 & 0x3ffu);
  } else if (rest >= 0x477ff000u) {  // half way between the largest half and the next power of two
    half = 0x7c00u;
  } else if (rest >= 0x38800000u) {
    half = (rest - (112u << 23) + 0xfffu + (rest >> 13 & 1u)) >> 13;
  } else {  // 0.5 has the unit of the smallest half in its last place: the sum is rounded to that
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(rest) + 0.5F) - std::bit_cast<std::uint32_t>(0.5F);
  }
  return static_cast<std::uint16_t>(sign | half);
}

inline float float_of_bf16(std::uint16_t half) { return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16); }

// To the nearest, ties to even; NaN stays NaN with the upper bits of its payload, made quiet.
inline std::uint16_t bf16_of_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

inline float float_of_half(DType dtype, std::uint16_t half) {
  return dtype == DType::f16 ? float_of_f16(half) : float_of_bf16(half);
}
inline std::uint16_t half_of_float(DType dtype, float value) {
  return dtype == DType::f16 ? f16_of_float(value) : bf16_of_float(value);
}

}  // namespace convcore
