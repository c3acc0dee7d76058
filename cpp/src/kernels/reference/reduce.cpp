// Reductions of every element type, one output at a time. Float sums run in float64, integer sums in 64 bits.
#include "kernels/reduce.h"

#include <cmath>
#include <type_traits>

#include "kernels/convert.h"
#include "kernels/reference/scalar.h"

namespace convcore::reference {

namespace {

std::int64_t offset_of(int rank, const std::int64_t* shape, const std::int64_t* strides, std::int64_t index) {
  std::int64_t offset = 0;
  for (int axis = rank - 1; axis >= 0; --axis) {
    offset += index % shape[axis] * strides[axis];
    index /= shape[axis];
  }
  return offset;
}

template <class T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;

template <class T>
Accumulator<T> combine(ReduceOp op, Accumulator<T> sum, T value, std::int64_t position) {
  using Wide = Accumulator<T>;
  const Wide wide = static_cast<Wide>(value);
  switch (op) {
    case ReduceOp::sum:
    case ReduceOp::mean: return scalar::add(sum, wide);
    case ReduceOp::l2_norm: return scalar::add(sum, scalar::multiply(wide, wide));
    case ReduceOp::prod: return position == 0 ? wide : scalar::multiply(sum, wide);
    case ReduceOp::max: return position == 0 ? wide : scalar::maximum(sum, wide);
    case ReduceOp::min: return position == 0 ? wide : scalar::minimum(sum, wide);
    case ReduceOp::all: return position == 0 ? wide != Wide{0} : sum != Wide{0} && wide != Wide{0};
    case ReduceOp::any: return position == 0 ? wide != Wide{0} : sum != Wide{0} || wide != Wide{0};
    case ReduceOp::argmax:
    case ReduceOp::argmin: break;
  }
  return sum;
}

template <class T>
Accumulator<T> reduced_value(const ReduceAnyArgs& a, const T* x) {
  using Wide = Accumulator<T>;
  Wide sum = a.count == 0 && (a.op == ReduceOp::prod || a.op == ReduceOp::all) ? Wide{1} : Wide{0};
  for (std::int64_t i = 0; i < a.count; ++i)
    sum = combine<T>(a.op, sum, x[offset_of(a.reduced_rank, a.reduced, a.reduced_strides, i)], i);
  if constexpr (std::is_floating_point_v<T>) {
    if (a.op == ReduceOp::mean) return sum / static_cast<double>(a.count);
    if (a.op == ReduceOp::l2_norm) return std::sqrt(sum);
  }
  return sum;
}

// The first of the largest (smallest); the first NaN if there is one.
template <class T>
std::int64_t position_of_extremum(const ReduceAnyArgs& a, const T* x) {
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < a.count; ++i) {
    const T value = x[i * a.reduced_strides[0]], leader = x[best * a.reduced_strides[0]];
    if (value != value) return i;
    if (a.op == ReduceOp::argmax ? value > leader : value < leader) best = i;
  }
  return best;
}

}  // namespace

void reduce(const ReduceAnyArgs& a, Range outputs) {
  const bool position = a.op == ReduceOp::argmax || a.op == ReduceOp::argmin;
  visit(a.from, [&]<class From>(From) {
    visit(a.to, [&]<class To>(To) {
      for (std::int64_t i = outputs.begin; i < outputs.end; ++i) {
        const From* x = static_cast<const From*>(a.x) + offset_of(a.kept_rank, a.kept, a.kept_strides, i);
        To& y = static_cast<To*>(a.y)[i];
        y = position ? static_cast<To>(position_of_extremum(a, x)) : convert<To>(reduced_value(a, x));
      }
    });
  });
}

}  // namespace convcore::reference
