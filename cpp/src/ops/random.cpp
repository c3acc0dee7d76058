// Random tensors from a generator state. The state is not advanced here: a caller updates its counter.
#include "ops/random.h"

#include "base/error.h"
#include "kernels/dispatch.h"

namespace convcore {

void check_state(const char* where, const Type& state) {
  const Type wanted{DType::u32, {2}};
  if (state != wanted) fail(where, "a generator state [seed, counter], uint32 (2,)", state.str());
}

RandomArgs random_args(Distribution distribution, const std::uint32_t* state, double a, double b) {
  RandomArgs args;
  args.distribution = distribution;
  args.seed = state[0], args.counter = state[1];
  args.a = static_cast<float>(a), args.b = static_cast<float>(b);
  return args;
}

void run_random(const RandomArgs& args, void (*kernel)(const RandomArgs&, Range), double nanoseconds_per_element) {
  parallel_for((args.size + random_group - 1) / random_group, nanoseconds_per_element * random_group,
               [&](Range groups) { kernel(args, groups); });
}

namespace {

struct RandomUniform {
  Ints shape;
  double minval = 0, maxval = 1;
  void fields(auto&& f) { f("shape", shape), f("minval", minval), f("maxval", maxval); }
  double a() const { return minval; }
  double b() const { return maxval; }
};

struct RandomNormal {
  Ints shape;
  double mean = 0, stddev = 1;
  void fields(auto&& f) { f("shape", shape), f("mean", mean), f("stddev", stddev); }
  double a() const { return mean; }
  double b() const { return stddev; }
};

// Sizes of -1 are those that `like` has at the same axis.
template <class A>
Types infer(const Attrs& attrs, const Types& in) {
  check_state("random", in[0]);
  Shape shape{Ints(attrs.as<A>().shape)};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] != unknown) continue;
    if (in.size() < 2 || in[1].shape.rank() <= axis)
      fail("random", "a shape with known dimensions, or a tensor `like` that has the unknown ones", shape.str());
    shape[axis] = in[1].shape[axis];
  }
  return {{DType::f32, shape}};
}

template <class A>
void run(const Call& call, Distribution distribution, void (*kernel)(const RandomArgs&, Range), double nanoseconds) {
  const A& attrs = call.attrs<A>();
  RandomArgs args = random_args(distribution, call.x<std::uint32_t>(0), attrs.a(), attrs.b());
  args.y = call.out[0], args.size = call.view.out[0].shape.elements();
  run_random(args, kernel, nanoseconds);
}

}  // namespace

CC_DEFINE_OP(random_uniform,
             Define<RandomUniform>("uniform numbers in [minval, maxval) from a generator state")
                 .inputs({"state", "like?"})
                 .shape_only(0b10)
                 .infer(infer<RandomUniform>)
                 .impl(Device::cpu, "simd",
                       [](const Call& call) { run<RandomUniform>(call, Distribution::uniform, kernels().random, 0.5); })
                 .impl(Device::cpu, "reference",
                       [](const Call& call) { run<RandomUniform>(call, Distribution::uniform, reference::random, 20); }))

CC_DEFINE_OP(random_normal,
             Define<RandomNormal>("normally distributed numbers from a generator state")
                 .inputs({"state", "like?"})
                 .shape_only(0b10)
                 .infer(infer<RandomNormal>)
                 .impl(Device::cpu, "simd",
                       [](const Call& call) { run<RandomNormal>(call, Distribution::normal, kernels().random, 1.5); })
                 .impl(Device::cpu, "reference",
                       [](const Call& call) { run<RandomNormal>(call, Distribution::normal, reference::random, 60); }))

}  // namespace convcore
