// slice and slice_backward: NumPy's begin:end:stride for each axis.
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Slice {
  Ints begin, end, strides;
  void fields(auto&& f) { f("begin", begin), f("end", end), f("strides", strides); }
};

struct Cut {  // one axis, resolved as Python's slice.indices() does
  std::int64_t begin = 0, stride = 1, count = 0;
};

std::int64_t resolve(std::int64_t bound, std::int64_t dim, std::int64_t stride) {
  if (bound < 0) bound += dim;
  return stride > 0 ? std::clamp<std::int64_t>(bound, 0, dim) : std::clamp<std::int64_t>(bound, -1, dim - 1);
}

Cut cut(const Slice& a, int axis, std::int64_t dim) {
  const auto at = static_cast<std::size_t>(axis);
  if (at >= a.begin.size()) return {0, 1, dim};
  const std::int64_t stride = a.strides.empty() ? 1 : a.strides[at];
  if (dim == unknown) return {0, stride, unknown};
  const std::int64_t begin = resolve(a.begin[at], dim, stride), end = resolve(a.end[at], dim, stride);
  if (stride > 0) return {begin, stride, begin < end ? (end - begin - 1) / stride + 1 : 0};
  return {begin, stride, begin > end ? (begin - end - 1) / -stride + 1 : 0};
}

void check(const Slice& a, int rank) {
  if (a.begin.size() != a.end.size() || (!a.strides.empty() && a.strides.size() != a.begin.size()))
    fail("slice", "begin, end and strides of one length",
         cat(a.begin.size(), ", ", a.end.size(), " and ", a.strides.size()));
  if (a.begin.size() > static_cast<std::size_t>(rank))
    fail("slice", cat("at most ", rank, " axes"), std::to_string(a.begin.size()));
  for (std::int64_t stride : a.strides)
    if (stride == 0 || stride == INT64_MIN) fail("slice", "strides other than 0", str(AttrValue(a.strides)));
}

Shape sliced(const Slice& a, Shape x) {
  check(a, x.rank());
  for (int axis = 0; axis < x.rank(); ++axis) x[axis] = cut(a, axis, x[axis]).count;
  return x;
}

Types infer(const Attrs& attrs, const Types& in) { return {{in[0].dtype, sliced(attrs.as<Slice>(), in[0].shape)}}; }

Types infer_backward(const Attrs& attrs, const Types& in) {
  const Shape expected = sliced(attrs.as<Slice>(), in[1].shape);
  if (expected.rank() != in[0].shape.rank() || (expected.known() && in[0].shape.known() && expected != in[0].shape))
    fail("slice_backward", expected.str(), in[0].shape.str());
  return {{in[0].dtype, in[1].shape}};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit1("slice_backward", {dy[0], n.in[0]}, n.attrs.as<Slice>())};
}

Values grad_backward(Graph& g, const Node& n, const Values& dy) {
  return {g.emit1("slice", {dy[0]}, n.attrs.as<Slice>()), {}};
}

// The part of a larger array that a slice names: dimensions, strides and offset in bytes.
void part(const Slice& a, const Type& whole, std::vector<std::int64_t>& dims, std::vector<std::int64_t>& strides,
          std::int64_t& offset) {
  strides = byte_strides(whole);
  for (int axis = 0; axis < whole.shape.rank(); ++axis) {
    const Cut one = cut(a, axis, whole.shape[axis]);
    const auto at = static_cast<std::size_t>(axis);
    dims.push_back(one.count);
    offset += one.count > 0 ? one.begin * strides[at] : 0;
    strides[at] = one.count > 1 ? strides[at] * one.stride : 0;
  }
}

Prepared prepare(const NodeView& view) {
  CopySpec spec;
  spec.item = static_cast<std::int64_t>(size_of(view.in[0].dtype));
  part(view.attrs<Slice>(), view.in[0], spec.dims, spec.x_strides, spec.x_offset);
  spec.y_strides = byte_strides(view.out[0]);
  return {std::make_shared<StridedCopy>(std::move(spec))};
}

Prepared prepare_backward(const NodeView& view) {
  CopySpec spec;
  spec.item = static_cast<std::int64_t>(size_of(view.in[0].dtype));
  part(view.attrs<Slice>(), view.out[0], spec.dims, spec.y_strides, spec.y_offset);
  spec.x_strides = byte_strides(view.in[0]);
  return {std::make_shared<StridedCopy>(std::move(spec))};
}

void run_backward(const Call& c, StridedCopy::Kernel kernel) {
  const auto bytes = static_cast<std::size_t>(c.view.out[0].bytes());
  if (bytes > 0) std::memset(c.out[0], 0, bytes);
  c.prepared<StridedCopy>().run(c.in[0], c.out[0], kernel);
}

void run_simd(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], kernels().copy_strided); }
void run_reference(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], reference::copy_strided); }
void run_simd_backward(const Call& c) { run_backward(c, kernels().copy_strided); }
void run_reference_backward(const Call& c) { run_backward(c, reference::copy_strided); }

}  // namespace

CC_DEFINE_OP(slice, Define<Slice>("x[begin:end:stride] on the first axes; 0, 2^63-1, 1 is a whole axis")
                        .inputs({"x"})
                        .infer(infer)
                        .grad(grad)
                        .impl(Device::cpu, "simd", run_simd, nullptr, prepare)
                        .impl(Device::cpu, "reference", run_reference, nullptr, prepare))

CC_DEFINE_OP(slice_backward, Define<Slice>("zeros of the shape of x with dy where the slice was taken")
                                 .inputs({"dy", "x"})
                                 .infer(infer_backward)
                                 .grad(grad_backward)
                                 .shape_only(0b10)
                                 .impl(Device::cpu, "simd", run_simd_backward, nullptr, prepare_backward)
                                 .impl(Device::cpu, "reference", run_reference_backward, nullptr, prepare_backward))

}  // namespace convcore
