#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/gateway_fixture.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class Webhooks : public GatewayFixture {
 protected:
  // Webhooks in a state; any by default.
  std::vector<v1::Webhook> List(
      v1::WebhookState state = v1::WEBHOOK_STATE_UNSPECIFIED) {
    v1::WebhookFilter filter;
    filter.set_state(state);
    std::vector<v1::Webhook> webhooks;
    EXPECT_TRUE(client().ListWebhooks(filter, webhooks).ok());
    return webhooks;
  }
  // Waits until so many are in a state.
  std::vector<v1::Webhook> WaitFor(v1::WebhookState state, size_t count) {
    const absl::Time deadline = clock_.Now() + absl::Seconds(20);
    std::vector<v1::Webhook> webhooks;
    do {
      webhooks = List(state);
    } while (webhooks.size() < count && clock_.Now() < deadline);
    return webhooks;
  }
  v1::ReplayWebhooksResponse Replay() {
    v1::ReplayWebhooksResponse sum;
    EXPECT_TRUE(client().ReplayWebhooks({}, sum).ok());
    return sum;
  }

 private:
  const SystemClock clock_;
};

TEST_F(Webhooks, ThoseCutShortAreInQuarantineAndReplayingThemChangesNothing) {
  knobs.poll_first_after = absl::Seconds(1);
  simulator_options.faults = R"([{"endpoint":"webhook","action":"malformed"}])";
  Start();
  const v1::Batch batch = Submit(BatchOf({Person("vera", "Found")}));
  // The fetch delivers.
  EXPECT_THAT(Summaries(Collect(batch.batch_id())),
              ElementsAre(Pair("vera", "work_email=found[enrow=found]")));
  const std::vector<v1::Webhook> webhooks =
      WaitFor(v1::WEBHOOK_STATE_QUARANTINED, 1);
  ASSERT_FALSE(webhooks.empty());
  EXPECT_EQ(webhooks[0].provider(), "enrow");
  EXPECT_EQ(webhooks[0].reason(), "NOT_UNDERSTOOD");
  EXPECT_TRUE(webhooks[0].replayable());
  EXPECT_GT(webhooks[0].body_bytes(), 0);
  v1::Provider enrow;
  ASSERT_TRUE(client().GetProvider("enrow", enrow).ok());
  EXPECT_GE(enrow.webhooks_quarantined(), 1);

  const size_t events = GatewayFixture::List(batch.batch_id()).size();
  const v1::ReplayWebhooksResponse replay = Replay();
  EXPECT_GE(replay.replayed(), 1);
  EXPECT_EQ(replay.changed(), 0);
  EXPECT_EQ(replay.quarantined(), replay.replayed());
  EXPECT_EQ(GatewayFixture::List(batch.batch_id()).size(), events);
  EXPECT_EQ(Total("enrow", "submissions"), 1);
  EXPECT_EQ(Total("fullenrich", "submissions"), 0);
}

TEST_F(Webhooks, ReplayingAllThatCameChangesNothing) {
  Start();
  const v1::Batch batch =
      Submit(BatchOf({Person("vera", "Found"), Person("otto", "Notfound")},
                     {v1::CONTACT_FIELD_WORK_EMAIL, v1::CONTACT_FIELD_PHONE}));
  const size_t events = Collect(batch.batch_id()).size();
  EXPECT_THAT(WaitFor(v1::WEBHOOK_STATE_QUARANTINED, 0), IsEmpty());
  StopGateway();
  StartGateway();
  const v1::ReplayWebhooksResponse replay = Replay();
  EXPECT_GE(replay.replayed(), 2);
  EXPECT_EQ(replay.changed(), 0);
  EXPECT_EQ(replay.quarantined(), 0);
  EXPECT_EQ(GatewayFixture::List(batch.batch_id()).size(), events);
}

}  // namespace
}  // namespace enrich
