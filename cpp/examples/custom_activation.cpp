// custom_activation MODEL: registers the activation "bent", which the file names, runs the file's sample, and trains three
// steps on numbers that Python can make, too.
#include <convcore/convcore.h>

#include <cstdio>
#include <vector>

#include "bent.h"

namespace {

std::vector<float> ramp(std::int64_t n) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(static_cast<float>(i % 9 - 4) / 4);
  return values;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: custom_activation MODEL\n"), 2;
  try {
    convcore::register_activation("bent", bent, bent_derivative);
    auto model = convcore::Model::load(argv[1]);
    const convcore::Verification found = model.verify();
    std::printf("%s\n", found.ok ? "ok" : "WRONG");
    const std::vector<float> x = ramp(8 * 6), y = ramp(8 * 2);
    for (int step = 0; step < 3; ++step) {
      model.reset_metrics();  // the loss of this step, not the mean over all
      std::printf("%.9g\n", model.train_step({x.data(), {8, 6}}, {y.data(), {8, 2}}).at("loss"));
    }
    return found.ok ? 0 : 1;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "custom_activation: %s\n", error.what()), 1;
  }
}
