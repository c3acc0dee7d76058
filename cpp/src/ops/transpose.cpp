// transpose: the axes in another order.
#include <array>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "ops/strided_copy.h"

namespace convcore {

namespace {

struct Transpose {
  Ints axes;
  void fields(auto&& f) { f("axes", axes); }
};

// The axis of x behind each axis of y.
std::vector<int> permutation(const Ints& axes, int rank) {
  std::vector<int> order(static_cast<std::size_t>(rank));
  for (int axis = 0; axis < rank; ++axis) order[static_cast<std::size_t>(axis)] = rank - 1 - axis;
  if (axes.empty()) return order;
  const auto refuse = [&] {
    fail("transpose", cat("axes to be a valid permutation of ", rank, " axes"), cat("axes=", str(AttrValue(axes))));
  };
  if (static_cast<int>(axes.size()) != rank) refuse();
  std::array<bool, max_rank> seen{};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    order[i] = normalize_axis(axes[i], rank, "transpose");
    if (seen[static_cast<std::size_t>(order[i])]) refuse();
    seen[static_cast<std::size_t>(order[i])] = true;
  }
  return order;
}

Types infer(const Attrs& attrs, const Types& in) {
  std::vector<std::int64_t> dims;
  for (int axis : permutation(attrs.as<Transpose>().axes, in[0].shape.rank())) dims.push_back(in[0].shape[axis]);
  return {{in[0].dtype, Shape(std::move(dims))}};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  const std::vector<int> order = permutation(n.attrs.as<Transpose>().axes, g.type(n.in[0]).shape.rank());
  Transpose inverse{Ints(order.size())};
  for (std::size_t i = 0; i < order.size(); ++i)
    inverse.axes[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return {g.emit1("transpose", {dy[0]}, inverse)};
}

Prepared prepare(const NodeView& view) {
  CopySpec spec{
      view.out[0].shape.dims(), {}, byte_strides(view.out[0]), static_cast<std::int64_t>(size_of(view.in[0].dtype))};
  const std::vector<std::int64_t> strides = byte_strides(view.in[0]);
  for (int axis : permutation(view.attrs<Transpose>().axes, view.in[0].shape.rank()))
    spec.x_strides.push_back(strides[static_cast<std::size_t>(axis)]);
  return {std::make_shared<StridedCopy>(std::move(spec))};
}

void run_simd(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], kernels().copy_strided); }
void run_reference(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], reference::copy_strided); }

}  // namespace

CC_DEFINE_OP(transpose, Define<Transpose>("axis i of the result is axis axes[i] of x; without axes the order is reversed")
                            .inputs({"x"})
                            .infer(infer)
                            .grad(grad)
                            .impl(Device::cpu, "simd", run_simd, nullptr, prepare)
                            .impl(Device::cpu, "reference", run_reference, nullptr, prepare))

}  // namespace convcore
