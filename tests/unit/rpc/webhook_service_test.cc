#include "rpc/webhook_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/rpc/grpc_errors.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WebhookServiceTest : public ::testing::Test {
 protected:
  grpc::Status List(const v1::ListWebhooksRequest& request,
                    v1::ListWebhooksResponse* response,
                    const std::string& token = "acme-token") {
    return harness_.webhook_stub->ListWebhooks(harness_.Context(token).get(),
                                               request, response);
  }
  grpc::Status Replay(const v1::ReplayWebhooksRequest& request,
                      v1::ReplayWebhooksResponse* response,
                      const std::string& token = "acme-token") {
    return harness_.webhook_stub->ReplayWebhooks(harness_.Context(token).get(),
                                                 request, response);
  }

  static InboxRow Row(int64_t key, InboxState state) {
    return {.key = key, .has_body = true, .state = state};
  }

  ServiceHarness harness_;
};

TEST_F(WebhookServiceTest, ShowsAllOfAWebhookButItsBody) {
  InboxRow row = {.key = 9,
                  .account = "enrow",
                  .provider_job_id = "j1",
                  .chunk_state = ChunkState::kDone,
                  .body_hash = std::string(32, '\xab'),
                  .body_bytes = 120,
                  .has_body = true,
                  .receive_time = absl::FromUnixSeconds(1'790'000'000),
                  .state = InboxState::kQuarantined,
                  .reason = QuarantineReason::kNotUnderstood,
                  .state_time = absl::FromUnixSeconds(1'790'000'001)};
  harness_.store.SetInbox({.rows = {row}});
  v1::ListWebhooksResponse response;
  ASSERT_TRUE(List({}, &response).ok());
  ASSERT_THAT(response.webhooks(), SizeIs(1));
  const v1::Webhook& webhook = response.webhooks(0);
  EXPECT_EQ(webhook.webhook_id(), 9);
  EXPECT_EQ(webhook.provider(), "enrow");
  EXPECT_EQ(webhook.provider_job_id(), "j1");
  EXPECT_TRUE(webhook.job_over());
  EXPECT_EQ(webhook.state(), v1::WEBHOOK_STATE_QUARANTINED);
  EXPECT_EQ(webhook.reason(), "NOT_UNDERSTOOD");
  EXPECT_EQ(webhook.receive_time().seconds(), 1'790'000'000);
  EXPECT_EQ(webhook.state_time().seconds(), 1'790'000'001);
  EXPECT_EQ(webhook.body_bytes(), 120);
  EXPECT_EQ(webhook.body_sha256_prefix(), "abababababababab");
  EXPECT_TRUE(webhook.replayable());
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(WebhookServiceTest, NamesEveryState) {
  harness_.store.SetInbox(
      {.rows = {Row(1, InboxState::kPending), Row(2, InboxState::kApplied),
                Row(3, InboxState::kQuarantined),
                Row(4, InboxState::kExpired)}});
  v1::ListWebhooksResponse response;
  ASSERT_TRUE(List({}, &response).ok());
  std::vector<v1::WebhookState> states;
  for (const v1::Webhook& webhook : response.webhooks()) {
    states.push_back(webhook.state());
  }
  EXPECT_THAT(
      states,
      ElementsAre(v1::WEBHOOK_STATE_PENDING, v1::WEBHOOK_STATE_APPLIED,
                  v1::WEBHOOK_STATE_QUARANTINED, v1::WEBHOOK_STATE_EXPIRED));
}

TEST_F(WebhookServiceTest, AsksForTheCallersOwnByTheFilterAndThePage) {
  harness_.store.SetInbox({.next_after = 40});
  v1::ListWebhooksRequest request;
  request.mutable_filter()->set_state(v1::WEBHOOK_STATE_QUARANTINED);
  request.mutable_filter()->set_provider("enrow");
  request.mutable_filter()->set_provider_job_id("j1");
  request.mutable_filter()->mutable_since()->set_seconds(100);
  request.mutable_filter()->mutable_until()->set_seconds(200);
  request.set_page_size(7);
  v1::ListWebhooksResponse response;
  ASSERT_TRUE(List(request, &response).ok());
  request.set_page_token(response.next_page_token());
  ASSERT_TRUE(List(request, &response).ok());

  const auto reads = harness_.store.inbox_reads();
  ASSERT_THAT(reads, SizeIs(2));
  const InboxFilter& filter = reads[0].filter;
  EXPECT_EQ(filter.tenant, "acme");
  EXPECT_THAT(filter.states, ElementsAre(InboxState::kQuarantined));
  EXPECT_EQ(filter.account, "enrow");
  EXPECT_EQ(filter.provider_job_id, "j1");
  EXPECT_EQ(filter.since, absl::FromUnixSeconds(100));
  EXPECT_EQ(filter.until, absl::FromUnixSeconds(200));
  EXPECT_EQ(reads[0].limit, 7);
  EXPECT_EQ(reads[0].after_key, 0);
  EXPECT_EQ(reads[1].after_key, 40);

  // The token is the caller's own.
  EXPECT_EQ(ReasonOf(List(request, &response, "globex-token")),
            "INVALID_PAGE_TOKEN");
}

TEST_F(WebhookServiceTest, RefusesWhatItCannotAnswer) {
  v1::ListWebhooksResponse listed;
  EXPECT_EQ(ReasonOf(List({}, &listed, "")), "CREDENTIAL_MISSING");
  v1::ListWebhooksRequest list;
  list.set_page_size(1001);
  EXPECT_THAT(ViolatedFields(List(list, &listed)), ElementsAre("page_size"));
  list.Clear();
  list.mutable_filter()->set_state(static_cast<v1::WebhookState>(17));
  EXPECT_THAT(ViolatedFields(List(list, &listed)), ElementsAre("filter.state"));
  list.Clear();
  list.set_page_token("nonsense");
  EXPECT_EQ(ReasonOf(List(list, &listed)), "INVALID_PAGE_TOKEN");

  v1::ReplayWebhooksResponse replayed;
  EXPECT_EQ(ReasonOf(Replay({}, &replayed, "")), "CREDENTIAL_MISSING");
  v1::ReplayWebhooksRequest replay;
  for (int i = 0; i < 1001; ++i) replay.add_webhook_ids(i);
  EXPECT_THAT(ViolatedFields(Replay(replay, &replayed)),
              ElementsAre("webhook_ids"));
  replay.Clear();
  replay.set_page_token("nonsense");
  EXPECT_EQ(ReasonOf(Replay(replay, &replayed)), "INVALID_PAGE_TOKEN");
  EXPECT_THAT(harness_.engine.replays(), IsEmpty());

  harness_.store.FailWith(absl::UnavailableError("disk"));
  EXPECT_EQ(List({}, &listed).error_code(), grpc::StatusCode::UNAVAILABLE);
  harness_.engine.status = error::ShuttingDown();
  EXPECT_EQ(ReasonOf(Replay({}, &replayed)), "SHUTTING_DOWN");
}

TEST_F(WebhookServiceTest, CountsWhatAReplayCameTo) {
  using Outcome = ReplayedBody::Outcome;
  harness_.engine.replay = {
      .bodies = {{.key = 1, .outcome = Outcome::kChanged},
                 {.key = 2,
                  .outcome = Outcome::kChanged,
                  .quarantine = QuarantineReason::kSomeContacts},
                 {.key = 3, .outcome = Outcome::kUnchanged},
                 {.key = 4, .outcome = Outcome::kGone}},
      .next_after = 4};
  v1::ReplayWebhooksRequest request;
  request.mutable_filter()->set_provider("enrow");
  v1::ReplayWebhooksResponse response;
  ASSERT_TRUE(Replay(request, &response).ok());
  EXPECT_EQ(response.replayed(), 4);
  EXPECT_EQ(response.changed(), 2);
  EXPECT_EQ(response.unchanged(), 1);
  EXPECT_EQ(response.gone(), 1);
  EXPECT_EQ(response.quarantined(), 1);
  ASSERT_THAT(response.webhooks(), SizeIs(4));
  EXPECT_EQ(response.webhooks(1).webhook_id(), 2);
  EXPECT_EQ(response.webhooks(1).outcome(), v1::REPLAY_OUTCOME_CHANGED);
  EXPECT_EQ(response.webhooks(1).reason(), "SOME_CONTACTS_DO_NOT_MATCH");
  EXPECT_EQ(response.webhooks(3).outcome(), v1::REPLAY_OUTCOME_GONE);

  request.set_page_token(response.next_page_token());
  request.add_webhook_ids(5);
  request.add_webhook_ids(3);
  request.add_webhook_ids(5);
  ASSERT_TRUE(Replay(request, &response).ok());
  const auto replays = harness_.engine.replays();
  ASSERT_THAT(replays, SizeIs(2));
  EXPECT_EQ(replays[0].first.tenant, "acme");
  EXPECT_EQ(replays[0].first.account, "enrow");
  EXPECT_TRUE(replays[0].first.with_body);
  EXPECT_EQ(replays[0].second, 0);
  EXPECT_THAT(replays[1].first.keys, ElementsAre(3, 5));
  EXPECT_FALSE(replays[1].first.with_body);
  EXPECT_EQ(replays[1].second, 4);
}

TEST_F(WebhookServiceTest, ARehearsalRunsNothing) {
  InboxRow without_body = Row(3, InboxState::kApplied);
  without_body.has_body = false;
  harness_.store.SetInbox(
      {.rows = {Row(1, InboxState::kPending), Row(2, InboxState::kQuarantined),
                without_body},
       .next_after = 3});
  v1::ReplayWebhooksRequest request;
  request.set_validate_only(true);
  v1::ReplayWebhooksResponse response;
  ASSERT_TRUE(Replay(request, &response).ok());
  EXPECT_EQ(response.replayed(), 1);
  EXPECT_THAT(response.webhooks(), IsEmpty());
  EXPECT_NE(response.next_page_token(), "");
  EXPECT_THAT(harness_.engine.replays(), IsEmpty());
}

}  // namespace
}  // namespace enrich
