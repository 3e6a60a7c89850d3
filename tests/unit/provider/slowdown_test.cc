#include "provider/slowdown.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);

TEST(Slowdown, ThereIsNoneToBeginWith) {
  const Slowdown slowdown;
  EXPECT_EQ(slowdown.Share(kNow), 1);
  EXPECT_EQ(slowdown.Of(60, kNow), 60);
  EXPECT_EQ(slowdown.NextStep(kNow), absl::InfiniteFuture());
}

TEST(Slowdown, ARefusalHalvesAndEachQuietMinuteAddsATenth) {
  Slowdown slowdown;
  slowdown.OnRefused(kNow, kNow + absl::Minutes(3));
  const absl::Time on = kNow + absl::Minutes(3);
  EXPECT_EQ(slowdown.Of(60, kNow), 30);
  EXPECT_EQ(slowdown.Of(60, on), 30) << "a pause is no quiet time";
  EXPECT_EQ(slowdown.NextStep(on), on + absl::Minutes(1));
  EXPECT_EQ(slowdown.Of(60, on + absl::Seconds(59)), 30);
  EXPECT_EQ(slowdown.Of(60, on + absl::Minutes(1)), 36);
  EXPECT_EQ(slowdown.Of(60, on + absl::Minutes(5)), 60);
  EXPECT_EQ(slowdown.NextStep(on + absl::Minutes(5)), absl::InfiniteFuture());
}

TEST(Slowdown, RefusalsOfOneMomentCountOnce) {
  Slowdown slowdown;
  for (int i = 0; i < 8; ++i) {
    slowdown.OnRefused(kNow + absl::Milliseconds(i), kNow);
  }
  EXPECT_EQ(slowdown.Of(60, kNow), 30);
  slowdown.OnRefused(kNow + absl::Seconds(2), kNow);
  EXPECT_EQ(slowdown.Of(60, kNow + absl::Seconds(2)), 15);
}

TEST(Slowdown, WorkMovesHoweverOftenItIsRefused) {
  Slowdown slowdown;
  absl::Time now = kNow;
  for (int i = 0; i < 100; ++i) {
    slowdown.OnRefused(now, now);
    now += absl::Seconds(30);
    EXPECT_GE(slowdown.Of(1, now), 1);
    EXPECT_GE(slowdown.Of(60, now), 3);
  }
  EXPECT_EQ(slowdown.Of(60, now + absl::Minutes(11)), 60);
}

}  // namespace
}  // namespace enrich
