// The strict JSON reader: what RFC 8259 allows is read, everything else is refused with its place.
#include <cmath>
#include <limits>
#include <locale>

#include "base/error.h"
#include "base/json.h"
#include "check.h"

using namespace convcore;

namespace {

Json parse(std::string_view text) { return Json::parse(text, "t"); }

}  // namespace

TEST("json: values of every kind") {
  const Json json = parse(R"( {"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "x\n\"\u00e9\ud83d\ude00"}, "d": 0} )");
  const JsonView view(json, "t");
  CHECK_EQ(view["a"].size(), std::size_t{6});
  CHECK_EQ(view["a"][0].integer(), 1);
  CHECK_EQ(view["a"][1].number(), -2.5);
  CHECK_EQ(view["a"][2].number(), 1000.0);
  CHECK(view["a"][5].is_null());
  CHECK_EQ(view["b"]["c"].string(), std::string("x\n\"\xc3\xa9\xf0\x9f\x98\x80"));
  CHECK(view.has("d") && !view.has("e"));
  CHECK_EQ(view["d"].number(), 0.0);
}

TEST("json: numbers at the edges") {
  CHECK_EQ(JsonView(parse("9223372036854775807"), "t").integer(), std::numeric_limits<std::int64_t>::max());
  CHECK_EQ(JsonView(parse("-9223372036854775808"), "t").integer(), std::numeric_limits<std::int64_t>::min());
  CHECK_EQ(JsonView(parse("9223372036854775808"), "t").number(), 9223372036854775808.0);
  CHECK(std::isinf(JsonView(parse("1e999"), "t").number()));
  CHECK_EQ(JsonView(parse("1e-999"), "t").number(), 0.0);
  CHECK_EQ(JsonView(parse("-1.5e999"), "t").number(), -HUGE_VAL);
  const double nothing = JsonView(parse("-0.1e-9999"), "t").number();
  CHECK(nothing == 0 && std::signbit(nothing));
  for (const double value : {0.1, 1.0, -3.5e-7, 1e300, 123456789.25, static_cast<double>(0.1f), 5e-324})
    CHECK_EQ(JsonView(parse(json_number(value)), "t").number(), value);
  CHECK_EQ(json_number(INFINITY), std::string("1e999"));
  CHECK_THROWS(Error, "NaN", json_number(NAN));
}

TEST("json: what is not JSON is refused") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,",
                           "[1 2]",
                           "{\"a\" 1}",
                           "{a: 1}",
                           "tru",
                           "nul",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "1e",
                           "--1",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "1 2",
                           "[1,]",
                           "{\"a\":1,}",
                           "NaN",
                           "Infinity",
                           "'a'",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xe2\x82\""})
    CHECK_THROWS(ModelFormatError, "t: byte ", parse(text));
  CHECK_THROWS(ModelFormatError, "\"a\" twice", parse(R"({"a": 1, "b": 2, "a": 3})"));
  CHECK_THROWS(ModelFormatError, "levels", parse(std::string(100000, '[')));
}

TEST("json: wrong kinds are refused with their place") {
  const Json json = parse(R"({"a": [1, "x"], "b": 1.5})");
  const JsonView view(json, "file");
  CHECK_THROWS(ModelFormatError, "file.a[1]: expected an integer, received \"x\"", view["a"][1].integer());
  CHECK_THROWS(ModelFormatError, "file.b: expected an integer, received a number", view["b"].integer());
  CHECK_THROWS(ModelFormatError, "file: expected the key \"c\"", view["c"]);
  CHECK_THROWS(ModelFormatError, "file.b: expected an array", view["b"].size());
  CHECK_THROWS(ModelFormatError, "received \"b\"", view.expect_only({"a"}));
}

TEST("json: quoted text reads back") {
  const std::string text = std::string("a\"b\\c\n\t\x01") + "\xc3\xa9";
  const Json read = parse(json_quoted(text));
  CHECK_EQ(JsonView(read, "t").string(), text);
}

TEST("json: the application's locale does not reach files and messages") {
  struct Grouping : std::numpunct<char> {
    char do_thousands_sep() const override { return '.'; }
    char do_decimal_point() const override { return ','; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Grouping));
  const std::string text = cat(1234567, " ", 0.5), number = json_number(1234.5);
  const double read = JsonView(parse("1e999"), "t").number();
  std::locale::global(before);
  CHECK_EQ(text, std::string("1234567 0.5"));
  CHECK_EQ(number, std::string("1234.5"));
  CHECK(std::isinf(read));
}
