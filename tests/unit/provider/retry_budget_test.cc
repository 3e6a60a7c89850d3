#include "provider/retry_budget.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);

void Repeat(RetryBudget& budget, absl::Time now) {
  budget.OnRepeat(now);
  budget.OnCall();
}

// Repeats whatever may be repeated; returns how often.
int RepeatAll(RetryBudget& budget, absl::Time now) {
  int repeats = 0;
  for (; budget.Next(now) <= now; ++repeats) Repeat(budget, now);
  return repeats;
}

// Likewise, in the seconds of `time`, with so many first calls in each.
int RepeatsIn(absl::Duration time, int first_calls) {
  RetryBudget budget;
  int repeats = 0;
  for (absl::Time now = kNow; now < kNow + time; now += absl::Seconds(1)) {
    repeats += RepeatAll(budget, now);
    for (int i = 0; i < first_calls; ++i) {
      budget.OnCall();
      repeats += RepeatAll(budget, now);
    }
  }
  return repeats;
}

TEST(RetryBudget, AFewThatFailTogetherAreRepeatedAtOnce) {
  RetryBudget budget;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(budget.Next(kNow), kNow);
    Repeat(budget, kNow);
  }
  const absl::Time next = budget.Next(kNow);
  EXPECT_GT(next, kNow + absl::Milliseconds(999));
  EXPECT_LT(next, kNow + absl::Milliseconds(1001));
}

TEST(RetryBudget, OneASecondIsRepeatedWhateverElseIsCalled) {
  EXPECT_EQ(RepeatsIn(absl::Seconds(100), 0), 10 + 99);
}

TEST(RetryBudget, AFifthOfTheFirstCallsIsRepeatedBesides) {
  // The last one may be a rounding away.
  EXPECT_NEAR(RepeatsIn(absl::Seconds(100), 50), 10 + 99 + 1000, 1);
}

TEST(RetryBudget, SavesUpNoMoreThanAFew) {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.OnCall();
  EXPECT_EQ(RepeatAll(budget, kNow + absl::Hours(1)), 10);
}

}  // namespace
}  // namespace enrich
