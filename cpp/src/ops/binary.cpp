// Elementwise ops of two inputs with NumPy's broadcasting: names, documentation and gradients.
#include "ops/build.h"
#include "ops/elementwise.h"

namespace convcore {

namespace {

using namespace build;

Values summed(Graph& g, const Node& n, Value da, Value db) {
  return {sum_to_shape(g, da, n.in[0]), sum_to_shape(g, db, n.in[1])};
}

Values add_grad(Graph& g, const Node& n, const Values& dy) { return summed(g, n, dy[0], dy[0]); }
Values subtract_grad(Graph& g, const Node& n, const Values& dy) { return summed(g, n, dy[0], negative(g, dy[0])); }
Values multiply_grad(Graph& g, const Node& n, const Values& dy) {
  return summed(g, n, multiply(g, dy[0], n.in[1]), multiply(g, dy[0], n.in[0]));
}
Values divide_grad(Graph& g, const Node& n, const Values& dy) {
  const Value da = divide(g, dy[0], n.in[1]);
  return summed(g, n, da, negative(g, multiply(g, da, n.out[0])));
}
Values divide_no_nan_grad(Graph& g, const Node& n, const Values& dy) {
  const Value da = g.emit1("divide_no_nan", {dy[0], n.in[1]});
  return summed(g, n, da, negative(g, multiply(g, da, n.out[0])));
}
Values mod_grad(Graph& g, const Node& n, const Values& dy) {
  const Value whole = g.emit1("floor_divide", {n.in[0], n.in[1]});
  return summed(g, n, dy[0], negative(g, multiply(g, dy[0], whole)));
}
Values power_grad(Graph& g, const Node& n, const Values& dy) {
  const Value a = n.in[0], b = n.in[1], zero = scalar(g, 0, a), one = scalar(g, 1, a);
  // Where b is 0 the derivative is 0, also at a = 0; where a is 0, log a would make NaN of it.
  const Value less = where(g, g.emit1("equal", {b, zero}), one, subtract(g, b, one));
  const Value da = multiply(g, dy[0], multiply(g, b, g.emit1("power", {a, less})));
  const Value log_a = g.emit1("log", {where(g, g.emit1("equal", {a, zero}), one, a)});
  return summed(g, n, da, multiply(g, dy[0], multiply(g, n.out[0], log_a)));
}
// Where both operands are equal each takes half.
Values extremum_grad(Graph& g, const Node& n, const Values& dy, const char* wins) {
  const Value a = n.in[0], b = n.in[1], zero = scalar(g, 0, a);
  const Value half = where(g, g.emit1("equal", {a, b}), multiply(g, dy[0], scalar(g, 0.5, a)), zero);
  return summed(g, n, where(g, g.emit1(wins, {a, b}), dy[0], half), where(g, g.emit1(wins, {b, a}), dy[0], half));
}
Values maximum_grad(Graph& g, const Node& n, const Values& dy) { return extremum_grad(g, n, dy, "greater"); }
Values minimum_grad(Graph& g, const Node& n, const Values& dy) { return extremum_grad(g, n, dy, "less"); }

}  // namespace

CC_BINARY_OP(add, "a + b", add_grad)
CC_BINARY_OP(subtract, "a - b", subtract_grad)
CC_BINARY_OP(multiply, "a * b", multiply_grad)
CC_BINARY_OP(divide, "a / b", divide_grad)
CC_BINARY_OP(divide_no_nan, "a / b, and 0 where b is 0", divide_no_nan_grad)
CC_BINARY_OP(floor_divide, "a / b rounded towards minus infinity", no_gradient)
CC_BINARY_OP(mod, "a - b*floor(a / b), with the sign of b", mod_grad)
CC_BINARY_OP(power, "a to the power b", power_grad)
CC_BINARY_OP(maximum, "the larger; equal operands share the gradient, NaN wins", maximum_grad)
CC_BINARY_OP(minimum, "the smaller; equal operands share the gradient, NaN wins", minimum_grad)
CC_BINARY_OP(equal, "a == b", no_gradient)
CC_BINARY_OP(not_equal, "a != b", no_gradient)
CC_BINARY_OP(less, "a < b", no_gradient)
CC_BINARY_OP(less_equal, "a <= b", no_gradient)
CC_BINARY_OP(greater, "a > b", no_gradient)
CC_BINARY_OP(greater_equal, "a >= b", no_gradient)
CC_BINARY_OP(logical_and, "a and b are both not 0", no_gradient)
CC_BINARY_OP(logical_or, "a or b is not 0", no_gradient)

}  // namespace convcore
