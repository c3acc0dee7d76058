// JSON (RFC 8259), read strictly: what a model file says about itself passes through here and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace convcore {

// A value. Members of an object keep their order; a number without fraction and exponent that fits is an integer.
struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value = nullptr;

  // Throws ModelFormatError naming `where` and the byte: text after the value, a key twice, invalid UTF-8, lone
  // surrogates, control characters in strings, more than max_depth levels.
  static constexpr int max_depth = 32;
  static Json parse(std::string_view text, const std::string& where);
};

// A value together with its place in the file, so that a refusal can say both. Every accessor throws ModelFormatError where
// the value is of another kind.
class JsonView {
 public:
  JsonView(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {}

  const std::string& where() const { return where_; }
  const Json& json() const { return *json_; }
  bool has(std::string_view key) const;  // of an object
  JsonView operator[](std::string_view key) const;
  JsonView operator[](std::size_t index) const;                   // of an array; the index must be below size()
  std::size_t size() const;                                       // of an array
  std::vector<std::pair<std::string, JsonView>> members() const;  // of an object
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(json_->value); }
  const std::string& string() const;
  std::int64_t integer() const;
  double number() const;  // an integer is one too
  // Throws ModelFormatError if an object has other keys than these.
  void expect_only(std::initializer_list<std::string_view> keys) const;
  [[noreturn]] void refuse(std::string_view expected) const;

 private:
  const Json::Object& object() const;
  const Json::Array& array() const;

  const Json* json_;
  std::string where_;
};

std::string json_quoted(std::string_view text);  // with quotes and escapes
// The shortest text that reads back as the same double; infinities as 1e999 and -1e999, which read back as such. Throws
// Error for NaN, which JSON cannot hold.
std::string json_number(double value);

}  // namespace convcore
