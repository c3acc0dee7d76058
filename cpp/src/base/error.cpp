// One text form for every refusal, so that tests and people can rely on it.
#include "base/error.h"

namespace convcore {

// Out of line, so that the type's identity lives in the library alone.
Error::~Error() = default;
ModelFormatError::~ModelFormatError() = default;

void fail(std::string_view where, std::string_view expected, std::string_view received, std::string_view advice) {
  std::string text = cat(where, ": expected ", expected, ", received ", received);
  if (!advice.empty()) text += cat(". ", advice);
  throw Error(text);
}

}  // namespace convcore
