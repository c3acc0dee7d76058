// Checks the caller's arrays against the graph, finds or makes the plan, runs it.
#include "runtime/function.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "base/buffer.h"
#include "base/pool.h"
#include "graph/variable.h"
#include "plan/choices.h"
#include "plan/plan.h"
#include "runtime/executor.h"
#include "runtime/plan_cache.h"
#include "runtime/profile.h"

namespace convcore {

namespace {

// CONVCORE_SLICE: predictions compute so many images at a time; unset or 0: what the sizes suggest. CONVCORE_BANDS: an image
// is cut into so many bands of rows; 0: into none; unset: what the sizes suggest.
PlanSettings plan_settings() {
  PlanSettings settings;
  if (const char* given = std::getenv("CONVCORE_SLICE")) settings.slice_images = std::max(std::atoll(given), 0LL);
  if (const char* given = std::getenv("CONVCORE_BANDS")) settings.bands = std::max(std::atoll(given), 0LL);
  return settings;
}

}  // namespace

struct Function::Impl {
  Graph graph;
  Types declared;             // of the inputs
  std::mutex planning_mutex;  // held while a plan is made, so that none is made twice
  std::mutex plans_mutex;     // of `plans`; taken after planning_mutex, and never for long
  PlanCache plans;
  std::mutex write_mutex;  // held by runs that write variables
  Pool<Buffer> arenas;     // as many as there were runs at once, each as large as the largest run in it

  explicit Impl(Graph g) : graph(std::move(g)) {
    for (const Value input : graph.inputs) declared.push_back(graph.type(input));
  }

  // run(arena) with an arena for the plan; runs that write variables one after the other.
  template <class Run>
  auto with_arena(const Executor& executor, Run&& run) {
    std::unique_lock writing(write_mutex, std::defer_lock);
    if (executor.writes_variables()) writing.lock();
    const auto arena = arenas.take([] { return std::make_unique<Buffer>(); });
    const std::size_t bytes = executor.plan().arena_bytes;
    if (arena->bytes() < bytes) {
      *arena = Buffer();  // the old one first: the peak is one arena
      *arena = Buffer(bytes);
    }
    return run(static_cast<std::byte*>(arena->data()));
  }

  bool fits(std::span<const ArrayView> inputs) const {
    if (inputs.size() != declared.size()) return false;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<std::int64_t>& dims = declared[i].shape.dims();
      if (inputs[i].dtype != declared[i].dtype || inputs[i].dims.size() != dims.size()) return false;
      for (std::size_t d = 0; d < dims.size(); ++d)
        if (dims[d] != unknown && dims[d] != inputs[i].dims[d]) return false;
    }
    return true;
  }

  void check(std::span<const ArrayView> inputs) const {
    if (fits(inputs)) return;
    if (inputs.size() != declared.size())
      fail("Function", cat(declared.size(), declared.size() == 1 ? " input" : " inputs"), std::to_string(inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Type given{inputs[i].dtype, Shape({inputs[i].dims.begin(), inputs[i].dims.end()})};
      if (!fits_one(i, given)) fail(input_name(i), declared[i].str(), given.str());
    }
  }

  bool fits_one(std::size_t i, const Type& given) const {
    if (given.dtype != declared[i].dtype || given.shape.rank() != declared[i].shape.rank()) return false;
    for (int d = 0; d < given.shape.rank(); ++d)
      if (declared[i].shape[d] != unknown && declared[i].shape[d] != given.shape[d]) return false;
    return true;
  }

  std::string input_name(std::size_t i) const {
    const std::string& name = graph.info(graph.inputs[i]).name;
    return name.empty() ? cat("input ", i) : cat("input ", i, " \"", name, "\"");
  }

  std::shared_ptr<Executor> find(std::span<const ArrayView> inputs) {
    const std::lock_guard lock(plans_mutex);
    return plans.find(inputs);
  }

  // Calls with shapes that are known do not wait for those that plan.
  std::shared_ptr<Executor> find_or_plan(std::span<const ArrayView> inputs) {
    if (std::shared_ptr<Executor> found = find(inputs)) return found;
    const std::lock_guard planning(planning_mutex);
    if (std::shared_ptr<Executor> found = find(inputs)) return found;
    std::vector<Shape> shapes;
    for (const ArrayView& input : inputs) shapes.push_back(Shape({input.dims.begin(), input.dims.end()}));
    const PlanSettings settings = plan_settings();
    const auto made = std::make_shared<Executor>(make_plan(graph, shapes, settings));
    const std::lock_guard lock(plans_mutex);
    plans.add(inputs, settings, made);
    return made;
  }

  std::shared_ptr<Executor> plan_for(const std::vector<Shape>& shapes) {
    std::vector<ArrayView> views;
    for (std::size_t i = 0; i < shapes.size(); ++i)
      views.push_back({i < declared.size() ? declared[i].dtype : DType::f32, shapes[i].dims(), nullptr});
    check(views);
    return find_or_plan(views);
  }
};

namespace {

std::vector<ArrayView> views_of(const std::vector<ConstTensor>& tensors) {
  std::vector<ArrayView> views;
  for (const ConstTensor& tensor : tensors) views.push_back({tensor.type.dtype, tensor.type.shape.dims(), tensor.data});
  return views;
}

}  // namespace

Function::Function(Graph graph) : impl_(std::make_unique<Impl>(std::move(graph))) {}
Function::Function(Function&&) noexcept = default;
Function::~Function() = default;

const Graph& Function::graph() const { return impl_->graph; }

std::shared_ptr<Executor> Function::prepare(std::span<const ArrayView> inputs) {
  impl_->check(inputs);
  return impl_->find_or_plan(inputs);
}

std::shared_ptr<Executor> Function::try_prepare(std::span<const ArrayView> inputs) {
  if (!impl_->fits(inputs)) return nullptr;
  const std::unique_lock lock(impl_->plans_mutex, std::try_to_lock);
  return lock.owns_lock() ? impl_->plans.find(inputs) : nullptr;
}

void Function::run(Executor& executor, const void* const* inputs, void* const* outputs) {
  impl_->with_arena(executor, [&](std::byte* arena) { executor.run(arena, inputs, outputs); });
}

Types Function::output_types(const std::vector<ConstTensor>& inputs) { return prepare(views_of(inputs))->plan().outputs; }

void Function::run(const std::vector<ConstTensor>& inputs, const std::vector<MutTensor>& outputs) {
  const std::shared_ptr<Executor> executor = prepare(views_of(inputs));
  const Types& types = executor->plan().outputs;
  if (outputs.size() != types.size()) fail("Function", cat(types.size(), " outputs"), std::to_string(outputs.size()));
  std::vector<const void*> from;
  std::vector<void*> to;
  for (const ConstTensor& input : inputs) from.push_back(input.data);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].type != types[i]) fail(cat("output ", i), types[i].str(), outputs[i].type.str());
    to.push_back(outputs[i].data);
  }
  run(*executor, from.data(), to.data());
}

std::string Function::explain(const std::vector<Shape>& input_shapes) {
  return convcore::explain(impl_->plan_for(input_shapes)->plan());
}

std::size_t Function::arena_bytes(const std::vector<Shape>& input_shapes) {
  return impl_->plan_for(input_shapes)->plan().arena_bytes;
}

FunctionMemory Function::memory(const std::vector<Shape>& input_shapes) {
  const std::shared_ptr<Executor> executor = impl_->plan_for(input_shapes);
  const Plan& plan = executor->plan();
  FunctionMemory found;
  for (const Type& type : plan.inputs) found.inputs += static_cast<std::size_t>(type.bytes());
  for (const Type& type : plan.outputs) found.outputs += static_cast<std::size_t>(type.bytes());
  for (const VariablePtr& variable : plan.variables) found.variables += static_cast<std::size_t>(variable->type().bytes());
  found.arena = plan.arena_bytes;
  found.packed = plan.kept_bytes + executor->packed_bytes();
  return found;
}

std::size_t Function::plan_count() const {
  const std::lock_guard lock(impl_->plans_mutex);
  return impl_->plans.size();
}

std::vector<StepProfile> Function::profile(std::span<const ArrayView> inputs, int repeats) {
  const std::shared_ptr<Executor> executor = prepare(inputs);
  return impl_->with_arena(*executor, [&](std::byte* arena) { return profile_steps(*executor, arena, inputs, repeats); });
}

std::vector<Measured> Function::measure_choices(std::span<const ArrayView> inputs) {
  return convcore::measure_choices(prepare(inputs)->plan(), Device::cpu);
}

double Function::seconds(std::span<const ArrayView> inputs, int repeats) {
  const std::shared_ptr<Executor> executor = prepare(inputs);
  return impl_->with_arena(*executor, [&](std::byte* arena) { return run_seconds(*executor, arena, inputs, repeats); });
}

}  // namespace convcore
