// What providers and their impostors may send: nothing here may crash, hang or
// be read differently by two readers.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/text.h"
#include "support/seeded_random.h"
#include "support/status_matchers.h"

namespace enrich::json {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) absl::StrAppend(&out, text);
  return out;
}

MATCHER(IsRefused, "is refused") {
  *result_listener << arg.status();
  return arg.status().code() == absl::StatusCode::kInvalidArgument;
}

TEST(HostileJson, RefusesDeepNesting) {
  const int kMillion = 1000000;
  EXPECT_THAT(Document::Parse(Repeat("[", 200000)), IsRefused());
  EXPECT_THAT(Document::Parse(Repeat("[", kMillion) + Repeat("]", kMillion)),
              IsRefused());
  EXPECT_THAT(Document::Parse(Repeat(R"({"a":)", kMillion)), IsRefused());
  EXPECT_THAT(Document::Parse(Repeat(R"([{"a":)", kMillion)), IsRefused());
}

TEST(HostileJson, TakesTheGreatestDepthAndNoMore) {
  EXPECT_THAT(Document::Parse(Repeat("[", 32) + Repeat("]", 32)), IsOk());
  EXPECT_THAT(Document::Parse(Repeat("[", 33) + Repeat("]", 33)), IsRefused());
  EXPECT_THAT(Document::Parse("1", {.max_depth = 0}), IsOk());
  EXPECT_THAT(Document::Parse("[]", {.max_depth = 0}), IsRefused());
}

TEST(HostileJson, WritesAnyDepthThatWasAllowed) {
  const int kMillion = 1000000;
  const std::string text = Repeat("[", kMillion) + Repeat("]", kMillion);
  ASSERT_OK_AND_ASSIGN(const Document document,
                       Document::Parse(text, {.max_depth = kMillion}));
  EXPECT_EQ(document.root().ToJson(), text);
}

TEST(HostileJson, RefusesTextOverTheLimit) {
  EXPECT_THAT(Document::Parse("[1,2]", {.max_bytes = 5}), IsOk());
  EXPECT_THAT(Document::Parse("[1,2]", {.max_bytes = 4}), IsRefused());
}

// Each of these crashes RapidJSON 1.1.0 with default or full-precision flags.
TEST(HostileJson, SurvivesNumbersThatKillTheLibrary) {
  const std::string kNumbers[] = {
      "0.000000000000000000001e-2147483639",
      absl::StrCat("0.", std::string(350, '0'), "1"),
      absl::StrCat("0.", std::string(335, '0'), "1"),
      "1e-2147483648",
      "-0.1e-99999999999999999999",
      absl::StrCat("1", std::string(400, '0'), "e-400"),
      std::string(100000, '9'),
      absl::StrCat("0.", std::string(100000, '9')),
  };
  for (const std::string& number : kNumbers) {
    const absl::StatusOr<Document> document = Document::Parse(number);
    if (!document.ok()) continue;
    EXPECT_EQ(document->root().AsText(), number);
    EXPECT_EQ(document->root().AsInt(), std::nullopt);
    const std::optional<double> value = document->root().AsDouble();
    if (value.has_value()) {
      EXPECT_LE(std::abs(*value), 1) << number.substr(0, 40);
    }
  }
}

TEST(HostileJson, ReadsVerySmallNumbersAsZero) {
  for (const std::string& number :
       {std::string("0.000000000000000000001e-2147483639"),
        absl::StrCat("0.", std::string(350, '0'), "1")}) {
    ASSERT_OK_AND_ASSIGN(const Document document, Document::Parse(number));
    EXPECT_EQ(document.root().AsDouble(), 0.0) << number;
  }
}

TEST(HostileJson, NeverReadsAHugeNumberAsAnInteger) {
  ASSERT_OK_AND_ASSIGN(const Document document,
                       Document::Parse("[18446744073709551616]"));
  EXPECT_EQ(document.root().at(0).AsInt(), std::nullopt);
  EXPECT_EQ(document.root().at(0).AsText(), "18446744073709551616");
}

TEST(HostileJson, RefusesDuplicateKeys) {
  for (const absl::string_view text :
       {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"({"":1,"":2})",
        R"([{"x":{"b":1,"c":[],"b":{}}}])", R"({"a":{"a":1},"b":0,"a":1})"}) {
    const auto document = Document::Parse(text);
    EXPECT_THAT(document, IsRefused()) << text;
    EXPECT_THAT(std::string(document.status().message()),
                HasSubstr("duplicate key"));
  }
}

TEST(HostileJson, TakesTheSameKeyInDifferentObjects) {
  EXPECT_THAT(Document::Parse(R"([{"a":1},{"a":{"a":[{"a":2}]}}])"), IsOk());
}

TEST(HostileJson, FindsADuplicateAmongManyKeysQuickly) {
  std::string members;
  for (int i = 0; i < 200000; ++i) absl::StrAppend(&members, "\"k", i, "\":0,");
  EXPECT_THAT(Document::Parse(absl::StrCat("{", members, "\"last\":0}")),
              IsOk());
  EXPECT_THAT(Document::Parse(absl::StrCat("{", members, "\"k77\":0}")),
              IsRefused());
}

TEST(HostileJson, FindsADuplicateAtEverySizeOfObject) {
  for (int keys = 1; keys < 40; ++keys) {
    std::string members;
    for (int i = 0; i < keys; ++i) absl::StrAppend(&members, "\"k", i, "\":0,");
    EXPECT_THAT(Document::Parse(absl::StrCat("{", members, "\"k\":0}")),
                IsOk());
    EXPECT_THAT(Document::Parse(absl::StrCat("{", members, "\"k0\":0}")),
                IsRefused());
  }
}

TEST(HostileJson, RefusesLoneSurrogates) {
  for (const absl::string_view text :
       {R"("\udc00")", R"("\ud800")", R"("\ud800x")", R"("\ud800\ud800")",
        R"("\udc00\ud800")", R"({"\udc00":1})", R"(["abc\udfff\"def"])",
        R"("\"\udc00")"}) {
    EXPECT_THAT(Document::Parse(text), IsRefused()) << text;
  }
  EXPECT_THAT(Document::Parse(R"("\ud83d\ude00")"), IsOk());
}

TEST(HostileJson, RefusesIllFormedUtf8) {
  for (const absl::string_view text :
       {"\"\xFF\"", "\"\xC0\xAF\"", "\"\xE0\x80\xAF\"", "\"\xED\xA0\x80\"",
        "\"\xF4\x90\x80\x80\"", "\"\xC3\"", "{\"\xFF\":1}", "\xEF\xBB\xBF[]",
        "\xFF",
        // Stops within a character: the library's validation read on.
        "{\n  \"stops within\xF4s"}) {
    EXPECT_THAT(Document::Parse(text), IsRefused());
  }
}

TEST(HostileJson, KeepsEscapedNulAndRefusesARawOne) {
  ASSERT_OK_AND_ASSIGN(const Document document,
                       Document::Parse(R"("a\u0000b")"));
  EXPECT_EQ(document.root().AsString(), absl::string_view("a\0b", 3));
  EXPECT_THAT(Document::Parse(absl::string_view("[1]\0[2]", 7)), IsRefused());
  EXPECT_THAT(Document::Parse(absl::string_view("\"a\0b\"", 5)), IsRefused());
  EXPECT_THAT(Document::Parse(absl::string_view("\0", 1)), IsRefused());
}

TEST(HostileJson, RefusesWhatIsNoJson) {
  for (const absl::string_view text :
       {"",          " ",     "{",      "}",
        "[",         "]",     "[1,]",   "{\"a\":1,}",
        "{\"a\"}",   "{a:1}", "[1 2]",  "1 2",
        "{}{}",      "nul",   "nan",    "NaN",
        "Infinity",  "-",     "01",     "+1",
        ".5",        "1.",    "1e",     "0x10",
        "'a'",       "\"a",   "\"\n\"", "\"\\x\"",
        "\"\\u12\"", "[1}",   "{]",     "// c\n1",
        "/* c */1",  ",",     ":",      "<html></html>"}) {
    EXPECT_THAT(Document::Parse(text), IsRefused()) << text;
  }
}

TEST(HostileJson, SaysWhereAndNeverWhat) {
  const auto document = Document::Parse(R"(["ada@acme.com", oops])");
  EXPECT_THAT(document, IsRefused());
  const std::string message(document.status().message());
  EXPECT_THAT(message, HasSubstr("offset 17"));
  EXPECT_THAT(message, Not(HasSubstr("ada")));
  EXPECT_THAT(message, Not(HasSubstr("oops")));
}

std::string Mutated(std::string text, SeededRandom& random) {
  static constexpr absl::string_view kPieces[] = {
      "\"", "\\",     "\\ud800", "\\udc00", "{", "}", "[",  "]",
      ":",  ",",      "e-99999", "0.0",     "-", "1", "\n", "\xED\xB0\x80",
      "/",  "\"a\":", "null",    "\xFF"};
  const int changes = 1 + static_cast<int>(random.Uniform() * 4);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const auto at = static_cast<size_t>(random.Uniform() *
                                        static_cast<double>(text.size()));
    const auto cut = static_cast<size_t>(random.Uniform() * 4);
    const auto piece =
        kPieces[static_cast<size_t>(random.Uniform() * std::size(kPieces))];
    text.replace(at, cut, std::string(piece));
  }
  return text;
}

TEST(HostileJson, WhateverIsAcceptedIsReadTheSameAgain) {
  const std::string seed =
      R"({"id":"job\u00e9","status":"FINISHED","cost":{"credits":10.25},)"
      R"("data":[{"custom":{"k":"r.0"},"contact_info":{"emails":[{"email":)"
      R"("ada@acme.com","status":"DELIVERABLE"}],"phones":[]},"n":-1e3},null]})";
  SeededRandom random(7);
  int accepted = 0;
  for (int i = 0; i < 30000; ++i) {
    const auto document = Document::Parse(Mutated(seed, random));
    if (!document.ok()) continue;
    ++accepted;
    const std::string text = document->root().ToJson();
    ASSERT_TRUE(IsValidUtf8(text));
    ASSERT_OK_AND_ASSIGN(const Document again, Document::Parse(text));
    ASSERT_EQ(again.root().ToJson(), text);
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace enrich::json
