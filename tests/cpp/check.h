// The test harness: TEST("name") { CHECK(...); }, nothing else to install.
#pragma once

#include <cmath>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace check {

struct Test {
  std::string name;
  std::function<void()> body;
};
std::vector<Test>& tests();
void failed(const char* file, int line, const std::string& text);  // counts and prints; the test goes on

template <class A, class B>
void equal(const char* file, int line, const char* text, const A& a, const B& b) {
  if (a == b) return;
  std::ostringstream out;
  out << text << ": " << a << " against " << b;
  failed(file, line, out.str());
}

struct Register {
  Register(std::string name, std::function<void()> body) { tests().push_back({std::move(name), std::move(body)}); }
};

}  // namespace check

#define CC_JOIN2(A, B) A##B
#define CC_JOIN(A, B) CC_JOIN2(A, B)
#define TEST(NAME)                                                                           \
  static void CC_JOIN(test_, __LINE__)();                                                    \
  static const check::Register CC_JOIN(register_, __LINE__)(NAME, CC_JOIN(test_, __LINE__)); \
  static void CC_JOIN(test_, __LINE__)()

#define CHECK(CONDITION)                                             \
  do {                                                               \
    if (!(CONDITION)) check::failed(__FILE__, __LINE__, #CONDITION); \
  } while (false)

// Both sides are printed when they differ. A function, so that a temporary on either side lives until they are compared.
#define CHECK_EQ(A, B) check::equal(__FILE__, __LINE__, #A " == " #B, (A), (B))

// The expression must throw an exception of type E whose text contains PART.
#define CHECK_THROWS(E, PART, ...)                                                                                        \
  do {                                                                                                                    \
    bool check_thrown = false;                                                                                            \
    try {                                                                                                                 \
      (void)(__VA_ARGS__);                                                                                                \
    } catch (const E& check_error) {                                                                                      \
      check_thrown = true;                                                                                                \
      if (std::string(check_error.what()).find(PART) == std::string::npos)                                                \
        check::failed(__FILE__, __LINE__, std::string("the text contains \"") + PART + "\", got: " + check_error.what()); \
    }                                                                                                                     \
    if (!check_thrown) check::failed(__FILE__, __LINE__, "throws " #E ": " #__VA_ARGS__);                                 \
  } while (false)
