// Positions in the order of the elements: what sort, top_k and quantiles are made of.
#include <cmath>
#include <limits>

#include "base/error.h"
#include "kernels/sort.h"
#include "ops/op.h"

namespace convcore {

namespace {

struct Argsort {
  bool descending = false;
  void fields(auto&& f) { f("descending", descending); }
};

Types infer(const Attrs&, const Types& in) {
  const Shape& x = in[0].shape;
  if (x.rank() == 0) fail("argsort", "a tensor with at least one axis", x.str());
  if (x[x.rank() - 1] > std::numeric_limits<std::int32_t>::max()) fail("argsort", "rows that int32 can count", x.str());
  return {{DType::i32, x}};
}

void run(const Call& call) {
  const Shape& x = call.view.in[0].shape;
  ArgsortArgs args;
  args.x = call.in[0], args.y = call.y<std::int32_t>(), args.dtype = call.view.in[0].dtype;
  args.count = x[x.rank() - 1], args.descending = call.attrs<Argsort>().descending;
  const double count = static_cast<double>(args.count);
  parallel_for(x.elements(0, x.rank() - 1), 10 + 3 * count * std::log2(count + 2),
               [&](Range range) { reference::argsort(args, range); });
}

Values no_gradient(Graph&, const Node&, const Values&) { return {Value{}}; }

}  // namespace

CC_DEFINE_OP(argsort,
             Define<Argsort>("positions along the last axis in the order of the elements, as int32; NaN is the largest")
                 .inputs({"x"})
                 .infer(infer)
                 .grad(no_gradient)
                 .impl(Device::cpu, "reference", run))

}  // namespace convcore
