// What convcore throws.
#pragma once

#include <stdexcept>

#include "convcore/export.h"

namespace convcore {

// A refusal: "where: expected ..., received .... advice". In Python a ValueError with the same text.
class CONVCORE_API Error : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
  Error(const Error&) = default;
  ~Error() override;
};

// A file that is damaged, hostile, or not a model. In Python a ModelFormatError with the same text.
class CONVCORE_API ModelFormatError : public Error {
 public:
  using Error::Error;
  ModelFormatError(const ModelFormatError&) = default;
  ~ModelFormatError() override;
};

}  // namespace convcore
