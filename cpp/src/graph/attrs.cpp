// Reading, printing and refusing attribute values; the typed structs themselves live with their ops.
#include "graph/attrs.h"

#include <cmath>

#include "base/json.h"

namespace convcore {

namespace {

// For people: NaN and infinities have names here, which JSON does not know.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return json_number(value);
}

std::string number(std::int64_t value) { return std::to_string(value); }

template <class T>
std::string list(const std::vector<T>& values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + number(values[i]);
  return text + ']';
}

struct Printer {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return number(value); }
  std::string operator()(double value) const { return number(value); }
  std::string operator()(const std::string& value) const { return json_quoted(value); }
  std::string operator()(const Ints& values) const { return list(values); }
  std::string operator()(const Doubles& values) const { return list(values); }
};

}  // namespace

std::string str(const AttrValue& value) { return std::visit(Printer{}, value); }

std::string Attrs::str() const {
  std::string text;
  for (const NamedAttr& attr : to_map()) text += (text.empty() ? "" : ", ") + attr.name + '=' + convcore::str(attr.value);
  return text;
}

namespace detail {

void bad_attr(std::string_view op, std::string_view attr, std::string_view expected, const AttrValue& got) {
  fail(op, cat(attr, " to be ", expected), str(got));
}

void unknown_attr(std::string_view op, std::string_view attr, const AttrMap& known) {
  std::string names;
  for (const NamedAttr& one : known) names += cat(names.empty() ? "" : ", ", one.name);
  fail(op, names.empty() ? "no attributes" : cat("attributes out of ", names), cat('"', attr, '"'));
}

int parse_enum(std::string_view op, std::string_view attr, const char* const* words, const AttrValue& got) {
  std::string known;
  const auto* word = std::get_if<std::string>(&got);
  for (int i = 0; words[i] != nullptr; ++i) {
    if (word != nullptr && *word == words[i]) return i;
    known += cat(i == 0 ? "\"" : ", \"", words[i], '"');
  }
  bad_attr(op, attr, cat("one of ", known), got);
}

void read_attr(std::string_view op, std::string_view name, const AttrValue& from, bool& to) {
  if (const auto* value = std::get_if<bool>(&from)) {
    to = *value;
  } else {
    bad_attr(op, name, "true or false", from);
  }
}

void read_attr(std::string_view op, std::string_view name, const AttrValue& from, std::int64_t& to) {
  if (const auto* value = std::get_if<std::int64_t>(&from)) {
    to = *value;
  } else {
    bad_attr(op, name, "an integer", from);
  }
}

void read_attr(std::string_view op, std::string_view name, const AttrValue& from, double& to) {
  if (const auto* value = std::get_if<double>(&from)) {
    to = *value;
  } else if (const auto* integer = std::get_if<std::int64_t>(&from)) {
    to = static_cast<double>(*integer);
  } else {
    bad_attr(op, name, "a number", from);
  }
}

void read_attr(std::string_view op, std::string_view name, const AttrValue& from, std::string& to) {
  if (const auto* value = std::get_if<std::string>(&from)) {
    to = *value;
  } else {
    bad_attr(op, name, "a string", from);
  }
}

// An empty list carries no element type, so either list type may stand for it.
void read_attr(std::string_view op, std::string_view name, const AttrValue& from, Ints& to) {
  if (const auto* values = std::get_if<Ints>(&from)) {
    to = *values;
  } else if (const auto* empty = std::get_if<Doubles>(&from); empty != nullptr && empty->empty()) {
    to.clear();
  } else {
    bad_attr(op, name, "a list of integers", from);
  }
}

void read_attr(std::string_view op, std::string_view name, const AttrValue& from, Doubles& to) {
  if (const auto* values = std::get_if<Doubles>(&from)) {
    to = *values;
  } else if (const auto* integers = std::get_if<Ints>(&from)) {
    to.assign(integers->begin(), integers->end());
  } else {
    bad_attr(op, name, "a list of numbers", from);
  }
}

}  // namespace detail

}  // namespace convcore
