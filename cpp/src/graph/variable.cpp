// Variables own their bytes for as long as any graph, plan or array looks at them.
#include "graph/variable.h"

#include "base/error.h"

namespace convcore {

namespace {

std::size_t bytes_of(const Type& type, const std::string& name) {
  if (!type.shape.known()) fail(cat("variable \"", name, '"'), "a shape with known dimensions", type.shape.str());
  return static_cast<std::size_t>(type.bytes());
}

}  // namespace

Variable::Variable(Type type, std::string name)
    : type_(std::move(type)), name_(std::move(name)), buffer_(bytes_of(type_, name_)) {}

}  // namespace convcore
