// Attributes: defaults, reading, refusing, printing and comparing.
#include "check.h"
#include "graph/attrs.h"

using namespace convcore;

namespace {

enum class Mode { valid, same };
const char* const* enum_words(Mode*) {
  static const char* const words[] = {"valid", "same", nullptr};
  return words;
}

struct Sample {
  bool flag = false;
  std::int64_t count = 3;
  double rate = 0.5;
  std::string label = "a";
  Ints sizes{2, 2};
  Doubles weights;
  Mode mode = Mode::valid;
  void fields(auto&& f) {
    f("flag", flag), f("count", count), f("rate", rate), f("label", label), f("sizes", sizes), f("weights", weights);
    f("mode", mode);
  }
};

Sample read(const AttrMap& map) { return Attrs::from_map<Sample>("sample", map).as<Sample>(); }

}  // namespace

TEST("attrs: names that are not given keep their defaults") {
  const Sample made = read({{"rate", 0.25}, {"mode", std::string("same")}});
  CHECK_EQ(made.rate, 0.25);
  CHECK_EQ(made.count, 3);
  CHECK(made.mode == Mode::same);
  CHECK(made.sizes == Ints({2, 2}));
}

TEST("attrs: an integer is a number, an empty list has either element type") {
  CHECK_EQ(read({{"rate", std::int64_t{2}}}).rate, 2.0);
  CHECK(read({{"sizes", Doubles{}}}).sizes.empty());
  CHECK(read({{"weights", Ints{1, 2}}}).weights == Doubles({1.0, 2.0}));
}

TEST("attrs: refusals name the op, the attribute and the value") {
  CHECK_THROWS(Error, "sample: expected attributes out of flag, count, rate, label, sizes, weights, mode, received \"siez\"",
               read({{"siez", true}}));
  CHECK_THROWS(Error, "sample: expected count to be an integer, received 1.5", read({{"count", 1.5}}));
  CHECK_THROWS(Error, "sample: expected flag to be true or false, received 1", read({{"flag", std::int64_t{1}}}));
  CHECK_THROWS(Error, "sample: expected mode to be one of \"valid\", \"same\", received \"full\"",
               read({{"mode", std::string("full")}}));
  CHECK_THROWS(Error, "sample: expected sizes to be a list of integers, received [0.5]", read({{"sizes", Doubles{0.5}}}));
  CHECK_THROWS(Error, "no attributes", Attrs::from_map<NoAttrs>("op", {{"x", true}}));
}

TEST("attrs: text is JSON, doubles read back as the same doubles") {
  CHECK_EQ(str(AttrValue(0.1)), "0.1");
  CHECK_EQ(str(AttrValue(2.0)), "2.0");
  CHECK_EQ(str(AttrValue(-1e300)), "-1e+300");
  CHECK_EQ(str(AttrValue(std::string("a\"\\\n"))), "\"a\\\"\\\\\\u000a\"");
  CHECK_EQ(str(AttrValue(Ints{1, -2})), "[1, -2]");
  CHECK_EQ(Attrs::of(Sample{}).str(),
           "flag=false, count=3, rate=0.5, label=\"a\", sizes=[2, 2], weights=[], mode=\"valid\"");
}

TEST("attrs: equal by value, typed access is checked") {
  CHECK(Attrs::of(Sample{}) == Attrs::from_map<Sample>("sample", {}));
  CHECK(!(Attrs::of(Sample{}) == Attrs::from_map<Sample>("sample", {{"count", std::int64_t{4}}})));
  CHECK_THROWS(Error, "attrs", Attrs::of(Sample{}).as<NoAttrs>());
}
