#include "base/failpoint.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "support/status_matchers.h"

namespace enrich::failpoint {
namespace {

// Read once, when the first failpoint is reached.
const int kSet =
    setenv("ENRICH_FAILPOINTS", "once=error@2,always=error,late=delay", 1);

TEST(Failpoint, FailsWhereAndWhenItIsTold) {
  ASSERT_EQ(kSet, 0);
  EXPECT_THAT(Reach("once"), IsOk());
  EXPECT_THAT(Reach("once"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Reach("once"), IsOk());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Reach("always"), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(Reach("late"), IsOk());
  EXPECT_THAT(Reach("elsewhere"), IsOk());
}

TEST(FailpointDeathTest, CrashesLikeAProcessThatIsKilled) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        setenv("ENRICH_FAILPOINTS", "here=crash", 1);
        Reach("here").IgnoreError();
      },
      testing::KilledBySignal(SIGKILL), "");
}

TEST(FailpointDeathTest, RefusesSettingsThatCannotBeRead) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const char* setting : {"here", "here=explode", "here=error@soon"}) {
    EXPECT_EXIT(
        {
          setenv("ENRICH_FAILPOINTS", setting, 1);
          Reach("here").IgnoreError();
        },
        testing::KilledBySignal(SIGABRT), "cannot be read")
        << setting;
  }
}

}  // namespace
}  // namespace enrich::failpoint
