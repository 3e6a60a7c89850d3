#include "base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace enrich {
namespace {

TEST(IsValidUtf8, AcceptsWellFormedText) {
  for (const absl::string_view text :
       {"", "plain ascii, longer than a word", "caf\u00E9", "\u20AC",
        "\U0001F600", "\U0010FFFF", "\uD7FF\uE000",
        "eight by\u00E9te boundary"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  EXPECT_TRUE(IsValidUtf8(absl::string_view("a\0b", 3)));
}

TEST(IsValidUtf8, RefusesIllFormedTextAtAnyPosition) {
  for (const std::string bytes : {
           "\x80",              // continuation without a lead
           "\xC0\x80",          // overlong
           "\xC1\xBF",          // overlong
           "\xE0\x9F\xBF",      // overlong
           "\xF0\x8F\xBF\xBF",  // overlong
           "\xED\xA0\x80",      // high surrogate
           "\xED\xB0\x80",      // low surrogate
           "\xF4\x90\x80\x80",  // past U+10FFFF
           "\xF5\x80\x80\x80",  //
           "\xFF",              //
           "\xC3",              // cut short
           "\xE2\x82",          //
           "\xF0\x9F\x98",      //
           "\xE2\x28\xA1",      // bad continuation
           "\xE2\x82\x28",      //
       }) {
    for (size_t before = 0; before < 20; ++before) {
      EXPECT_FALSE(IsValidUtf8(std::string(before, 'a') + bytes));
      EXPECT_FALSE(IsValidUtf8(std::string(before, 'a') + bytes + "aaaaaaaa"));
    }
  }
}

TEST(HasControlCharacter, FindsC0C1AndDelete) {
  for (const absl::string_view text :
       {"\n", "a\tb", "\x1F", "\x7F", "x\u0080", "\u009F."}) {
    EXPECT_TRUE(HasControlCharacter(text));
  }
  EXPECT_TRUE(HasControlCharacter(absl::string_view("a\0b", 3)));
}

TEST(HasControlCharacter, PassesEverythingElse) {
  for (const absl::string_view text :
       {"", "Ada Lovelace", "\u00A0", "caf\u00E9", "\u2028", "\U0001F600"}) {
    EXPECT_FALSE(HasControlCharacter(text)) << text;
  }
}

TEST(FoldText, FoldsCaseAndRunsOfWhiteSpace) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {"", ""},
      {"Ada Lovelace", "ada lovelace"},
      {"ADA\t \nB", "ada b"},
      {"\u00C9LODIE \u00D8STERG\u00C5RD", "\u00E9lodie \u00F8sterg\u00E5rd"},
      {"\u00D7 \u00DF \u00F7 \u0394", "\u00D7 \u00DF \u00F7 \u0394"},
  };
  for (const auto& [text, folded] : cases) EXPECT_EQ(FoldText(text), folded);
}

}  // namespace
}  // namespace enrich
