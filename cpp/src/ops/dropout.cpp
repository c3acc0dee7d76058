// Dropout: kept elements are divided by 1 - rate. The mask is a pure function of the state and the element's index, so
// nothing is remembered for the gradient, which is dropout of dy with the same state.
#include <memory>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "ops/program.h"
#include "ops/random.h"

namespace convcore {

namespace {

struct Dropout {
  double rate = 0.5;
  Ints noise_shape;  // none: one decision per element; 1: shared along that axis; -1: the size of x
  void fields(auto&& f) { f("rate", rate), f("noise_shape", noise_shape); }
};

double scale_of(const Dropout& a) { return a.rate < 1 ? 1 / (1 - a.rate) : 0; }

// The shape of the decisions.
Shape noise_of(const Dropout& a, const Shape& x) {
  Shape noise = x;
  for (int axis = 0; axis < x.rank() && !a.noise_shape.empty(); ++axis)
    if (a.noise_shape[static_cast<std::size_t>(axis)] == 1) noise[axis] = 1;
  return noise;
}

Types infer(const Attrs& attrs, const Types& in) {
  const Dropout& a = attrs.as<Dropout>();
  const Shape& x = in[0].shape;
  if (!is_float(in[0].dtype)) fail("dropout", "float32 or float64", name(in[0].dtype), "Cast first.");
  if (!(a.rate >= 0 && a.rate <= 1)) fail("dropout", "a rate in [0, 1]", cat(a.rate));
  check_state("dropout", in[1]);
  if (!a.noise_shape.empty() && static_cast<int>(a.noise_shape.size()) != x.rank())
    fail("dropout", cat("noise_shape with ", x.rank(), " entries"), str(AttrValue(a.noise_shape)));
  for (std::size_t i = 0; i < a.noise_shape.size(); ++i) {
    const std::int64_t size = a.noise_shape[i], own = x[static_cast<int>(i)];
    if (size != 1 && size != -1 && size != own && own != unknown)
      fail("dropout", "noise_shape entries of 1, -1 or the size of the axis", str(AttrValue(a.noise_shape)));
  }
  return {in[0]};
}

Values grad(Graph& g, const Node& n, const Values& dy) {
  return {g.emit_typed("dropout", {dy[0], n.in[1]}, n.attrs)[0], Value{}};
}

// Shared decisions are drawn into the workspace and then applied by an elementwise program.
struct Shared {
  std::int64_t decisions = 0;  // 0: none are shared
  std::shared_ptr<const CompiledProgram> apply;
};

Prepared prepare(const NodeView& node) {
  const Dropout& a = node.attrs<Dropout>();
  const Shape noise = noise_of(a, node.in[0].shape);
  auto shared = std::make_shared<Shared>();
  Prepared prepared;
  if (noise != node.in[0].shape) {
    shared->decisions = noise.elements();
    const float rate = static_cast<float>(a.rate), scale = static_cast<float>(scale_of(a));
    const Program program{2,
                          {{Opcode::greater_equal, {{1, 0}, {-1, rate}}},
                           {Opcode::multiply, {{0, 0}, {-1, scale}}},
                           {Opcode::where, {{2, 0}, {3, 0}, {-1, 0}}}},
                          {4}};
    shared->apply = compile_program(program, {node.in[0], {DType::f32, noise}}, {node.out[0]});
    prepared.workspace_bytes = static_cast<std::size_t>(shared->decisions) * sizeof(float);
  }
  prepared.state = std::move(shared);
  return prepared;
}

void simd(const Call& call) {
  const Dropout& a = call.attrs<Dropout>();
  const auto& shared = call.prepared<Shared>();
  const std::uint32_t* state = call.x<std::uint32_t>(1);
  if (shared.decisions == 0) {
    RandomArgs args = random_args(Distribution::dropout, state, a.rate, scale_of(a));
    args.x = call.in[0], args.y = call.out[0], args.size = call.view.in[0].shape.elements();
    return run_random(args, kernels().random, 0.5);
  }
  RandomArgs noise = random_args(Distribution::uniform, state, 0, 1);
  noise.y = call.workspace, noise.size = shared.decisions;
  run_random(noise, kernels().random, 0.5);
  const void* const in[] = {call.in[0], call.workspace};
  const ElementwiseLayout& layout = shared.apply->layout;
  const ElementwiseArgs apply{&layout, in, call.out.data()};
  parallel_for((layout.size + layout.block - 1) / layout.block, shared.apply->nanoseconds_per_block,
               [&](Range blocks) { kernels().elementwise(apply, blocks); });
}

template <class T>
void by_reference_of(const Call& call) {
  const Dropout& a = call.attrs<Dropout>();
  const Shape& shape = call.view.in[0].shape;
  const Shape noise = noise_of(a, shape);
  const std::uint32_t* state = call.x<std::uint32_t>(1);
  const float rate = static_cast<float>(a.rate);
  const T scale = static_cast<T>(scale_of(a));
  parallel_for(shape.elements(), 40, [&](Range range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      std::int64_t decision = 0, stride = 1, rest = i;
      for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        if (noise[axis] != 1) decision += rest % shape[axis] * stride;
        rest /= shape[axis], stride *= noise[axis];
      }
      const bool kept = reference::uniform_at(state[0], state[1], decision) >= rate;
      call.y<T>()[i] = kept ? call.x<T>(0)[i] * scale : T{0};
    }
  });
}

void by_reference(const Call& call) {
  call.view.in[0].dtype == DType::f32 ? by_reference_of<float>(call) : by_reference_of<double>(call);
}

Refusal simd_refuses(const NodeView& node) { return node.in[0].dtype == DType::f32 ? accept : refuse("float32 only"); }

}  // namespace

CC_DEFINE_OP(dropout, Define<Dropout>("zeros with probability `rate`, other elements divided by 1 - rate")
                          .inputs({"x", "state"})
                          .infer(infer)
                          .grad(grad)
                          .in_place()
                          .impl(Device::cpu, "simd", simd, simd_refuses, prepare)
                          .impl(Device::cpu, "reference", by_reference))

}  // namespace convcore
