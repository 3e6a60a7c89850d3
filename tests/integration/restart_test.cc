#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "integration/gateway_fixture.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

using Restart = GatewayFixture;

void ExpectSame(const std::vector<v1::ResultEvent>& actual,
                const std::vector<v1::ResultEvent>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(actual[i],
                                                                   expected[i]))
        << "event " << i + 1;
  }
}

TEST_F(Restart, AWatcherGoesOnWhereItWas) {
  simulator_options.latency = absl::Milliseconds(400);
  knobs.poll_first_after = absl::Seconds(1);
  Start();
  std::vector<v1::Contact> contacts;
  for (int i = 0; i < 20; ++i) {
    contacts.push_back(Person(absl::StrCat("p", i), "Found"));
  }
  const v1::Batch batch = Submit(BatchOf(contacts, {v1::CONTACT_FIELD_PHONE}));
  auto watcher = client().Watch(WatchFromOldest(batch.batch_id()));
  ASSERT_TRUE(watcher->ReadUntil(
      [](const Watcher& seen) { return seen.events.size() >= 2; }));
  StopGateway();
  watcher->Finish();
  std::vector<v1::ResultEvent> seen = watcher->events;
  const std::string token = watcher->token;
  watcher.reset();
  ASSERT_FALSE(seen.back().has_batch_finished()) << "stopped in the middle";

  StartGateway();
  watcher = client().Watch(WatchAfter(batch.batch_id(), token));
  EXPECT_TRUE(watcher->Finish().ok());
  seen.insert(seen.end(), watcher->events.begin(), watcher->events.end());
  ExpectSame(seen, Collect(batch.batch_id()));
  EXPECT_THAT(Summaries(seen), SizeIs(20));
  EXPECT_EQ(seen.back().batch_finished().batch().progress().found(), 20);
  EXPECT_EQ(Total("fullenrich", "contacts"), 20);
}

TEST_F(Restart, SendsWhatWasNotSent) {
  knobs.linger = absl::Seconds(30);
  Start();
  const v1::Batch batch = Submit(BatchOf({Person("vera", "Found")}));
  StopGateway();
  EXPECT_EQ(Total("enrow", "submissions"), 0);
  knobs.linger = absl::Milliseconds(10);
  StartGateway();
  EXPECT_THAT(Summaries(Collect(batch.batch_id())),
              ElementsAre(Pair("vera", "work_email=found[enrow=found]")));
}

TEST_F(Restart, FetchesWhatWasPushedToNobody) {
  simulator_options.latency = absl::Milliseconds(200);
  knobs.poll_first_after = absl::Seconds(1);
  Start();
  const v1::Batch batch = Submit(BatchOf({Person("vera", "Found")}));
  ASSERT_TRUE(WaitForTotal("enrow", "accepted", 1));
  StopGateway();
  ASSERT_TRUE(WaitForTotal("enrow", "webhooks_given_up", 1));
  StartGateway();
  EXPECT_THAT(Summaries(Collect(batch.batch_id())),
              ElementsAre(Pair("vera", "work_email=found[enrow=found]")));
  EXPECT_EQ(Total("enrow", "accepted"), 1);
}

// FullEnrich tries a push several times, Enrow once.
TEST_F(Restart, FetchesWhatTheProviderHasGivenUpPushing) {
  simulator_options.latency = absl::Milliseconds(500);
  knobs.poll_first_after = absl::Seconds(1);
  knobs.work_email = "fullenrich";
  Start();
  const v1::Batch batch = Submit(
      BatchOf({Person("vera", "Found"), Person("otto", "Onlyfullenrich")}));
  ASSERT_TRUE(WaitForTotal("fullenrich", "accepted", 1));
  StopGateway();
  // Every contact and the end of the job.
  ASSERT_TRUE(WaitForTotal("fullenrich", "webhooks_given_up", 3));
  EXPECT_GE(Total("fullenrich", "webhooks_retried"), 3);
  EXPECT_EQ(Total("fullenrich", "webhooks_delivered"), 0);
  StartGateway();
  EXPECT_THAT(Summaries(Collect(batch.batch_id())),
              ElementsAre(Pair("otto", "work_email=found[fullenrich=found]"),
                          Pair("vera", "work_email=found[fullenrich=found]")));
  EXPECT_EQ(Total("fullenrich", "accepted"), 1);
  EXPECT_EQ(Total("fullenrich", "contacts"), 2);
}

TEST_F(Restart, KeepsWhatIsFinished) {
  Start();
  const v1::EnrichBatchRequest request =
      BatchOf({Person("vera", "Found"), Person("nora", "Notfound")});
  const v1::Batch batch = Submit(request);
  const std::vector<v1::ResultEvent> before = Collect(batch.batch_id());
  StopGateway();
  StartGateway();
  ExpectSame(Collect(batch.batch_id()), before);
  EXPECT_EQ(Submit(request).batch_id(), batch.batch_id());
  EXPECT_EQ(Total("enrow", "submissions"), 1);
}

}  // namespace
}  // namespace enrich
