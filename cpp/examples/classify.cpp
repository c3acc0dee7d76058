// classify MODEL IMAGE [SCALE] [LABELS]: the five most probable classes of an image.
//
// SCALE multiplies the pixels (0 to 255) before they go in: 0.00392157 for a model trained on [0, 1].
#include <convcore/convcore.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>

#include "image.h"

namespace {

std::vector<std::string> read_lines(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void classify(int argc, char** argv) {
  const auto model = convcore::Model::load(argv[1]);
  const std::vector<std::int64_t>& shape = model.inputs().at(0).shape;  // (batch, height, width, channels)
  if (shape.size() != 4) throw std::runtime_error("expected a model whose input is an image");
  const Image given = read_image(argv[2]);
  Image image = fitted(given, shape[1] > 0 ? shape[1] : given.height, shape[2] > 0 ? shape[2] : given.width, shape[3]);
  const float scale = argc > 3 ? std::strtof(argv[3], nullptr) : 1;
  for (float& pixel : image.pixels) pixel *= scale;

  const convcore::Tensor scores = model.predict({image.pixels.data(), {1, image.height, image.width, image.channels}});
  const auto values = scores.values<float>();
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, order.size()));
  std::partial_sort(order.begin(), last, order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  const std::vector<std::string> labels = argc > 4 ? read_lines(argv[4]) : std::vector<std::string>();
  for (auto i = order.begin(); i != last; ++i)
    std::printf("%-20s %.4f\n", *i < labels.size() ? labels[*i].c_str() : std::to_string(*i).c_str(),
                static_cast<double>(values[*i]));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: classify MODEL IMAGE [SCALE] [LABELS]\n"), 2;
  try {
    classify(argc, argv);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "classify: %s\n", error.what()), 1;
  }
}
