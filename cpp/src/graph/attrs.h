// Attributes of ops. An op's attribute struct lists its members once, in fields(); conversion from and to Python keywords
// and JSON, equality, printing and documentation all derive from that list.
//
//   struct Softmax {
//     std::int64_t axis = -1;
//     void fields(auto&& f) { f("axis", axis); }
//   };
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace convcore {

using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;
using AttrValue = std::variant<bool, std::int64_t, double, std::string, Ints, Doubles>;

struct NamedAttr {
  std::string name;
  AttrValue value;
  bool operator==(const NamedAttr&) const = default;
};
using AttrMap = std::vector<NamedAttr>;

std::string str(const AttrValue& value);  // JSON text of one value

// An enum is an attribute if it has `const char* const* enum_words(E*)`: its words in order, ending with nullptr.
template <class E>
concept AttrEnum = std::is_enum_v<E> && requires(E* e) { enum_words(e); };

namespace detail {

[[noreturn]] void bad_attr(std::string_view op, std::string_view attr, std::string_view expected, const AttrValue& got);
[[noreturn]] void unknown_attr(std::string_view op, std::string_view attr, const AttrMap& known);
int parse_enum(std::string_view op, std::string_view attr, const char* const* words, const AttrValue& got);

void read_attr(std::string_view op, std::string_view name, const AttrValue& from, bool& to);
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, std::int64_t& to);
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, double& to);
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, std::string& to);
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, Ints& to);
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, Doubles& to);
template <AttrEnum E>
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, E& to) {
  to = static_cast<E>(parse_enum(op, name, enum_words(static_cast<E*>(nullptr)), from));
}

template <class T>
AttrValue write_attr(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(enum_words(static_cast<T*>(nullptr))[static_cast<int>(value)]);
  } else {
    return AttrValue(value);
  }
}

}  // namespace detail

struct NoAttrs {
  void fields(auto&&) {}
};

// A typed, immutable attribute struct behind one pointer.
class Attrs {
 public:
  Attrs() = default;
  template <class T>
  static Attrs of(T value) {
    Attrs attrs;
    attrs.type_ = &typeid(T);
    attrs.to_map_ = [](const void* p) {
      AttrMap map;
      T copy = *static_cast<const T*>(p);
      copy.fields([&](const char* name, auto& member) { map.push_back({name, detail::write_attr(member)}); });
      return map;
    };
    attrs.value_ = std::make_shared<const T>(std::move(value));
    return attrs;
  }
  // Reads `map` over T's defaults; throws Error on an unknown name or a value of the wrong kind.
  template <class T>
  static Attrs from_map(std::string_view op, const AttrMap& map) {
    T value;
    for (const NamedAttr& given : map) {
      bool found = false;
      value.fields([&](const char* name, auto& member) {
        if (given.name == name) found = true, detail::read_attr(op, given.name, given.value, member);
      });
      if (!found) detail::unknown_attr(op, given.name, of(T{}).to_map());
    }
    return of(std::move(value));
  }
  template <class T>
  const T& as() const {
    if (type_ == nullptr || *type_ != typeid(T)) fail("attrs", typeid(T).name(), type_ ? type_->name() : "none");
    return *static_cast<const T*>(value_.get());
  }
  AttrMap to_map() const { return value_ ? to_map_(value_.get()) : AttrMap{}; }
  std::string str() const;  // "strides=[2, 2], padding=\"same\""
  bool operator==(const Attrs& other) const { return value_ == other.value_ || to_map() == other.to_map(); }

 private:
  std::shared_ptr<const void> value_;
  const std::type_info* type_ = nullptr;
  AttrMap (*to_map_)(const void*) = nullptr;
};

}  // namespace convcore
