// The scalar functions of elementwise.def, as templates: what every other implementation is compared with.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace convcore::reference::scalar {

template <class T>
constexpr bool floating = std::is_floating_point_v<T>;

// Integers wrap around like NumPy's; computing in the unsigned type makes that defined.
template <class T>
using Wrap = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T>
T negative(T a) {
  if constexpr (floating<T>)
    return -a;
  else
    return static_cast<T>(Wrap<T>{0} - static_cast<Wrap<T>>(a));
}
template <class T>
T add(T a, T b) {
  if constexpr (floating<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<Wrap<T>>(a) + static_cast<Wrap<T>>(b));
}
template <class T>
T subtract(T a, T b) {
  if constexpr (floating<T>)
    return a - b;
  else
    return static_cast<T>(static_cast<Wrap<T>>(a) - static_cast<Wrap<T>>(b));
}
template <class T>
T multiply(T a, T b) {
  if constexpr (floating<T>)
    return a * b;
  else
    return static_cast<T>(static_cast<Wrap<T>>(a) * static_cast<Wrap<T>>(b));
}
template <class T>
T abs(T a) {
  if constexpr (floating<T>)
    return std::fabs(a);
  else
    return a < T{0} ? negative(a) : a;
}
template <class T>
T sign(T a) {
  return a > T{0} ? T{1} : a < T{0} ? static_cast<T>(-1) : a;
}
template <class T>
T square(T a) {
  return multiply(a, a);
}
template <class T>
T relu(T a) {
  return a < T{0} ? T{0} : a;
}

template <class T>
T exp(T a) {
  return std::exp(a);
}
template <class T>
T log(T a) {
  return std::log(a);
}
template <class T>
T log1p(T a) {
  return std::log1p(a);
}
template <class T>
T sqrt(T a) {
  return std::sqrt(a);
}
template <class T>
T rsqrt(T a) {
  return T{1} / std::sqrt(a);
}
template <class T>
T reciprocal(T a) {
  return T{1} / a;
}
template <class T>
T floor(T a) {
  return std::floor(a);
}
template <class T>
T ceil(T a) {
  return std::ceil(a);
}
template <class T>
T round(T a) {
  return std::nearbyint(a);
}  // halves to even
template <class T>
T sin(T a) {
  return std::sin(a);
}
template <class T>
T cos(T a) {
  return std::cos(a);
}
template <class T>
T tanh(T a) {
  return std::tanh(a);
}
template <class T>
T erf(T a) {
  return std::erf(a);
}
template <class T>
T sigmoid(T a) {
  const T e = std::exp(-std::fabs(a));  // never overflows
  return (a < T{0} ? e : T{1}) / (T{1} + e);
}
template <class T>
T softplus(T a) {
  return (a < T{0} ? T{0} : a) + std::log1p(std::exp(-std::fabs(a)));
}

template <class T>
T isnan(T a) {
  return a != a;
}
template <class T>
T isfinite(T a) {
  if constexpr (floating<T>)
    return std::isfinite(a);
  else
    return T{1};
}
template <class T>
T logical_not(T a) {
  return a == T{0};
}

template <class T>
T divide(T a, T b) {
  return a / b;
}
template <class T>
T divide_no_nan(T a, T b) {
  return b == T{0} ? T{0} : a / b;
}
// Rounds towards minus infinity; an integer divided by zero gives 0, as in NumPy.
template <class T>
T floor_divide(T a, T b) {
  if constexpr (floating<T>) {
    if (b == T{0}) return a / b;
    const T rest = std::fmod(a, b);
    const T quotient = std::nearbyint((a - rest) / b);
    return rest != T{0} && (rest < T{0}) != (b < T{0}) ? quotient - T{1} : quotient;
  } else {
    if (b == T{0}) return T{0};
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return negative(a);
    const T quotient = static_cast<T>(a / b);
    return a % b != 0 && (a < T{0}) != (b < T{0}) ? static_cast<T>(quotient - 1) : quotient;
  }
}
// The sign of the divisor, as in Python.
template <class T>
T mod(T a, T b) {
  if constexpr (floating<T>) {
    const T rest = std::fmod(a, b);
    if (rest == T{0}) return std::copysign(T{0}, b);
    return (rest < T{0}) != (b < T{0}) ? rest + b : rest;
  } else {
    if (b == T{0} || (std::is_signed_v<T> && b == static_cast<T>(-1))) return T{0};
    const T rest = static_cast<T>(a % b);
    return rest != 0 && (rest < T{0}) != (b < T{0}) ? static_cast<T>(rest + b) : rest;
  }
}
template <class T>
T power(T a, T b) {
  if constexpr (floating<T>) {
    return std::pow(a, b);
  } else {
    if (b < T{0}) return a == T{1} ? T{1} : a == static_cast<T>(-1) ? (b % 2 != 0 ? a : T{1}) : T{0};
    T result{1};
    for (; b > T{0}; b = static_cast<T>(b / 2), a = multiply(a, a))
      if (b % 2 != 0) result = multiply(result, a);
    return result;
  }
}
// NaN in either operand wins.
template <class T>
T maximum(T a, T b) {
  return a > b || a != a ? a : b;
}
template <class T>
T minimum(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
T clip(T a, T low, T high) {
  return minimum(maximum(a, low), high);
}

template <class T>
T equal(T a, T b) {
  return a == b;
}
template <class T>
T not_equal(T a, T b) {
  return a != b;
}
template <class T>
T less(T a, T b) {
  return a < b;
}
template <class T>
T less_equal(T a, T b) {
  return a <= b;
}
template <class T>
T greater(T a, T b) {
  return a > b;
}
template <class T>
T greater_equal(T a, T b) {
  return a >= b;
}
template <class T>
T logical_and(T a, T b) {
  return a != T{0} && b != T{0};
}
template <class T>
T logical_or(T a, T b) {
  return a != T{0} || b != T{0};
}
template <class T>
T where(T condition, T a, T b) {
  return condition != T{0} ? a : b;
}
template <class T>
T cast(T a, T to_bool) {
  return to_bool != T{0} ? static_cast<T>(a != T{0}) : a;
}

}  // namespace convcore::reference::scalar
