// Reads tests/cases/conv.txt.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/shape.h"
#include "graph/attrs.h"

namespace check {

struct ConvCase {
  std::string name, padding;
  convcore::Ints in, k, strides, dilation;
  std::int64_t n = 0, c = 0, f = 0, groups = 1;

  convcore::AttrMap attrs() const {
    return {{"strides", strides}, {"dilation_rate", dilation}, {"groups", groups}, {"padding", padding}};
  }
  convcore::Shape x_shape() const { return with_ends(n, in, c); }
  convcore::Shape kernel_shape() const {
    convcore::Ints dims = k;
    dims.push_back(c / groups), dims.push_back(f);
    return convcore::Shape(dims);
  }

 private:
  static convcore::Shape with_ends(std::int64_t first, const convcore::Ints& middle, std::int64_t last) {
    convcore::Ints dims = {first};
    dims.insert(dims.end(), middle.begin(), middle.end());
    dims.push_back(last);
    return convcore::Shape(dims);
  }
};

inline convcore::Ints parse_sizes(const std::string& word) {
  convcore::Ints sizes;
  std::istringstream text(word);
  for (std::string part; std::getline(text, part, 'x');) sizes.push_back(std::stoll(part));
  return sizes;
}

inline std::vector<ConvCase> read_conv_cases(const std::string& path) {
  std::ifstream file(path);
  if (!file) convcore::fail("cases", "a readable file", path);
  std::vector<ConvCase> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    ConvCase c;
    std::string in, k, strides, dilation;
    words >> c.name >> c.n >> in >> c.c >> c.f >> k >> strides >> dilation >> c.groups >> c.padding;
    if (!words) convcore::fail("cases", "ten words in a line", line);
    c.in = parse_sizes(in), c.k = parse_sizes(k), c.strides = parse_sizes(strides), c.dilation = parse_sizes(dilation);
    cases.push_back(c);
  }
  return cases;
}

}  // namespace check
