// A program that carries its model: runs its stored sample and tells whether this machine computes what the writer's did.
#include <convcore/convcore.h>

#include <cstdio>

#include "model_bytes.h"

int main() {
  try {
    const auto model = convcore::Model::load(model_bytes, sizeof model_bytes);
    const convcore::Verification found = model.verify();
    std::printf("%s: largest error %.1e%s\n", found.ok ? "ok" : "WRONG", found.max_error, found.bitwise ? ", bitwise" : "");
    return found.ok ? 0 : 1;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "embed: %s\n", error.what()), 1;
  }
}
