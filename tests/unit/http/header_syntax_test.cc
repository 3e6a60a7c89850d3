#include "http/header_syntax.h"

#include <gtest/gtest.h>

#include "absl/strings/string_view.h"

namespace enrich {
namespace {

TEST(HeaderSyntax, TokensHaveNoSeparators) {
  for (absl::string_view good : {"GET", "X-Api-Key", "a!#$%&'*+-.^_`|~9"}) {
    EXPECT_TRUE(IsHttpToken(good)) << good;
  }
  for (absl::string_view bad :
       {"", "a b", "a:", "a\r", "a\n", "(a)", "\"", "caf\xc3\xa9"}) {
    EXPECT_FALSE(IsHttpToken(bad)) << bad;
  }
  EXPECT_FALSE(IsHttpToken(absl::string_view("a\0b", 3)));
}

TEST(HeaderSyntax, ValuesHaveNoControlCharactersButTab) {
  for (absl::string_view good : {"", "a b", "a\tb", "caf\xc3\xa9", "a: b;c"}) {
    EXPECT_TRUE(IsHeaderValue(good)) << good;
  }
  for (absl::string_view bad : {"a\r\nB: c", "a\n", "\r", "a\x7f", "\x1b"}) {
    EXPECT_FALSE(IsHeaderValue(bad)) << bad;
  }
  EXPECT_FALSE(IsHeaderValue(absl::string_view("a\0b", 3)));
}

TEST(HeaderSyntax, KnowsFramingHeadersInAnyCase) {
  for (absl::string_view name : {"content-length", "Transfer-Encoding",
                                 "CONNECTION", "expect", "Upgrade"}) {
    EXPECT_TRUE(IsFramingHeader(name)) << name;
  }
  EXPECT_FALSE(IsFramingHeader("Content-Type"));
}

}  // namespace
}  // namespace enrich
