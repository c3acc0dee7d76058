// up_sample: every element of the spatial axes repeated, by one strided copy. The gradient sums the copies.
#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/op.h"
#include "ops/strided_copy.h"
#include "ops/window.h"

namespace convcore {

namespace {

struct UpSample {
  Ints size;  // how often along each spatial axis
  DataFormat data_format = DataFormat::channels_last;
  void fields(auto&& f) { f("size", size), f("data_format", data_format); }
  int first() const { return data_format == DataFormat::channels_last ? 1 : 2; }
};

Types infer(const Attrs& attrs, const Types& in) {
  const UpSample& a = attrs.as<UpSample>();
  Type y = in[0];
  const int spatial = y.shape.rank() - 2;
  if (spatial < 1 || spatial > 3) fail("up_sample", "an input with 1 to 3 spatial axes (rank 3 to 5)", y.shape.str());
  const Ints size = window_sizes("up_sample", "size", a.size, spatial, 2);
  for (int i = 0; i < spatial; ++i) {
    std::int64_t& n = y.shape[a.first() + i];
    if (n != unknown) n = checked_mul(n, size[static_cast<std::size_t>(i)]);
  }
  return {y};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  const UpSample& a = n.attrs.as<UpSample>();
  const Ints size = window_sizes("up_sample", "size", a.size, g.type(n.in[0]).shape.rank() - 2, 2);
  double copies = 1;
  for (const std::int64_t times : size) copies *= static_cast<double>(times);
  const AttrMap windows{{"pool_size", size}, {"data_format", detail::write_attr(a.data_format)}};
  const Value mean = g.emit1("average_pool", {dy[0]}, windows);
  return {g.emit1("multiply", {mean, g.scalar(copies, g.type(mean).dtype)})};
}

Prepared prepare(const NodeView& view) {
  const UpSample& a = view.attrs<UpSample>();
  const Shape& x = view.in[0].shape;
  const Ints size = window_sizes("up_sample", "size", a.size, x.rank() - 2, 2);
  const auto from = byte_strides(view.in[0]), to = byte_strides(view.out[0]);
  CopySpec spec;
  spec.item = static_cast<std::int64_t>(size_of(view.in[0].dtype));
  for (int axis = 0; axis < x.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    const int along = axis - a.first();
    const bool spatial = along >= 0 && along < x.rank() - 2;
    const std::int64_t times = spatial ? size[static_cast<std::size_t>(along)] : 1;
    spec.dims.push_back(x[axis]), spec.x_strides.push_back(from[i]), spec.y_strides.push_back(to[i] * times);
    spec.dims.push_back(times), spec.x_strides.push_back(0), spec.y_strides.push_back(to[i]);
  }
  return {std::make_shared<StridedCopy>(std::move(spec))};
}

void simd(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], kernels().copy_strided); }
void by_reference(const Call& c) { c.prepared<StridedCopy>().run(c.in[0], c.out[0], reference::copy_strided); }

}  // namespace

CC_DEFINE_OP(up_sample, Define<UpSample>("elements of the spatial axes, each repeated size times along its axis")
                            .inputs({"x"})
                            .channels(0b1, 0b1)
                            .infer(infer)
                            .grad(grad)
                            .impl(Device::cpu, "simd", simd, nullptr, prepare)
                            .impl(Device::cpu, "reference", by_reference, nullptr, prepare))

}  // namespace convcore
