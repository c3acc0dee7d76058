// Images as arrays, for the example programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct Image {
  std::int64_t height = 0, width = 0, channels = 0;
  std::vector<float> pixels;  // (height, width, channels), 0 to 255
};

// A binary PGM or PPM file; PNG too where the programs were built with libpng. Throws std::runtime_error.
Image read_image(const std::string& path);

// Bilinear, with pixel centres at halves; gray becomes RGB and RGB becomes gray (Rec. 601) where `channels` asks for it.
Image fitted(const Image& image, std::int64_t height, std::int64_t width, std::int64_t channels);
