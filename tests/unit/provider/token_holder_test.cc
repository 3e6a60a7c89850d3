#include "provider/token_holder.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace enrich {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);

AccessToken TokenFor(absl::Duration lifetime) {
  return {.token = Secret("t"), .lifetime = lifetime};
}

TEST(TokenHolder, IsNoConcernOfAccountsWithoutTokens) {
  TokenHolder holder(false);
  EXPECT_TRUE(holder.Usable(kNow));
  EXPECT_EQ(holder.NextRequest(), absl::InfiniteFuture());
  EXPECT_FALSE(holder.OnRefused({.age = absl::Hours(1)}));
}

TEST(TokenHolder, AsksAtOnceAndOneAtATime) {
  TokenHolder holder(true);
  EXPECT_FALSE(holder.Usable(kNow));
  EXPECT_LE(holder.NextRequest(), kNow);
  holder.OnRequest();
  EXPECT_EQ(holder.NextRequest(), absl::InfiniteFuture());
  holder.OnIssued(kNow, TokenFor(absl::Hours(1)));
  EXPECT_TRUE(holder.Usable(kNow));
  EXPECT_EQ(holder.token().Reveal(), "t");
}

TEST(TokenHolder, AsksForTheNextBeforeTheOneAtHandDies) {
  const std::vector<std::pair<absl::Duration, absl::Duration>> rows = {
      {absl::Hours(1), absl::Minutes(59)},
      {absl::Minutes(10), absl::Minutes(9)},
      {absl::Minutes(1), absl::Seconds(54)},
      // Not for every request anew.
      {absl::ZeroDuration(), absl::Seconds(9)},
      {-absl::Hours(1), absl::Seconds(9)},
      {absl::InfiniteDuration(), absl::InfiniteDuration()}};
  for (const auto& [lifetime, next] : rows) {
    TokenHolder holder(true);
    holder.OnIssued(kNow, TokenFor(lifetime));
    EXPECT_EQ(holder.NextRequest(), kNow + next) << lifetime;
  }
}

TEST(TokenHolder, UsesTheOldOneUntilItDies) {
  TokenHolder holder(true);
  holder.OnIssued(kNow, TokenFor(absl::Minutes(10)));
  holder.OnRequest();
  const absl::Time end = kNow + absl::Minutes(10);
  EXPECT_TRUE(holder.Usable(end - absl::Nanoseconds(1)));
  EXPECT_FALSE(holder.Usable(end));
}

TEST(TokenHolder, PausesGrowFromFailureToFailure) {
  TokenHolder holder(true);
  EXPECT_EQ(holder.missing_since(), absl::InfiniteFuture());
  for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
    holder.OnRequest();
    holder.OnFailed(kNow);
    EXPECT_EQ(holder.NextRequest(), kNow + absl::Seconds(seconds));
  }
  EXPECT_EQ(holder.missing_since(), kNow);
  holder.OnIssued(kNow, TokenFor(absl::Hours(1)));
  EXPECT_EQ(holder.missing_since(), absl::InfiniteFuture());
  holder.OnFailed(kNow);
  EXPECT_EQ(holder.NextRequest(), kNow + absl::Seconds(1));
  EXPECT_EQ(holder.missing_since(), absl::InfiniteFuture())
      << "the old one still lives";
}

TEST(TokenHolder, DropsATokenThatWasRefusedUnlessItIsNew) {
  TokenHolder holder(true);
  holder.OnIssued(kNow, TokenFor(absl::Hours(1)));
  EXPECT_FALSE(holder.OnRefused(holder.UseAt(kNow + absl::Seconds(29))));
  EXPECT_TRUE(holder.Usable(kNow));

  const TokenHolder::Use first = holder.UseAt(kNow + absl::Seconds(30));
  EXPECT_TRUE(holder.OnRefused(first));
  EXPECT_FALSE(holder.Usable(kNow));
  EXPECT_LE(holder.NextRequest(), kNow);
  EXPECT_TRUE(holder.OnRefused(first)) << "another request, the same token";

  holder.OnIssued(kNow + absl::Minutes(1), TokenFor(absl::Hours(1)));
  EXPECT_TRUE(holder.OnRefused(first)) << "there is a new one already";
  EXPECT_TRUE(holder.Usable(kNow + absl::Minutes(1)));
}

}  // namespace
}  // namespace enrich
