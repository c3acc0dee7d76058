// Feeds damaged model files to the C interface: every one is either refused with a text or loaded, planned, run and called
// with damaged arguments, within a second, without a crash. Stand-alone it makes its own inputs from a seed; libFuzzer may
// drive it as well.
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "c_calls.h"
#include "convcore/c_api.h"
#include "model_helpers.h"
#include "plan/plan.h"

namespace {

using Bytes = std::vector<std::byte>;

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
    plan = convcore::make_plan(graph, shapes, convcore::Device::cpu);
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

// A file whose header is `text`, whatever it says.
Bytes with_header(const std::string& text, const Bytes& data) {
  Bytes file(8 + text.size() + data.size());
  const std::uint64_t length = text.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, text.data(), text.size());
  if (!data.empty()) std::memcpy(file.data() + 8 + text.size(), data.data(), data.size());
  return file;
}

class Mutator {
 public:
  Mutator(Bytes seed_file, unsigned seed) : random_(seed), seed_(std::move(seed_file)) {
    std::uint64_t length = 0;
    std::memcpy(&length, seed_.data(), 8);
    header_.assign(reinterpret_cast<const char*>(seed_.data()) + 8, length);
    data_.assign(seed_.begin() + 8 + static_cast<std::ptrdiff_t>(length), seed_.end());
  }

  Bytes next() {
    if (below(4) == 0) return flipped();
    std::string text = header_;
    for (std::size_t n = 1 + below(4); n > 0 && !text.empty(); --n) mutate(text);
    return with_header(text, data_);
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  Bytes flipped() {
    Bytes file = seed_;
    if (below(3) == 0) file.resize(below(file.size()));
    for (std::size_t n = below(6); n > 0 && !file.empty(); --n)
      file[below(file.size())] ^= static_cast<std::byte>(1u << below(8));
    return file;
  }

  void mutate(std::string& text) {
    static constexpr const char* words[] = {"null",
                                            "-1",
                                            "0",
                                            "1",
                                            "2",
                                            "7",
                                            "9223372036854775807",
                                            "4294967296",
                                            "1e999",
                                            "-1e999",
                                            "0.5",
                                            "[]",
                                            "{}",
                                            "\\\"conv\\\"",
                                            "\\\"dense\\\"",
                                            "\\\"reshape\\\"",
                                            "\\\"pad\\\"",
                                            "\\\"fused_elementwise\\\"",
                                            "\\\"slice\\\"",
                                            "\\\"take\\\"",
                                            "\\\"random_normal\\\"",
                                            "\\\"softmax\\\"",
                                            "\\\"strides\\\":[0]",
                                            "\\\"groups\\\":3",
                                            "\\\"program\\\":\\\"add 0 0\\\"",
                                            "\\\"float64\\\"",
                                            "\\\"bool\\\"",
                                            "\\\"int32\\\"",
                                            "true",
                                            "[1,2,3,4,5,6,7,8,9]",
                                            "\\\"axis\\\":-9"};
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = static_cast<char>(below(256)); break;
      case 1: text.erase(at, 1 + below(20)); break;
      case 2: text.insert(at, text.substr(below(text.size()), below(40))); break;
      case 3: text.insert(at, words[below(std::size(words))]); break;
      default: replace_token(text, at, words[below(std::size(words))]); break;
    }
  }

  // The number or word around a place becomes another one.
  static void replace_token(std::string& text, std::size_t at, const char* word) {
    const auto part = [&](std::size_t i) {
      return std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_' || text[i] == '.' || text[i] == '-';
    };
    std::size_t begin = at, end = at;
    while (begin > 0 && part(begin - 1)) --begin;
    while (end < text.size() && part(end)) ++end;
    text.replace(begin, end - begin, word);
  }

  std::mt19937 random_;
  Bytes seed_;
  std::string header_;
  Bytes data_;
};

}  // namespace

#if defined(CC_LIBFUZZER)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  feed({bytes, bytes + size}, static_cast<unsigned>(size));
  return 0;
}
#else
int main(int argc, char** argv) {
  const long inputs = argc > 1 ? std::atol(argv[1]) : 10000;
  Mutator mutator(convcore::write_model_file(convcore::check_model::small_model()),
                  argc > 2 ? static_cast<unsigned>(std::atol(argv[2])) : 1);
  const long first = argc > 3 ? std::atol(argv[3]) : 0;  // to see one again: the others before it are only made
  double slowest = 0;
  for (long i = 0; i < inputs; ++i) {
    const Bytes file = mutator.next();
    if (i < first) continue;
    const std::clock_t begin = std::clock();  // of this process: others may hold it up
    feed(file, static_cast<unsigned>(i));
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (seconds > slowest) slowest = seconds;
    if (seconds > 1) return std::printf("input %ld took %.1f s\n", i, seconds), 1;
  }
  std::printf("%ld inputs passed, the slowest in %.4f s\n", inputs, slowest);
}
#endif
