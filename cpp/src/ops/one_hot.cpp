// one_hot: class indices as rows with a single 1.
#include "base/error.h"
#include "kernels/gather.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct OneHot {
  std::int64_t num_classes = 0;
  std::string dtype = "float32";
  void fields(auto&& f) { f("num_classes", num_classes), f("dtype", dtype); }
};

Types infer(const Attrs& attrs, const Types& in) {
  const OneHot& a = attrs.as<OneHot>();
  if (is_float(in[0].dtype) || in[0].dtype == DType::boolean)
    fail("one_hot", "indices of an integer dtype", in[0].str(), "Use cast.");
  if (a.num_classes < 1) fail("one_hot", "num_classes >= 1", std::to_string(a.num_classes));
  std::vector<std::int64_t> dims = in[0].shape.dims();
  dims.push_back(a.num_classes);
  return {{parse_dtype(a.dtype), Shape(std::move(dims))}};
}

void run_reference(const Call& c) {
  const OneHotArgs args{c.in[0], c.out[0], c.view.in[0].dtype, c.view.out[0].dtype, c.attrs<OneHot>().num_classes};
  const double row = 4.0 + 0.3 * static_cast<double>(args.classes);
  parallel_for(c.view.in[0].shape.elements(), row, [&](Range range) { reference::one_hot(args, range); });
}

}  // namespace

CC_DEFINE_OP(one_hot, Define<OneHot>("1 at the index and 0 elsewhere along a new last axis; out of range: zeros")
                          .inputs({"indices"})
                          .infer(infer)
                          .impl(Device::cpu, "reference", run_reference))

}  // namespace convcore
