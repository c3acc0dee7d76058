// Runs the tests whose name contains the first argument (all without one) and not the second; the exit status is 1 if any
// failed.
#include "check.h"

namespace check {

namespace {
int failures = 0;
}

std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}

void failed(const char* file, int line, const std::string& text) {
  ++failures;
  std::cerr << file << ":" << line << ": expected " << text << "\n";
}

}  // namespace check

int main(int argc, char** argv) {
  const std::string filter = argc > 1 ? argv[1] : "";
  const char* left_out = argc > 2 ? argv[2] : nullptr;
  int passed = 0, failed = 0, skipped = 0;
  for (const check::Test& test : check::tests()) {
    if (test.name.find(filter) == std::string::npos) continue;
    if (left_out != nullptr && test.name.find(left_out) != std::string::npos) {
      ++skipped;
      std::cout << "left out: " << test.name << "\n";
      continue;
    }
    const int before = check::failures;
    try {
      test.body();
    } catch (const std::exception& error) {
      check::failed(test.name.c_str(), 0, std::string("no exception, got: ") + error.what());
    }
    if (check::failures == before) {
      ++passed;
    } else {
      ++failed;
      std::cerr << "FAILED " << test.name << "\n";
    }
  }
  std::cout << passed << " passed, " << failed << " failed";
  if (skipped > 0) std::cout << ", " << skipped << " left out";
  std::cout << "\n";
  return failed == 0 ? 0 : 1;
}
