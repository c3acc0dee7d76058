// Loads the model files named by the arguments and computes their samples: the status tells whether all bits are Python's.
#include <convcore/convcore.h>

#include <cstdio>

int main(int argc, char** argv) {
  bool all = argc > 1;
  for (int i = 1; i < argc; ++i) {
    const convcore::Verification found = convcore::Model::load(argv[i]).verify();
    std::printf("%s %s: largest error %.1e%s\n", convcore::isa().c_str(), argv[i], found.max_error,
                found.bitwise ? ", bitwise" : "");
    all &= found.bitwise;
  }
  return all ? 0 : 1;
}
