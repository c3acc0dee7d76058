// Sliding windows: what convolution and pooling share of their attributes and shape rule.
#pragma once

#include <cstdint>
#include <string_view>

#include "graph/attrs.h"

namespace convcore {

enum class Padding : std::uint8_t { valid, same, causal };

inline const char* const* enum_words(Padding*) {
  static constexpr const char* words[] = {"valid", "same", "causal", nullptr};
  return words;
}

enum class DataFormat : std::uint8_t { channels_last, channels_first };

inline const char* const* enum_words(DataFormat*) {
  static constexpr const char* words[] = {"channels_last", "channels_first", nullptr};
  return words;
}

// One spatial axis: how many windows, and how many zeros stand before the first element.
struct WindowAxis {
  std::int64_t out = 0, pad = 0;
};

// Unknown `in` gives unknown `out`. Throws Error naming `where` if a valid window is larger than the axis.
WindowAxis window_axis(std::string_view where, std::int64_t in, std::int64_t k, std::int64_t stride, std::int64_t dilation,
                       Padding padding);

// `given`, or `rank` times `standard` if it is empty. Throws Error unless it then has `rank` entries, all >= 1.
Ints window_sizes(std::string_view where, std::string_view attr, const Ints& given, int rank, std::int64_t standard);

// What stands around the input: `given`, low and high for each of `rank` axes, or 2*rank zeros if it is empty. Throws Error
// unless it then has 2*rank entries, all >= 0.
Ints window_border(std::string_view where, const Ints& given, int rank);
// `size` with the border of that axis; unknown stays so.
std::int64_t bordered(std::int64_t size, const Ints& border, std::size_t axis);

}  // namespace convcore
