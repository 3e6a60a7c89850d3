#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "fakes/fake_gateway.h"
#include "unit/cli/cli_runner.h"

namespace enrich::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class WebhookTest : public ::testing::Test {
 protected:
  CliRun Run(std::vector<std::string> args) {
    return RunCli(gateway_.address(), std::move(args));
  }
  static v1::ListWebhooksResponse PageWith(int64_t id,
                                           const std::string& next) {
    v1::ListWebhooksResponse page;
    v1::Webhook& webhook = *page.add_webhooks();
    webhook.set_webhook_id(id);
    webhook.set_provider("enrow");
    webhook.set_provider_job_id("j1");
    webhook.set_job_over(true);
    webhook.set_state(v1::WEBHOOK_STATE_QUARANTINED);
    webhook.set_reason("NOT_UNDERSTOOD");
    webhook.mutable_receive_time()->set_seconds(1'790'000'000);
    webhook.set_body_bytes(120);
    webhook.set_body_sha256_prefix("0123456789abcdef");
    webhook.set_replayable(true);
    page.set_next_page_token(next);
    return page;
  }

  FakeGateway gateway_;
};

TEST_F(WebhookTest, ListsWhatTheGatewayKeepsPageByPage) {
  gateway_.webhooks.SetPages({PageWith(7, "more"), PageWith(8, "")});
  const CliRun run = Run({"webhook", "list", "--limit", "0", "-o", "csv"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "webhook_id,provider,received,state,reason,job,job_over,bytes,"
            "sha256,replayable\n"
            "7,enrow,2026-09-21T14:13:20Z,quarantined,NOT_UNDERSTOOD,j1,yes,"
            "120,0123456789abcdef,yes\n"
            "8,enrow,2026-09-21T14:13:20Z,quarantined,NOT_UNDERSTOOD,j1,yes,"
            "120,0123456789abcdef,yes\n");
  ASSERT_THAT(gateway_.webhooks.lists(), SizeIs(2));
  EXPECT_EQ(gateway_.webhooks.lists()[1].page_token(), "more");
}

TEST_F(WebhookTest, StopsAtTheLimit) {
  gateway_.webhooks.SetPages({PageWith(7, "more")});
  EXPECT_EQ(Run({"webhook", "list", "--limit", "1"}).code, 0);
  ASSERT_THAT(gateway_.webhooks.lists(), SizeIs(1));
  EXPECT_EQ(gateway_.webhooks.lists()[0].page_size(), 1);
}

TEST_F(WebhookTest, NarrowsByItsFlags) {
  EXPECT_EQ(Run({"webhook", "list", "--account", "enrow", "--job", "j1",
                 "--since", "2026-09-21T14:13:20Z", "--until",
                 "2026-09-21T15:13:20Z", "--quarantined"})
                .code,
            0);
  ASSERT_THAT(gateway_.webhooks.lists(), SizeIs(1));
  const v1::WebhookFilter filter = gateway_.webhooks.lists()[0].filter();
  EXPECT_EQ(filter.provider(), "enrow");
  EXPECT_EQ(filter.provider_job_id(), "j1");
  EXPECT_EQ(filter.since().seconds(), 1'790'000'000);
  EXPECT_EQ(filter.until().seconds(), 1'790'003'600);
  EXPECT_EQ(filter.state(), v1::WEBHOOK_STATE_QUARANTINED);
}

TEST_F(WebhookTest, TakesASpanBeforeNow) {
  EXPECT_EQ(Run({"webhook", "replay", "--since", "2h", "--until", "1h"}).code,
            0);
  ASSERT_THAT(gateway_.webhooks.replays(), SizeIs(1));
  const v1::WebhookFilter filter = gateway_.webhooks.replays()[0].filter();
  EXPECT_EQ(filter.until().seconds() - filter.since().seconds(), 3600);
}

TEST_F(WebhookTest, RefusesATimeThatIsNone) {
  for (const char* flag : {"--since", "--until"}) {
    for (const char* command : {"list", "replay"}) {
      const CliRun run = Run({"webhook", command, flag, "yesterday"});
      EXPECT_EQ(run.code, static_cast<int>(ExitCode::kUsage));
      EXPECT_THAT(run.err, HasSubstr(flag));
    }
  }
  EXPECT_THAT(gateway_.webhooks.replays(), SizeIs(0));
}

TEST_F(WebhookTest, ReplaysCallAfterCallAndSumsUp) {
  v1::ReplayWebhooksResponse first;
  first.set_replayed(2);
  first.set_changed(1);
  first.set_unchanged(1);
  first.set_next_page_token("more");
  v1::ReplayWebhooksResponse last;
  last.set_replayed(2);
  last.set_gone(1);
  last.set_unchanged(1);
  last.set_quarantined(1);
  v1::ReplayedWebhook& left = *last.add_webhooks();
  left.set_webhook_id(9);
  left.set_reason("OTHER_JOB");
  gateway_.webhooks.SetReplays({first, last});
  const CliRun run = Run({"webhook", "replay", "--quarantined", "-o", "csv"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "replayed,changed,unchanged,gone,quarantined\n4,1,2,1,1\n");
  EXPECT_EQ(run.err, "webhook 9 is in quarantine: OTHER_JOB\n");
  const auto replays = gateway_.webhooks.replays();
  ASSERT_THAT(replays, SizeIs(2));
  EXPECT_EQ(replays[1].page_token(), "more");
  EXPECT_EQ(replays[1].filter().state(), v1::WEBHOOK_STATE_QUARANTINED);
}

TEST_F(WebhookTest, ReplaysTheOnesNamedAndRehearses) {
  EXPECT_EQ(
      Run({"webhook", "replay", "--id", "3", "--id", "5", "--dry-run"}).code,
      0);
  ASSERT_THAT(gateway_.webhooks.replays(), SizeIs(1));
  EXPECT_THAT(gateway_.webhooks.replays()[0].webhook_ids(), ElementsAre(3, 5));
  EXPECT_TRUE(gateway_.webhooks.replays()[0].validate_only());
}

TEST_F(WebhookTest, FailsAsTheGatewayDoes) {
  gateway_.token.Set("secret");
  EXPECT_EQ(Run({"webhook", "list"}).code,
            static_cast<int>(ExitCode::kAuthentication));
  EXPECT_EQ(Run({"webhook", "replay"}).code,
            static_cast<int>(ExitCode::kAuthentication));
}

}  // namespace
}  // namespace enrich::cli
