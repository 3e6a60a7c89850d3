#include "engine/answer_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Input = InputEcho::Input;

class AnswerMatcherTest : public ::testing::Test {
 protected:
  AnswerMatcherTest() {
    for (int64_t key = 1; key <= 3; ++key) {
      chunk_.items.push_back({.contact_key = key});
    }
    contacts_[1] = {.company_domain = "acme.example",
                    .linkedin_url = "https://www.linkedin.com/in/ada",
                    .email = "Ada@acme.example"};
    contacts_[2] = {.company_domain = "acme.example"};
  }

  std::vector<size_t> Match(const ItemAnswer& item, bool by_fetch = false) {
    const auto find = [&](const WorkItem& work) -> const Contact* {
      const auto it = contacts_.find(work.contact_key);
      return it == contacts_.end() ? nullptr : &it->second;
    };
    return AnswerMatcher(chunk_, attempt_, by_fetch, find).Match(item);
  }
  std::vector<size_t> MatchEcho(Input input, std::string value) {
    return Match({.echo = InputEcho{input, std::move(value)}});
  }

  Chunk chunk_ = {};
  ChunkAttempt attempt_ = {.reference = "ref"};
  std::map<int64_t, Contact> contacts_ = {};
};

TEST_F(AnswerMatcherTest, AKeyNamesOneContactOfItsAttempt) {
  EXPECT_THAT(Match({.key = ItemKey(attempt_, 1)}), ElementsAre(1));
  for (const char* key : {"ref.3", "ref.x", "ref.", "ref", "other.1", "."}) {
    EXPECT_THAT(Match({.key = key}), IsEmpty()) << key;
  }
}

TEST_F(AnswerMatcherTest, AnEchoNamesEveryContactWithThatInput) {
  EXPECT_THAT(MatchEcho(Input::kCompanyDomain, "acme.example"),
              ElementsAre(0, 1));
  EXPECT_THAT(MatchEcho(Input::kEmail, "Ada@acme.example"), ElementsAre(0));
  EXPECT_THAT(MatchEcho(Input::kEmail, "bob@acme.example"), IsEmpty());
}

TEST_F(AnswerMatcherTest, SpellingIsNoDifference) {
  EXPECT_THAT(MatchEcho(Input::kCompanyDomain, "https://www.ACME.example/x"),
              ElementsAre(0, 1));
  EXPECT_THAT(MatchEcho(Input::kEmail, " ada@ACME.example "), ElementsAre(0));
  EXPECT_THAT(MatchEcho(Input::kLinkedinUrl, "fr.linkedin.com/in/Ada/?x=1"),
              ElementsAre(0));
}

TEST_F(AnswerMatcherTest, WhatIsNoInputMatchesNobody) {
  // Nor those who have none.
  for (const Input input :
       {Input::kEmail, Input::kLinkedinUrl, Input::kCompanyDomain}) {
    EXPECT_THAT(MatchEcho(input, ""), IsEmpty());
    EXPECT_THAT(MatchEcho(input, "?"), IsEmpty());
  }
}

TEST_F(AnswerMatcherTest, AKeyIsBelievedBeforeAnEcho) {
  const InputEcho echo = {Input::kEmail, "ada@acme.example"};
  EXPECT_THAT(Match({.key = "ref.2", .echo = echo}), ElementsAre(2));
  EXPECT_THAT(Match({.key = "other.0", .echo = echo}), IsEmpty());
}

TEST_F(AnswerMatcherTest, APositionStandsForAKeyInWhatWeAskedForOnly) {
  EXPECT_THAT(Match({.index = 2}, /*by_fetch=*/true), ElementsAre(2));
  EXPECT_THAT(Match({.index = 2}, /*by_fetch=*/false), IsEmpty());
  EXPECT_THAT(Match({.index = 3}, /*by_fetch=*/true), IsEmpty());
  EXPECT_THAT(Match({.index = -1}, /*by_fetch=*/true), IsEmpty());
  EXPECT_THAT(Match({}, /*by_fetch=*/true), IsEmpty());
}

}  // namespace
}  // namespace enrich
