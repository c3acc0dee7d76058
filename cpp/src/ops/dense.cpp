// Dense layers and their gradients: 1x1 convolutions whose pixels are the rows of x.
#include "base/error.h"
#include "ops/conv.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct Dense {
  std::string activation = "linear";
  void fields(auto&& f) { f("activation", activation); }
};

std::int64_t last(const Type& t) { return t.shape[t.shape.rank() - 1]; }

bool same_size(std::int64_t a, std::int64_t b) { return a == b || a == unknown || b == unknown; }

// x with its last axis replaced.
Type with_last(Type x, std::int64_t size) {
  x.shape[x.shape.rank() - 1] = size;
  return x;
}

void check(const char* op, const char* what, const Type& x, const Type& kernel, int kernel_axis) {
  if (x.shape.rank() < 1 || !is_float(x.dtype)) fail(op, cat("a float ", what, " of rank 1 or more"), x.str());
  if (kernel.shape.rank() != 2 || kernel.dtype != x.dtype || kernel.shape[0] == 0 || kernel.shape[1] == 0)
    fail(op, cat("a kernel of shape (inputs, units) and dtype ", name(x.dtype)), kernel.str());
  if (!same_size(last(x), kernel.shape[kernel_axis]))
    fail(op, cat("a last axis of ", kernel.shape[kernel_axis], " for the kernel ", kernel.shape.str()), x.str());
}

ConvShape shape_of(const Type& rows, std::int64_t inputs, std::int64_t units) {
  ConvShape s;
  s.n = rows.shape.elements(0, rows.shape.rank() - 1), s.c = inputs, s.f = units;
  return s;
}

// dense(x, kernel, bias?, residual?) = activation(x kernel + bias + residual)

Types infer(const Attrs& attrs, const Types& in) {
  check("dense", "input", in[0], in[1], 0);
  const Type y = with_last(in[0], in[1].shape[1]);
  check_epilogue("dense", attrs.as<Dense>().activation, in, y, in[1].shape[1]);
  return {y};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  refuse_activation_gradient("dense", n.attrs.as<Dense>().activation);
  Values grads = {g.emit1("dense_backward_input", {dy[0], n.in[1]}), g.emit1("dense_backward_filter", {n.in[0], dy[0]})};
  if (n.in.size() > 2) {
    Ints axes;
    for (int axis = 0; axis < g.type(dy[0]).shape.rank() - 1; ++axis) axes.push_back(axis);
    grads.push_back(axes.empty() ? dy[0] : g.emit1("sum", {dy[0]}, AttrMap{{"axes", axes}}));
  }
  if (n.in.size() > 3) grads.push_back(dy[0]);
  return grads;
}

ConvShape forward_shape(const NodeView& v) { return shape_of(v.in[0], v.in[1].shape[0], v.in[1].shape[1]); }

Prepared prepare(const NodeView& v) {
  return prepare_correlation(forward_shape(v), ConvPlan::Pass::forward, v.settings,
                             read_activation("dense", v.attrs<Dense>().activation));
}

void reference_run(const Call& c) {
  reference_forward(c, forward_shape(c.view), false, read_activation("dense", c.attrs<Dense>().activation));
}

// dense_backward_input(dy, kernel)

Types infer_input(const Attrs&, const Types& in) {
  check("dense_backward_input", "gradient", in[0], in[1], 1);
  return {with_last(in[0], in[1].shape[0])};
}

Values grad_input(Graph& g, const Node& n, const Values& d) {
  return {g.emit1("dense", {d[0], n.in[1]}), g.emit1("dense_backward_filter", {d[0], n.in[0]})};
}

ConvShape input_gradient_shape(const NodeView& v) { return shape_of(v.in[0], v.in[1].shape[0], v.in[1].shape[1]); }

Prepared prepare_input(const NodeView& v) {
  return prepare_correlation(input_gradient_shape(v), ConvPlan::Pass::input_gradient, v.settings);
}

void reference_input(const Call& c) { reference_input_gradient(c, input_gradient_shape(c.view), false); }

// dense_backward_filter(x, dy)

Types infer_filter(const Attrs&, const Types& in) {
  const char* op = "dense_backward_filter";
  const int rank = in[0].shape.rank();
  if (rank < 1 || !is_float(in[0].dtype)) fail(op, "a float input of rank 1 or more", in[0].str());
  bool fits = in[1].dtype == in[0].dtype && in[1].shape.rank() == rank;
  for (int axis = 0; fits && axis < rank - 1; ++axis) fits = same_size(in[0].shape[axis], in[1].shape[axis]);
  if (!fits) fail(op, cat("a gradient that differs from the input ", in[0].str(), " in its last axis only"), in[1].str());
  return {{in[0].dtype, Shape{last(in[0]), last(in[1])}}};
}

Values grad_filter(Graph& g, const Node& n, const Values& d) {
  return {g.emit1("dense_backward_input", {n.in[1], d[0]}), g.emit1("dense", {n.in[0], d[0]})};
}

ConvShape filter_shape(const NodeView& v) { return shape_of(v.in[0], last(v.in[0]), last(v.in[1])); }

Prepared prepare_filter(const NodeView& v) {
  return prepare_filter_gradient(filter_shape(v), FilterResult::kernel, v.settings);
}

void reference_filter(const Call& c) { reference_filter_gradient(c, filter_shape(c.view), false); }

}  // namespace

CC_DEFINE_OP(dense, Define<Dense>("matrix product over the last axis; activation(result + bias + residual)")
                        .inputs({"x", "kernel", "bias?", "residual?"})
                        .infer(infer)
                        .grad(grad)
                        .operations(forward_operations)
                        .epilogue(2, max_activation_steps)
                        .filter_axis(1)
                        .images(0b1001)
                        .impl(Device::cpu, "simd", run_forward, simd_refuses_dtype, prepare, pack_correlation)
                        .impl(Device::cpu, "reference", reference_run))

CC_DEFINE_OP(dense_backward_input,
             Define<>("gradient of dense for its input")
                 .inputs({"dy", "kernel"})
                 .infer(infer_input)
                 .grad(grad_input)
                 .operations(input_gradient_operations)
                 .impl(Device::cpu, "simd", run_input_gradient, simd_refuses_dtype, prepare_input, pack_correlation)
                 .impl(Device::cpu, "reference", reference_input))

CC_DEFINE_OP(dense_backward_filter, Define<>("gradient of dense for its kernel")
                                        .inputs({"x", "dy"})
                                        .infer(infer_filter)
                                        .grad(grad_filter)
                                        .operations(filter_gradient_operations)
                                        .impl(Device::cpu, "simd", run_filter_gradient, simd_refuses_dtype, prepare_filter)
                                        .impl(Device::cpu, "reference", reference_filter))

}  // namespace convcore
