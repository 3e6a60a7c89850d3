#include "engine/time_left.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "fakes/fake_adapter.h"

namespace enrich {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Ten contacts at a time, each of which takes a minute.
class TimesLeftTest : public ::testing::Test {
 protected:
  TimesLeftTest() { capabilities_.pacing.max_running_contacts = 10; }

  AccountLoad Load(const std::string& name = "alpha") {
    accounts_.push_back(std::make_unique<Account>(Account{
        .name = name,
        .adapter = std::make_unique<FakeAdapter>(name, capabilities_)}));
    return {.account = accounts_.back().get()};
  }
  static Demand Contacts(double contacts) {
    return {.requests = contacts / 10, .contacts = contacts};
  }

  Capabilities capabilities_ = FakeAdapter::Simple();
  std::vector<std::unique_ptr<Account>> accounts_;
};

TEST_F(TimesLeftTest, ABatchWaitsForItsShareOfWhatIsBeforeIt) {
  AccountLoad load = Load();
  load.waiting["t"] = {{1, Contacts(1000)}, {2, Contacts(10)}};
  load.waiting["u"] = {{3, Contacts(100)}};
  EXPECT_THAT(TimesLeft({load}),
              UnorderedElementsAre(
                  // All there is.
                  Pair(1, absl::Minutes(111)),
                  // As much of the other batch, as much of the other tenant.
                  Pair(2, absl::Minutes(4)),
                  // As much of the other tenant.
                  Pair(3, absl::Minutes(20))));
}

TEST_F(TimesLeftTest, CountsWhatIsRunningAndThePause) {
  AccountLoad load = Load();
  load.waiting["t"] = {{1, Contacts(10)}};
  load.running = Contacts(10);
  load.pause = absl::Seconds(30);
  EXPECT_THAT(TimesLeft({load}), UnorderedElementsAre(Pair(
                                     1, absl::Minutes(2) + absl::Seconds(30))));
}

TEST_F(TimesLeftTest, TheSlowestAccountCounts) {
  AccountLoad quick = Load("alpha");
  AccountLoad slow = Load("beta");
  quick.waiting["t"] = {{1, Contacts(10)}};
  slow.waiting["t"] = {{1, Contacts(30)}};
  EXPECT_THAT(TimesLeft({quick, slow}),
              UnorderedElementsAre(Pair(1, absl::Minutes(3))));
}

TEST_F(TimesLeftTest, SmallBatchesShareRequestsAndASlowdownIsReckonedWith) {
  capabilities_.pacing = {.submit_limits = {{.requests = 1}}};
  AccountLoad load = Load();
  for (int batch = 1; batch <= 100; ++batch) {
    load.waiting["t"][batch] = Contacts(1);
  }
  EXPECT_EQ(TimesLeft({load}).at(7), absl::Minutes(1) + absl::Seconds(9));
  load.share = 0.5;
  EXPECT_EQ(TimesLeft({load}).at(7), absl::Minutes(1) + absl::Seconds(19));
}

TEST_F(TimesLeftTest, ALimitOfJobsCountsRequests) {
  capabilities_.pacing = {.max_running_jobs = 2};
  AccountLoad load = Load();
  load.waiting["t"] = {{1, Contacts(50)}};
  EXPECT_EQ(TimesLeft({load}).at(1), absl::Minutes(3));
}

}  // namespace
}  // namespace enrich
