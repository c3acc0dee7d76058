// Elementwise ops of one input: names, documentation and gradients. The functions themselves stand in kernels/*/scalar.h.
#include "ops/build.h"
#include "ops/elementwise.h"

namespace convcore {

namespace {

using namespace build;

Value multiply_scalar(Graph& g, Value x, double factor) { return multiply(g, x, scalar(g, factor, x)); }
Value square(Graph& g, Value x) { return g.emit1("square", {x}); }

Values negative_grad(Graph& g, const Node&, const Values& dy) { return {negative(g, dy[0])}; }
Values abs_grad(Graph& g, const Node& n, const Values& dy) { return {multiply(g, dy[0], g.emit1("sign", {n.in[0]}))}; }
Values square_grad(Graph& g, const Node& n, const Values& dy) {
  return {multiply(g, dy[0], multiply_scalar(g, n.in[0], 2))};
}
Values exp_grad(Graph& g, const Node& n, const Values& dy) { return {multiply(g, dy[0], n.out[0])}; }
Values log_grad(Graph& g, const Node& n, const Values& dy) { return {divide(g, dy[0], n.in[0])}; }
Values log1p_grad(Graph& g, const Node& n, const Values& dy) {
  return {divide(g, dy[0], add(g, n.in[0], scalar(g, 1, n.in[0])))};
}
Values sqrt_grad(Graph& g, const Node& n, const Values& dy) { return {divide(g, multiply_scalar(g, dy[0], 0.5), n.out[0])}; }
Values rsqrt_grad(Graph& g, const Node& n, const Values& dy) {
  const Value cube = multiply(g, square(g, n.out[0]), n.out[0]);
  return {multiply(g, dy[0], multiply_scalar(g, cube, -0.5))};
}
Values reciprocal_grad(Graph& g, const Node& n, const Values& dy) {
  return {negative(g, multiply(g, dy[0], square(g, n.out[0])))};
}
Values sin_grad(Graph& g, const Node& n, const Values& dy) { return {multiply(g, dy[0], g.emit1("cos", {n.in[0]}))}; }
Values cos_grad(Graph& g, const Node& n, const Values& dy) {
  return {negative(g, multiply(g, dy[0], g.emit1("sin", {n.in[0]})))};
}
Values relu_grad(Graph& g, const Node& n, const Values& dy) {  // from the output: the input need not be kept
  const Value zero = scalar(g, 0, dy[0]);
  return {where(g, g.emit1("greater", {n.out[0], zero}), dy[0], zero)};
}
Values sigmoid_grad(Graph& g, const Node& n, const Values& dy) {
  const Value y = n.out[0];
  return {multiply(g, dy[0], multiply(g, y, subtract(g, scalar(g, 1, y), y)))};
}
Values tanh_grad(Graph& g, const Node& n, const Values& dy) {
  return {multiply(g, dy[0], subtract(g, scalar(g, 1, dy[0]), square(g, n.out[0])))};
}
Values softplus_grad(Graph& g, const Node& n, const Values& dy) {
  return {multiply(g, dy[0], g.emit1("sigmoid", {n.in[0]}))};
}
Values erf_grad(Graph& g, const Node& n, const Values& dy) {
  const Value bell = g.emit1("exp", {negative(g, square(g, n.in[0]))});
  return {multiply(g, dy[0], multiply_scalar(g, bell, 1.1283791670955126))};  // 2 / sqrt(pi)
}

}  // namespace

CC_UNARY_OP(negative, "-x", negative_grad)
CC_UNARY_OP(abs, "|x|; its gradient at 0 is 0", abs_grad)
CC_UNARY_OP(sign, "-1, 0 or 1", no_gradient)
CC_UNARY_OP(square, "x*x", square_grad)
CC_UNARY_OP(exp, "e to the power x", exp_grad)
CC_UNARY_OP(log, "natural logarithm", log_grad)
CC_UNARY_OP(log1p, "log(1 + x), accurate near 0", log1p_grad)
CC_UNARY_OP(sqrt, "square root", sqrt_grad)
CC_UNARY_OP(rsqrt, "1 / sqrt(x)", rsqrt_grad)
CC_UNARY_OP(reciprocal, "1 / x", reciprocal_grad)
CC_UNARY_OP(floor, "largest integer not above x", no_gradient)
CC_UNARY_OP(ceil, "smallest integer not below x", no_gradient)
CC_UNARY_OP(round, "nearest integer, halves to even", no_gradient)
CC_UNARY_OP(sin, "sine", sin_grad)
CC_UNARY_OP(cos, "cosine", cos_grad)
CC_UNARY_OP(relu, "max(x, 0); its gradient at 0 is 0", relu_grad)
CC_UNARY_OP(sigmoid, "1 / (1 + exp(-x))", sigmoid_grad)
CC_UNARY_OP(tanh, "hyperbolic tangent", tanh_grad)
CC_UNARY_OP(softplus, "log(1 + exp(x)), computed stably", softplus_grad)
CC_UNARY_OP(erf, "error function", erf_grad)
CC_UNARY_OP(isnan, "x is not a number", no_gradient)
CC_UNARY_OP(isfinite, "x is neither infinite nor NaN", no_gradient)
CC_UNARY_OP(logical_not, "x == 0", no_gradient)

}  // namespace convcore
