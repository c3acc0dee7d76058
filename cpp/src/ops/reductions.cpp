// The reductions by name: result types and gradients.
#include "base/error.h"
#include "ops/build.h"
#include "ops/reduce.h"

namespace convcore {

namespace {

using namespace build;

DType sum_dtype(DType dtype) { return dtype == DType::boolean || dtype == DType::u8 ? DType::i32 : dtype; }

constexpr const char* name_of(ReduceOp op) {
  constexpr const char* names[] = {"sum", "mean", "max", "min", "prod", "all", "any", "l2_norm"};
  return names[static_cast<int>(op)];
}

constexpr bool needs_float(ReduceOp op) { return op == ReduceOp::mean || op == ReduceOp::l2_norm; }
constexpr bool needs_elements(ReduceOp op) { return op == ReduceOp::max || op == ReduceOp::min; }

template <ReduceOp op>
Types infer(const Attrs& attrs, const Types& in) {
  const Reduction& a = attrs.as<Reduction>();
  const Type& x = in[0];
  const std::vector<bool> reduced = reduced_axes(name_of(op), a.axes, x.shape.rank());
  if (needs_float(op) && !is_float(x.dtype)) fail(name_of(op), "float32 or float64", name(x.dtype), "Cast first.");
  for (int axis = 0; axis < x.shape.rank() && needs_elements(op); ++axis)
    if (reduced[static_cast<std::size_t>(axis)] && x.shape[axis] == 0)
      fail(name_of(op), "at least one element along the reduced axes", x.shape.str());
  const bool logical = op == ReduceOp::all || op == ReduceOp::any;
  const DType dtype = logical ? DType::boolean : op == ReduceOp::sum || op == ReduceOp::prod ? sum_dtype(x.dtype) : x.dtype;
  return {{dtype, reduced_shape(x.shape, reduced, a.keepdims)}};
}

template <ReduceOp op>
std::vector<bool> axes_of(const NodeView& node) {
  return reduced_axes(name_of(op), node.attrs<Reduction>().axes, node.in[0].shape.rank());
}
template <ReduceOp op>
Prepared prepare(const NodeView& node) {
  return prepare_reduction(plan_reduction(node.in[0].shape, axes_of<op>(node)));
}
template <ReduceOp op>
void simd(const Call& call) {
  reduce_simd(call, op);
}
template <ReduceOp op>
void reference_run(const Call& call) {
  reduce_reference(call, op, axes_of<op>(call.view));
}

Value kept(Graph& g, const Node& n, Value y) { return with_kept_axes(g, y, n.in[0], n.attrs.as<Reduction>()); }

Value as_numbers(Graph& g, Value mask, Value like) {
  return g.emit1("cast", {mask}, AttrMap{{"dtype", std::string(name(g.type(like).dtype))}});
}

Value sum_along(Graph& g, Value x, const Node& n) {
  return g.emit1("sum", {x}, AttrMap{{"axes", n.attrs.as<Reduction>().axes}, {"keepdims", true}});
}

Values no_gradient(Graph&, const Node&, const Values&) { return {Value{}}; }

Values sum_grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit1("broadcast_like", {kept(g, n, dy[0]), n.in[0]})};
}

Values mean_grad(Graph& g, const Node& n, const Values& dy) {
  Value count = g.emit1("size", {n.in[0]}, AttrMap{{"axes", n.attrs.as<Reduction>().axes}});
  if (g.type(dy[0]).dtype != g.type(count).dtype) count = as_numbers(g, count, dy[0]);
  return {g.emit1("broadcast_like", {kept(g, n, divide(g, dy[0], count)), n.in[0]})};
}

// Equal extrema share the gradient.
Values extremum_grad(Graph& g, const Node& n, const Values& dy) {
  const Value x = n.in[0];
  const Value wins = g.emit1("equal", {x, kept(g, n, n.out[0])});
  const Value share = divide(g, kept(g, n, dy[0]), sum_along(g, as_numbers(g, wins, x), n));
  return {where(g, wins, share, scalar(g, 0, x))};
}

// The product of all others: y/x where nothing is 0; a single 0 takes the product of the rest; two zeros leave nothing.
Values prod_grad(Graph& g, const Node& n, const Values& dy) {
  const Value x = n.in[0], zero = scalar(g, 0, x), one = scalar(g, 1, x);
  const Value is_zero = g.emit1("equal", {x, zero});
  const Value rest = where(g, is_zero, one, x);
  const Value product = g.emit1("prod", {rest}, AttrMap{{"axes", n.attrs.as<Reduction>().axes}, {"keepdims", true}});
  const Value zeros = sum_along(g, as_numbers(g, is_zero, x), n);
  const Value without = where(g, g.emit1("equal", {zeros, zero}), divide(g, product, rest), zero);
  const Value alone = where(g, g.emit1("equal", {zeros, one}), product, zero);
  return {multiply(g, kept(g, n, dy[0]), where(g, is_zero, alone, without))};
}

Values l2_norm_grad(Graph& g, const Node& n, const Values& dy) {  // 0 where y is 0
  return {multiply(g, n.in[0], kept(g, n, g.emit1("divide_no_nan", {dy[0], n.out[0]})))};
}

}  // namespace

#define CC_REDUCTION(NAME, DOC, GRAD)                                                                                   \
  CC_DEFINE_OP(NAME, Define<Reduction>(DOC)                                                                             \
                         .inputs({"x"})                                                                                 \
                         .infer(infer<ReduceOp::NAME>)                                                                  \
                         .reduces()                                                                                     \
                         .images(0b1)                                                                                   \
                         .grad(GRAD)                                                                                    \
                         .impl(Device::cpu, "simd", simd<ReduceOp::NAME>, reduce_simd_refuses, prepare<ReduceOp::NAME>) \
                         .impl(Device::cpu, "reference", reference_run<ReduceOp::NAME>))
#define CC_LOGICAL_REDUCTION(NAME, DOC)                \
  CC_DEFINE_OP(NAME, Define<Reduction>(DOC)            \
                         .inputs({"x"})                \
                         .infer(infer<ReduceOp::NAME>) \
                         .reduces()                    \
                         .grad(no_gradient)            \
                         .impl(Device::cpu, "reference", reference_run<ReduceOp::NAME>))

CC_REDUCTION(sum, "sum along axes (none: all); bool and uint8 give int32", sum_grad)
CC_REDUCTION(mean, "arithmetic mean along axes (none: all)", mean_grad)
CC_REDUCTION(max, "largest element along axes (none: all); ties share the gradient", extremum_grad)
CC_REDUCTION(min, "smallest element along axes (none: all); ties share the gradient", extremum_grad)
CC_REDUCTION(prod, "product along axes (none: all)", prod_grad)
CC_REDUCTION(l2_norm, "square root of the sum of squares along axes (none: all); gradient 0 at 0", l2_norm_grad)
CC_LOGICAL_REDUCTION(all, "every element along axes (none: all) is not 0")
CC_LOGICAL_REDUCTION(any, "some element along axes (none: all) is not 0")

}  // namespace convcore
