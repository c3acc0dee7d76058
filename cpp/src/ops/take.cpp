// take and take_backward: rows along one axis, chosen by integer indices.
#include <limits>

#include "base/error.h"
#include "kernels/gather.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Take {
  std::int64_t axis = 0;
  void fields(auto&& f) { f("axis", axis); }
};

void check_indices(const char* where, const Type& indices) {
  if (indices.dtype != DType::i32 && indices.dtype != DType::i64)
    fail(where, "indices of dtype int32 or int64", indices.str(), "Use cast.");
}

Shape taken(const char* where, const Shape& x, const Shape& indices, std::int64_t given_axis) {
  const int axis = normalize_axis(given_axis, x.rank(), where);
  std::vector<std::int64_t> dims(x.dims().begin(), x.dims().begin() + axis);
  dims.insert(dims.end(), indices.dims().begin(), indices.dims().end());
  dims.insert(dims.end(), x.dims().begin() + axis + 1, x.dims().end());
  return Shape(std::move(dims));
}

Types infer(const Attrs& attrs, const Types& in) {
  check_indices("take", in[1]);
  return {{in[0].dtype, taken("take", in[0].shape, in[1].shape, attrs.as<Take>().axis)}};
}

Types infer_backward(const Attrs& attrs, const Types& in) {
  check_indices("take_backward", in[1]);
  const Shape expected = taken("take_backward", in[2].shape, in[1].shape, attrs.as<Take>().axis);
  if (expected.rank() != in[0].shape.rank() || (expected.known() && in[0].shape.known() && expected != in[0].shape))
    fail("take_backward", expected.str(), in[0].shape.str());
  return {{in[0].dtype, in[2].shape}};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit1("take_backward", {dy[0], n.in[1], n.in[0]}, n.attrs.as<Take>()), {}};
}

Values grad_backward(Graph& g, const Node& n, const Values& dy) {
  return {g.emit1("take", {dy[0], n.in[1]}, n.attrs.as<Take>()), {}, {}};
}

void run_reference(const Call& c) {
  const Shape& x = c.view.in[0].shape;
  const int axis = normalize_axis(c.attrs<Take>().axis, x.rank(), "take");
  const DType dtype = c.view.in[0].dtype;
  const Element missing = make_element(is_float(dtype) ? std::numeric_limits<double>::quiet_NaN() : 0.0, dtype, "take");
  TakeArgs args;
  args.x = c.x<char>(0), args.indices = c.in[1], args.y = c.y<char>();
  args.index_dtype = c.view.in[1].dtype, args.missing = missing.bytes;
  args.axis = x[axis], args.count = c.view.in[1].shape.elements(), args.inner = x.elements(axis + 1, x.rank());
  args.element_bytes = static_cast<std::int64_t>(size_of(dtype));
  const double row = 4.0 + 0.2 * static_cast<double>(args.inner * args.element_bytes);
  parallel_for(x.elements(0, axis) * args.count, row, [&](Range range) { reference::take(args, range); });
}

void run_reference_backward(const Call& c) {
  const Shape& x = c.view.out[0].shape;
  const int axis = normalize_axis(c.attrs<Take>().axis, x.rank(), "take_backward");
  TakeBackwardArgs args;
  args.dy = c.in[0], args.indices = c.in[1], args.dx = c.out[0];
  args.dtype = c.view.in[0].dtype, args.index_dtype = c.view.in[1].dtype;
  args.axis = x[axis], args.count = c.view.in[1].shape.elements(), args.inner = x.elements(axis + 1, x.rank());
  const std::int64_t blocks = (args.inner + args.column_block - 1) / args.column_block;
  const double block = 20.0 * static_cast<double>(args.axis + args.count);
  parallel_for(x.elements(0, axis) * blocks, block, [&](Range range) { reference::take_backward(args, range); });
}

}  // namespace

CC_DEFINE_OP(take, Define<Take>("x[..., indices, ...] along axis; out of range: NaN, or 0 for integers")
                       .inputs({"x", "indices"})
                       .infer(infer)
                       .grad(grad)
                       .impl(Device::cpu, "reference", run_reference))

CC_DEFINE_OP(take_backward, Define<Take>("zeros of the shape of x, with the rows of dy added at indices")
                                .inputs({"dy", "indices", "x"})
                                .infer(infer_backward)
                                .grad(grad_backward)
                                .shape_only(0b100)
                                .impl(Device::cpu, "reference", run_reference_backward))

}  // namespace convcore
