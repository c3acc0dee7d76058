// A recursive-descent reader with a bounded depth, and the few pieces that writing needs.
#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <locale>

#include "base/error.h"

namespace convcore {

namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Json document() {
    Json value = parse(0);
    skip_space();
    if (at_ != text_.size()) refuse("the end of the text");
    return value;
  }

 private:
  [[noreturn]] void refuse(std::string_view expected) const {
    const std::string received = at_ < text_.size() ? cat("byte ", static_cast<int>(static_cast<unsigned char>(text_[at_])))
                                                    : std::string("the end of the text");
    throw ModelFormatError(cat(where_, ": byte ", at_, ": expected ", expected, ", received ", received));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  void word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) refuse("a JSON value");
    at_ += expected.size();
  }

  Json parse(int depth) {
    if (depth > Json::max_depth) refuse(cat("at most ", Json::max_depth, " levels"));
    skip_space();
    switch (peek()) {
      case '{': return {object(depth)};
      case '[': return {array(depth)};
      case '"': return {string()};
      case 't': return word("true"), Json{true};
      case 'f': return word("false"), Json{false};
      case 'n': return word("null"), Json{nullptr};
      default: return number();
    }
  }

  Json::Object object(int depth) {
    Json::Object members;
    ++at_;
    skip_space();
    if (take('}')) return members;
    do {
      skip_space();
      if (peek() != '"') refuse("a key in quotes");
      std::string key = string();
      skip_space();
      if (!take(':')) refuse("\":\"");
      members.emplace_back(std::move(key), parse(depth + 1));
      skip_space();
    } while (take(','));
    if (!take('}')) refuse("\",\" or \"}\"");
    refuse_doubles(members);
    return members;
  }

  void refuse_doubles(const Json::Object& members) const {
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : members) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end())
      throw ModelFormatError(cat(where_, ": expected every key once, received ", json_quoted(*twice), " twice"));
  }

  Json::Array array(int depth) {
    Json::Array items;
    ++at_;
    skip_space();
    if (take(']')) return items;
    do {
      items.push_back(parse(depth + 1));
      skip_space();
    } while (take(','));
    if (!take(']')) refuse("\",\" or \"]\"");
    return items;
  }

  static bool digit(char c) { return c >= '0' && c <= '9'; }
  void digits() {
    if (!digit(peek())) refuse("a digit");
    while (digit(peek())) ++at_;
  }

  Json number() {
    const std::size_t begin = at_;
    bool integer = true;
    take('-');
    if (!digit(peek())) refuse("a JSON value");
    if (!take('0')) digits();
    if (take('.')) integer = false, digits();
    if (peek() == 'e' || peek() == 'E') {
      integer = false, ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    const char *first = text_.data() + begin, *last = text_.data() + at_;
    std::int64_t whole = 0;
    if (integer && std::from_chars(first, last, whole).ec == std::errc()) return {whole};
    double value = 0;
    if (std::from_chars(first, last, value).ec == std::errc::result_out_of_range) value = beyond_range({first, last});
    return {value};
  }

  // What from_chars does not tell: infinity or zero, with the sign of the number. strtod would, but asks the locale.
  static double beyond_range(std::string_view number) {
    std::istringstream text{std::string(number)};
    text.imbue(std::locale::classic());
    double value = 0;
    text >> value;  // the largest number, or one next to zero
    return std::copysign(std::fabs(value) > 1 ? HUGE_VAL : 0.0, number.front() == '-' ? -1.0 : 1.0);
  }

  std::string string() {
    std::string made;
    ++at_;
    while (true) {
      if (at_ >= text_.size()) refuse("a closing quote");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') return ++at_, made;
      if (c < 0x20) refuse("no control character in a string");
      if (c == '\\') {
        escape(made);
      } else if (c < 0x80) {
        made += text_[at_++];
      } else {
        utf8(made);
      }
    }
  }

  void escape(std::string& made) {
    static constexpr std::string_view names = "\"\\/bfnrt", meaning = "\"\\/\b\f\n\r\t";
    ++at_;
    if (take('u')) return append(made, unit());
    const std::size_t found = at_ < text_.size() ? names.find(text_[at_]) : std::string_view::npos;
    if (found == std::string_view::npos) refuse("an escape sequence");
    made += meaning[found], ++at_;
  }

  std::uint32_t four_digits() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      if (digit(c)) {
        code = code * 16 + static_cast<std::uint32_t>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        code = code * 16 + static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
      } else {
        refuse("four hexadecimal digits");
      }
    }
    return code;
  }

  // One code point, which may take two \u escapes.
  std::uint32_t unit() {
    const std::uint32_t high = four_digits();
    if (high < 0xD800 || high > 0xDFFF) return high;
    if (high > 0xDBFF || !take('\\') || !take('u')) refuse("a pair of surrogates");
    const std::uint32_t low = four_digits();
    if (low < 0xDC00 || low > 0xDFFF) refuse("a pair of surrogates");
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  static void append(std::string& made, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { made += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 63));
    if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
  }

  void utf8(std::string& made) {
    const auto lead = static_cast<unsigned char>(text_[at_]);
    const int more = lead >= 0xC2 && lead <= 0xDF   ? 1
                     : lead >= 0xE0 && lead <= 0xEF ? 2
                     : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                    : 0;
    if (more == 0 || at_ + static_cast<std::size_t>(more) >= text_.size()) refuse("UTF-8");
    std::uint32_t code = lead & (0x3F >> more);
    for (int i = 1; i <= more; ++i) {
      const auto c = static_cast<unsigned char>(text_[at_ + static_cast<std::size_t>(i)]);
      if ((c & 0xC0) != 0x80) refuse("UTF-8");
      code = code << 6 | (c & 0x3F);
    }
    const std::uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) refuse("UTF-8");
    made.append(text_.substr(at_, static_cast<std::size_t>(more) + 1));
    at_ += static_cast<std::size_t>(more) + 1;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
};

std::string kind(const Json& json) {
  static constexpr const char* names[] = {"null",     "a boolean", "an integer", "a number",
                                          "a string", "an array",  "an object"};
  if (const auto* text = std::get_if<std::string>(&json.value)) return json_quoted(std::string_view(*text).substr(0, 60));
  if (const auto* whole = std::get_if<std::int64_t>(&json.value)) return std::to_string(*whole);
  return names[json.value.index()];
}

}  // namespace

Json Json::parse(std::string_view text, const std::string& where) { return Parser(text, where).document(); }

void JsonView::refuse(std::string_view expected) const {
  throw ModelFormatError(cat(where_, ": expected ", expected, ", received ", kind(*json_)));
}

const Json::Object& JsonView::object() const {
  const auto* members = std::get_if<Json::Object>(&json_->value);
  if (members == nullptr) refuse("an object");
  return *members;
}

const Json::Array& JsonView::array() const {
  const auto* items = std::get_if<Json::Array>(&json_->value);
  if (items == nullptr) refuse("an array");
  return *items;
}

bool JsonView::has(std::string_view key) const {
  return std::any_of(object().begin(), object().end(), [&](const auto& member) { return member.first == key; });
}

JsonView JsonView::operator[](std::string_view key) const {
  for (const auto& [name, value] : object())
    if (name == key) return {value, cat(where_, ".", key)};
  throw ModelFormatError(cat(where_, ": expected the key ", json_quoted(key), ", received an object without it"));
}

JsonView JsonView::operator[](std::size_t index) const { return {array().at(index), cat(where_, "[", index, "]")}; }
std::size_t JsonView::size() const { return array().size(); }

std::vector<std::pair<std::string, JsonView>> JsonView::members() const {
  std::vector<std::pair<std::string, JsonView>> made;
  for (const auto& [name, value] : object()) made.emplace_back(name, JsonView(value, cat(where_, ".", name)));
  return made;
}

const std::string& JsonView::string() const {
  const auto* text = std::get_if<std::string>(&json_->value);
  if (text == nullptr) refuse("a string");
  return *text;
}

std::int64_t JsonView::integer() const {
  const auto* whole = std::get_if<std::int64_t>(&json_->value);
  if (whole == nullptr) refuse("an integer");
  return *whole;
}

double JsonView::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&json_->value)) return static_cast<double>(*whole);
  const auto* value = std::get_if<double>(&json_->value);
  if (value == nullptr) refuse("a number");
  return *value;
}

void JsonView::expect_only(std::initializer_list<std::string_view> keys) const {
  for (const auto& [name, value] : object())
    if (std::find(keys.begin(), keys.end(), name) == keys.end())
      throw ModelFormatError(cat(where_, ": expected only known keys, received ", json_quoted(name),
                                 ". The file may come from a newer convcore."));
}

std::string json_quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      made += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      made += escape;
    } else {
      made += c;
    }
  }
  return made + '"';
}

std::string json_number(double value) {
  if (std::isnan(value)) fail("JSON", "a number", "NaN");
  if (std::isinf(value)) return value > 0 ? "1e999" : "-1e999";
  char text[32];
  std::string made(text, std::to_chars(text, text + sizeof text, value).ptr);
  if (made.find_first_of(".e") == std::string::npos) made += ".0";
  return made;
}

}  // namespace convcore
