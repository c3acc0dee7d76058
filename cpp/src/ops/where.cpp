// Choosing between two tensors, and between a tensor and its limits.
#include <limits>

#include "base/error.h"
#include "ops/build.h"
#include "ops/elementwise.h"

namespace convcore {

namespace {

Values where_grad(Graph& g, const Node& n, const Values& dy) {
  const Value condition = n.in[0], zero = build::scalar(g, 0, dy[0]);
  return {Value{}, build::sum_to_shape(g, build::where(g, condition, dy[0], zero), n.in[1]),
          build::sum_to_shape(g, build::where(g, condition, zero, dy[0]), n.in[2])};
}

struct Clip {
  double min = -std::numeric_limits<double>::infinity(), max = std::numeric_limits<double>::infinity();
  void fields(auto&& f) { f("min", min), f("max", max); }
};

Types clip_infer(const Attrs& attrs, const Types& in) {
  const Clip& a = attrs.as<Clip>();
  if (!(a.min <= a.max)) fail("clip", "min <= max", cat("min=", a.min, ", max=", a.max));
  return infer_scalar_function(Opcode::clip, in);
}

Doubles clip_immediates(const Attrs& attrs) { return {attrs.as<Clip>().min, attrs.as<Clip>().max}; }

// Nothing flows where a limit was reached, also exactly at it. From the output: the input need not be kept.
Values clip_grad(Graph& g, const Node& n, const Values& dy) {
  const Clip& a = n.attrs.as<Clip>();
  const Value y = n.out[0];
  const Value above = g.emit1("greater", {y, build::scalar(g, a.min, y)});
  const Value below = g.emit1("less", {y, build::scalar(g, a.max, y)});
  return {build::where(g, g.emit1("logical_and", {above, below}), dy[0], build::scalar(g, 0, y))};
}

}  // namespace

CC_DEFINE_OP(where, Define<>("a where condition holds, else b")
                        .inputs({"condition", "a", "b"})
                        .infer(infer_elementwise<Opcode::where>)
                        .grad(where_grad)
                        .elementwise()
                        .CC_ELEMENTWISE_IMPLEMENTATIONS)

CC_DEFINE_OP(clip, Define<Clip>("x limited to [min, max]; the gradient at the limits is 0")
                       .inputs({"x"})
                       .infer(clip_infer)
                       .grad(clip_grad)
                       .elementwise(clip_immediates)
                       .CC_ELEMENTWISE_IMPLEMENTATIONS)

}  // namespace convcore
