// The one way to fail: every refusal says where, what was expected, what was received and, if it helps, what to do.
#pragma once

#include <locale>
#include <sstream>
#include <string>
#include <string_view>

#include "convcore/error.h"

namespace convcore {

// Text whose numbers look the same under every locale that the application has chosen: they end up in files.
class PlainText : public std::ostringstream {
 public:
  PlainText() { imbue(std::locale::classic()); }
};

// Joins its arguments into one string with operator<<.
template <class... Parts>
std::string cat(const Parts&... parts) {
  PlainText text;
  (text << ... << parts);
  return text.str();
}

// Throws Error("where: expected <expected>, received <received>. <advice>").
[[noreturn]] void fail(std::string_view where, std::string_view expected, std::string_view received,
                       std::string_view advice = {});

}  // namespace convcore
