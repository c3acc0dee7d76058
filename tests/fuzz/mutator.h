// Damaged files out of a good one: at random places, or with every value of its header exchanged in turn.
#pragma once

#include <cctype>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace convcore::fuzz {

using Bytes = std::vector<std::byte>;

inline constexpr const char* words[] = {"null",
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
                                        "\\\"axis\\\":-9",
                                        "1e308",
                                        "-9223372036854775808",
                                        "1000000000000",
                                        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"};

struct Parts {
  std::string header;
  Bytes data;

  explicit Parts(const Bytes& file) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), 8);
    header.assign(reinterpret_cast<const char*>(file.data()) + 8, length);
    data.assign(file.begin() + 8 + static_cast<std::ptrdiff_t>(length), file.end());
  }
};

// A file whose header is `text`, whatever it says.
inline Bytes with_header(const std::string& text, const Bytes& data) {
  Bytes file(8 + text.size() + data.size());
  const std::uint64_t length = text.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, text.data(), text.size());
  if (!data.empty()) std::memcpy(file.data() + 8 + text.size(), data.data(), data.size());
  return file;
}

inline bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-'; }

class Mutator {
 public:
  Mutator(Bytes seed_file, unsigned seed) : random_(seed), seed_(std::move(seed_file)), parts_(seed_) {}

  Bytes next() {
    if (below(4) == 0) return flipped();
    std::string text = parts_.header;
    for (std::size_t n = 1 + below(4); n > 0 && !text.empty(); --n) mutate(text);
    return with_header(text, parts_.data);
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
    std::size_t begin = at, end = at;
    while (begin > 0 && in_word(text[begin - 1])) --begin;
    while (end < text.size() && in_word(text[end])) ++end;
    text.replace(begin, end - begin, word);
  }

  std::mt19937 random_;
  Bytes seed_;
  Parts parts_;
};

// Input i has one number, word or text of the header exchanged for one of `words`.
class EachValue {
 public:
  explicit EachValue(const Bytes& file) : parts_(file) {
    const std::string& text = parts_.header;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (!in_word(text[at])) continue;
      std::size_t begin = at, end = at;
      while (end < text.size() && in_word(text[end])) ++end;
      at = end;
      const std::string quote = "\\\"";
      if (begin >= 2 && text.compare(begin - 2, 2, quote) == 0 && text.compare(end, 2, quote) == 0) begin -= 2, end += 2;
      places_.emplace_back(begin, end - begin);
    }
  }

  std::size_t count() const { return places_.size() * std::size(words); }

  Bytes input(std::size_t i) const {
    const auto [begin, size] = places_[i / std::size(words)];
    std::string text = parts_.header;
    return with_header(text.replace(begin, size, words[i % std::size(words)]), parts_.data);
  }

 private:
  Parts parts_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

}  // namespace convcore::fuzz
