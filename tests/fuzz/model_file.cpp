// Feeds damaged model files to the C interface: every one is either refused with a text or loaded, planned, run and called
// with damaged arguments, within a second, without a crash. Stand-alone it makes its own inputs from a seed; libFuzzer may
// drive it as well.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "c_calls.h"
#include "convcore/c_api.h"
#include "model_helpers.h"
#include "mutator.h"
#include "plan/plan.h"

namespace {

using convcore::fuzz::Bytes;

constexpr std::int64_t small_bytes = std::int64_t{1} << 22;

std::vector<convcore::Shape> small_shapes(const convcore::Graph& graph) {
  std::vector<convcore::Shape> shapes;
  for (const convcore::Value input : graph.inputs) {
    std::vector<std::int64_t> dims = graph.type(input).shape.dims();
    for (std::int64_t& dim : dims) dim = dim < 0 ? convcore::fuzz::open_size : dim;
    shapes.emplace_back(dims);
  }
  return shapes;
}

// Whether small inputs need little memory: damaged sizes may ask for all that the machine has.
bool small_enough(const convcore::Graph& graph) {
  const std::vector<convcore::Shape> shapes = small_shapes(graph);
  std::unique_ptr<convcore::Plan> plan;
  try {
    for (std::size_t i = 0; i < shapes.size(); ++i)
      if (convcore::Type{graph.type(graph.inputs[i]).dtype, shapes[i]}.bytes() > small_bytes) return false;
  } catch (const convcore::Error&) {
    return false;  // more than can be counted
  }
  try {
    plan = convcore::make_plan(graph, shapes);
  } catch (const convcore::Error&) {
    return true;  // refused for these sizes
  }
  for (const convcore::Type& type : plan->outputs)
    if (type.bytes() > small_bytes) return false;
  return plan->arena_bytes <= static_cast<std::size_t>(small_bytes);
}

bool small_enough(const Bytes& file) {
  const convcore::ModelFile model = convcore::read_model_file(file, "fuzzed");
  for (const auto& [name, named] : model.functions)
    if (!small_enough(named.graph)) return false;
  return true;
}

// Loads a file; if that works, makes right and wrong calls.
void feed(const Bytes& file, unsigned seed) {
  cc_model* model = nullptr;
  if (cc_model_load_bytes(file.data(), file.size(), &model) != CC_OK) {
    if (std::strlen(cc_last_error()) == 0) std::abort();
    return;
  }
  std::mt19937 random(seed);
  convcore::fuzz::CCalls calls(model, random);
  if (small_enough(file)) {
    calls.right();
    for (int i = 0; i < 4; ++i) calls.wrong();
  }
  cc_model_free(model);
}

}  // namespace

#if defined(CC_LIBFUZZER)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  feed({bytes, bytes + size}, static_cast<unsigned>(size));
  return 0;
}
#else
// Seconds that the file took. Exits where that is too long.
double timed(const Bytes& file, long i) {
  const std::clock_t begin = std::clock();  // of this process: others may hold it up
  feed(file, static_cast<unsigned>(i));
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  if (seconds <= 1) return seconds;
  std::printf("input %ld took %.1f s\n", i, seconds);
  std::exit(1);
}

// convcore_fuzz values [stride [first]]
long each_value(const Bytes& good, long stride, long first, double& slowest) {
  const convcore::fuzz::EachValue values(good);
  long inputs = 0;
  for (long i = first; i < static_cast<long>(values.count()); i += stride, ++inputs)
    slowest = std::max(slowest, timed(values.input(static_cast<std::size_t>(i)), i));
  return inputs;
}

// convcore_fuzz [inputs [seed [first]]]: those before the first are only made.
long at_random(const Bytes& good, long inputs, unsigned seed, long first, double& slowest) {
  convcore::fuzz::Mutator mutator(good, seed);
  for (long i = 0; i < inputs; ++i) {
    const Bytes file = mutator.next();
    if (i >= first) slowest = std::max(slowest, timed(file, i));
  }
  return inputs;
}

Bytes read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  if (!file || text.size() < 8) std::printf("%s: expected a model file\n", path), std::exit(1);
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

int main(int argc, char** argv) {
  const bool given = argc > 2 && std::string(argv[1]) == "--file";
  const Bytes good = given ? read(argv[2]) : convcore::write_model_file(convcore::check_model::small_model());
  if (given) argc -= 2, argv += 2;
  const auto number = [&](int i, long otherwise) { return argc > i ? std::atol(argv[i]) : otherwise; };
  double slowest = 0;
  const bool values = argc > 1 && std::string(argv[1]) == "values";
  const long inputs = values ? each_value(good, number(2, 1), number(3, 0), slowest)
                             : at_random(good, number(1, 10000), static_cast<unsigned>(number(2, 1)), number(3, 0), slowest);
  std::printf("%ld inputs passed, the slowest in %.4f s\n", inputs, slowest);
}
#endif
