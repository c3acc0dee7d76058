// Reads the simplest image files; programs with more needs bring a decoder of their own.
#include "image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

#if defined(WITH_PNG)
#include <png.h>
#endif

namespace {

constexpr std::int64_t max_side = 1 << 16;

[[noreturn]] void refuse(const std::string& path, const char* expected) {
  throw std::runtime_error(path + ": expected " + expected);
}

std::int64_t header_number(std::istream& file, const std::string& path) {
  while (file >> std::ws && file.peek() == '#') file.ignore(1 << 20, '\n');
  std::int64_t number = 0;
  if (!(file >> number) || number < 1 || number > max_side) refuse(path, "sizes from 1 to 65536");
  return number;
}

Image read_netpbm(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char kind[2] = {};
  file.read(kind, 2);
  if (!file || kind[0] != 'P' || (kind[1] != '5' && kind[1] != '6')) refuse(path, "a binary PGM (P5), PPM (P6) or PNG file");
  Image image;
  image.channels = kind[1] == '6' ? 3 : 1;
  image.width = header_number(file, path);
  image.height = header_number(file, path);
  const auto largest = static_cast<float>(header_number(file, path));
  if (largest > 255) refuse(path, "8 bits a channel");
  file.get();
  std::vector<unsigned char> bytes(static_cast<std::size_t>(image.height * image.width * image.channels));
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    refuse(path, "as many pixels as its header says");
  for (const unsigned char byte : bytes) image.pixels.push_back(static_cast<float>(byte) * 255 / largest);
  return image;
}

#if defined(WITH_PNG)
Image read_png(const std::string& path) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&png, path.c_str()) == 0) refuse(path, png.message);
  const bool color = (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
  png.format = color ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  if (png.width > max_side || png.height > max_side) refuse(path, "sizes up to 65536");
  std::vector<unsigned char> bytes(PNG_IMAGE_SIZE(png));
  if (png_image_finish_read(&png, nullptr, bytes.data(), 0, nullptr) == 0) refuse(path, png.message);
  return {png.height, png.width, color ? 3 : 1, {bytes.begin(), bytes.end()}};
}
#endif

float gray(const float* rgb) { return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2]; }

// One bilinear sample along an axis: two neighbours and the weight of the second.
struct Tap {
  std::int64_t first, second;
  float weight;
};

Tap tap(std::int64_t i, std::int64_t from, std::int64_t to) {
  const float at = (static_cast<float>(i) + 0.5f) * static_cast<float>(from) / static_cast<float>(to) - 0.5f;
  const float inside = std::clamp(at, 0.0f, static_cast<float>(from - 1));
  const auto first = static_cast<std::int64_t>(inside);
  return {first, std::min(first + 1, from - 1), inside - static_cast<float>(first)};
}

}  // namespace

Image read_image(const std::string& path) {
#if defined(WITH_PNG)
  if (path.ends_with(".png")) return read_png(path);
#endif
  return read_netpbm(path);
}

Image fitted(const Image& image, std::int64_t height, std::int64_t width, std::int64_t channels) {
  if (channels != 1 && channels != 3) throw std::runtime_error("expected a model for images of 1 or 3 channels");
  Image made{height, width, channels, {}};
  for (std::int64_t y = 0; y < height; ++y) {
    const Tap v = tap(y, image.height, height);
    for (std::int64_t x = 0; x < width; ++x) {
      const Tap h = tap(x, image.width, width);
      float pixel[3] = {};
      for (std::int64_t c = 0; c < image.channels; ++c) {
        const auto at = [&](std::int64_t row, std::int64_t column) {
          return image.pixels[static_cast<std::size_t>((row * image.width + column) * image.channels + c)];
        };
        const float top = std::lerp(at(v.first, h.first), at(v.first, h.second), h.weight);
        const float bottom = std::lerp(at(v.second, h.first), at(v.second, h.second), h.weight);
        pixel[c] = std::lerp(top, bottom, v.weight);
      }
      if (image.channels == 1) pixel[1] = pixel[2] = pixel[0];
      if (channels == 1 && image.channels == 3) pixel[0] = gray(pixel);
      made.pixels.insert(made.pixels.end(), pixel, pixel + channels);
    }
  }
  return made;
}
