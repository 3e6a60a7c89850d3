// The machine's clock is set while the engine waits for something
// (docs/adr/0023).

#include <gmock/gmock.h>

#include "engine/engine_harness.h"

namespace enrich {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineClockTest : public EngineHarness,
                        public ::testing::WithParamInterface<absl::Duration> {
 protected:
  // No time passes, and everything is looked at anew.
  void SetClock() {
    clock.Set(GetParam());
    (void)Status("alpha");
    SubmitPeople({"somebody"}, "after");
  }
};

INSTANTIATE_TEST_SUITE_P(ByAnHour, EngineClockTest,
                         ::testing::Values(-absl::Hours(1), absl::Hours(1)));

TEST_P(EngineClockTest, WhatLingersGoesInItsTime) {
  Start();
  SubmitPeople({"ada"});
  clock.Set(GetParam());
  OnlyCall();
}

TEST_P(EngineClockTest, APauseThatAProviderAsksForIsKept) {
  options.give_up_sending_after = absl::Hours(3);
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(429, ""));
  SetClock();
  AdvanceBy(absl::Seconds(50));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(20));
  EXPECT_THAT(Calls(), SizeIs(2));
}

TEST_P(EngineClockTest, AProviderThatWasDownIsTriedInItsTime) {
  options.give_up_sending_after = absl::Hours(3);
  options.breaker_failures = 1;
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, TimesOut());
  SetClock();
  AdvanceBy(options.breaker_pause - absl::Seconds(5));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(10));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_P(EngineClockTest, ARateIsKept) {
  providers[0].second.pacing.submit_limits = {
      {.requests = 1, .window = absl::Minutes(1)}};
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  SetClock();
  AdvanceBy(absl::Seconds(50));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(20));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_P(EngineClockTest, DoubtLastsAsLong) {
  options.park_unknown_after = absl::Hours(2);
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, TimesOut());
  clock.Set(GetParam());
  AdvanceBy(absl::Minutes(110));
  EXPECT_EQ(Status("alpha").jobs_parked, 0);
  AdvanceBy(absl::Minutes(20));
  EXPECT_EQ(Status("alpha").jobs_parked, 1);
}

TEST_P(EngineClockTest, AJobIsFetchedInItsTime) {
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  clock.Set(GetParam());
  AdvanceBy(absl::Minutes(4));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_P(EngineClockTest, WhatWaitedBeforeARestartGoesInItsTime) {
  Start();
  SubmitPeople({"ada"});
  clock.Set(GetParam());
  Restart();
  OnlyCall();
}

// The timer that is armed is for later, by a clock that no longer says so.
TEST_P(EngineClockTest, WhatComesAfterwardsDoesNotWaitForAnOldTimer) {
  options.park_unknown_after = absl::Minutes(90);
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, TimesOut());
  clock.Set(GetParam());
  SubmitPeople({"bob"}, "r2");
  OnlyCall();
}

}  // namespace
}  // namespace enrich
