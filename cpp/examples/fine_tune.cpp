// fine_tune MODEL IMAGES LABELS OUTPUT [EPOCHS] [STEPS]: goes on training an export on MNIST's IDX files.
//
// MODEL is written by model.export(path, training=True) for images (28, 28, 1) in [0, 1] and class numbers as int32. OUTPUT
// is a file of the same kind; Python reads its weights with model.load_weights(OUTPUT). Batches of 128 in the order of the
// file; STEPS ends the training early.
#include <convcore/convcore.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr std::size_t batch = 128;

// The payload of an IDX file: a header of 4 bytes and one big-endian size per dimension, then bytes.
std::vector<unsigned char> read_idx(const std::string& path, std::vector<std::size_t>& sizes) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 || bytes.size() < 4 + 4u * bytes[3])
    throw std::runtime_error(path + ": expected an IDX file of bytes");
  std::size_t total = 1;
  for (std::size_t d = 0; d < bytes[3]; ++d) {
    const unsigned char* size = bytes.data() + 4 + 4 * d;
    sizes.push_back(static_cast<std::size_t>(size[0]) << 24 | static_cast<std::size_t>(size[1]) << 16 |
                    static_cast<std::size_t>(size[2]) << 8 | size[3]);
    total *= sizes.back();
  }
  const std::size_t header = 4 + 4 * sizes.size();
  if (bytes.size() != header + total) throw std::runtime_error(path + ": expected as many bytes as its header says");
  return {bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end()};
}

void fine_tune(int argc, char** argv) {
  auto model = convcore::Model::load(argv[1]);
  std::vector<std::size_t> image_sizes, label_sizes;
  const std::vector<unsigned char> pixels = read_idx(argv[2], image_sizes), classes = read_idx(argv[3], label_sizes);
  if (image_sizes.size() != 3 || image_sizes[1] != 28 || image_sizes[2] != 28 || label_sizes.at(0) != image_sizes[0])
    throw std::runtime_error("expected images of 28x28 and as many labels");
  const std::vector<std::int32_t> labels(classes.begin(), classes.end());
  std::vector<float> images(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) images[i] = static_cast<float>(pixels[i]) / 255;

  const int epochs = argc > 5 ? std::atoi(argv[5]) : 1;
  long steps = argc > 6 ? std::atol(argv[6]) : -1;
  for (int epoch = 0; epoch < epochs && steps != 0; ++epoch) {
    std::map<std::string, double> logs;
    model.reset_metrics();
    for (std::size_t first = 0; first < labels.size() && steps != 0; first += batch, --steps) {
      const auto count = static_cast<std::int64_t>(std::min(batch, labels.size() - first));
      logs = model.train_step({images.data() + first * 784, {count, 28, 28, 1}}, {labels.data() + first, {count}});
    }
    std::printf("epoch %d:", epoch + 1);
    for (const auto& [name, value] : logs) std::printf(" %s %.4f", name.c_str(), value);
    std::printf("\n");
  }
  model.save(argv[4]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return std::fprintf(stderr, "usage: fine_tune MODEL IMAGES LABELS OUTPUT [EPOCHS] [STEPS]\n"), 2;
  try {
    fine_tune(argc, argv);
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "fine_tune: %s\n", error.what()), 1;
  }
}
