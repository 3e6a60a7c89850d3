#include "simulator/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/crypto.h"
#include "support/seeded_random.h"
#include "unit/simulator/simulator_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::HasSubstr;

// ---- The plan ---------------------------------------------------------------

absl::Status SetRules(FaultPlan& plan, absl::string_view text) {
  return plan.Set(json::Document::Parse(text)->root());
}

TEST(FaultPlan, FiresByProviderEndpointSkipAndCount) {
  SeededRandom random;
  FaultPlan plan(random);
  ASSERT_THAT(SetRules(plan, R"([{"provider":"enrow","endpoint":"submit",
      "action":"reset","when":"after","skip":1,"count":2}])"),
              IsOk());
  EXPECT_FALSE(plan.Take("fullenrich", EndpointKind::kSubmit));
  EXPECT_FALSE(plan.Take("enrow", EndpointKind::kFetch));
  EXPECT_FALSE(plan.Take("enrow", EndpointKind::kSubmit)) << "skipped";
  for (int i = 0; i < 2; ++i) {
    const auto fault = plan.Take("enrow", EndpointKind::kSubmit);
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->Label(), "reset_after");
  }
  EXPECT_FALSE(plan.Take("enrow", EndpointKind::kSubmit));
  EXPECT_THAT(plan.ToJson(), HasSubstr(R"("fired":2)"));
}

TEST(FaultPlan, FiresByChance) {
  SeededRandom random;
  FaultPlan plan(random);
  ASSERT_THAT(SetRules(plan, R"({"rules":[{"endpoint":"webhook",
      "action":"lost","probability":0.25}]})"),
              IsOk());
  int fired = 0;
  for (int i = 0; i < 4000; ++i) {
    if (plan.Take("enrow", EndpointKind::kWebhook)) ++fired;
  }
  EXPECT_NEAR(fired, 1000, 100);
}

TEST(FaultPlan, RefusesRulesItDoesNotUnderstandAndKeepsTheOldOnes) {
  SeededRandom random;
  FaultPlan plan(random);
  ASSERT_THAT(SetRules(plan, R"([{"endpoint":"fetch","action":"hang"}])"),
              IsOk());
  for (const absl::string_view rules :
       {R"(7)", R"([7])", R"([{}])", R"([{"endpoint":"submit"}])",
        R"([{"action":"reset"}])", R"([{"endpoint":"x","action":"reset"}])",
        R"([{"endpoint":"submit","action":"x"}])",
        R"([{"endpoint":"submit","action":"lost"}])",
        R"([{"endpoint":"webhook","action":"reset"}])",
        R"([{"endpoint":"fetch","action":"job_failed"}])",
        R"([{"endpoint":"submit","action":"reset","when":"x"}])",
        R"([{"endpoint":"submit","action":"reset","count":-1}])",
        R"([{"endpoint":"submit","action":"reset","probability":2}])",
        R"([{"endpoint":"submit","action":"reset","provider":"x"}])",
        R"([{"endpoint":"submit","action":"reset","cuont":1}])"}) {
    EXPECT_THAT(SetRules(plan, rules),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << rules;
  }
  EXPECT_TRUE(plan.Take("enrow", EndpointKind::kFetch).has_value());
}

// ---- Calls ------------------------------------------------------------------

class FaultsTest : public SimulatorFixture {
 protected:
  void Faults(std::string rules) {
    ASSERT_EQ(Control("POST", "/faults", std::move(rules)).status, 200);
  }
  HttpResponse Submit(absl::string_view webhook = "") {
    std::string settings;
    if (!webhook.empty()) {
      settings = absl::StrCat(R"(,"webhook_url":")", webhook, R"(")");
    }
    return FullEnrich(
        "POST", "/contact/enrich/bulk",
        absl::StrCat(R"({"name":"ref","data":[{"first_name":"Ada",)",
                     R"("last_name":"Found","domain":"acme.example",)",
                     R"("enrich_fields":["contact.phones"],)",
                     R"("custom":{"k":"ref.0"}}])", settings, "}"));
  }
  Submission Last() { return simulator_->ledger().submissions().back(); }
};

TEST_F(FaultsTest, HappenBeforeOrAfterTheCallIsCarriedOut) {
  struct {
    std::string action;
    int status;
  } const cases[] = {
      {"http_429", 429}, {"http_500", 500}, {"http_503", 503}, {"reset", -1}};
  Start();
  for (const auto& c : cases) {
    for (const bool after : {false, true}) {
      Faults(absl::StrCat(R"([{"endpoint":"submit","action":")", c.action,
                          R"(","when":")", after ? "after" : "before",
                          R"(","count":1}])"));
      EXPECT_EQ(Submit().status, c.status) << c.action;
      EXPECT_EQ(Last().accepted, after) << c.action;
      EXPECT_EQ(Last().job_id.empty(), !after) << c.action;
      EXPECT_EQ(Last().fault, c.action + (after ? "_after" : ""));
      EXPECT_EQ(Last().reference, "ref");
      EXPECT_EQ(Last().keys, std::vector<std::string>{"ref.0"});
      EXPECT_EQ(Submit().status, 200) << "spent";
    }
  }
}

TEST_F(FaultsTest, CloseTheConnectionWithoutAByte) {
  Start();
  Faults(R"([{"endpoint":"account","action":"reset"}])");
  const HttpOutcome outcome = Send({.url = "/enrow/account/info"});
  EXPECT_FALSE(outcome.transport.ok());
  EXPECT_FALSE(outcome.response.has_value());
}

TEST_F(FaultsTest, HangUntilTheCallerGivesUp) {
  Start();
  Faults(R"([{"endpoint":"submit","action":"hang","when":"after"}])");
  const HttpOutcome outcome =
      Send({.method = "POST",
            .url = "/fullenrich/contact/enrich/bulk",
            .headers = {{"Authorization", "Bearer fullenrich-key"}},
            .body = "{}"},
           absl::Milliseconds(100));
  EXPECT_FALSE(outcome.transport.ok());
  EXPECT_TRUE(outcome.maybe_sent);
  EXPECT_EQ(Last().status, 400) << "what would have been said";
}

TEST_F(FaultsTest, SpoilAndDelayAnswers) {
  Start();
  Faults(R"([{"endpoint":"submit","action":"malformed","count":1}])");
  const HttpResponse broken = Submit();
  EXPECT_EQ(broken.status, 200);
  EXPECT_THAT(json::Document::Parse(broken.body),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(Last().accepted);

  Faults(R"([{"endpoint":"account","action":"late","delay_ms":5000}])");
  std::promise<HttpOutcome> promise;
  std::future<HttpOutcome> late = promise.get_future();
  client_->Send({.url = absl::StrCat("http://127.0.0.1:", simulator_->port(),
                                     "/enrow/account/info")},
                absl::Seconds(10), [&promise](HttpOutcome outcome) {
                  promise.set_value(std::move(outcome));
                });
  EXPECT_EQ(late.wait_for(std::chrono::milliseconds(50)),
            std::future_status::timeout);
  executor_.AdvanceBy(absl::Seconds(5));
  EXPECT_EQ(late.get().response->status, 401);
}

TEST_F(FaultsTest, EndJobsBadly) {
  Start();
  Faults(R"([{"endpoint":"submit","action":"job_canceled","count":1},
             {"endpoint":"submit","action":"job_failed"}])");
  const auto status = [&](const HttpResponse& posted) {
    FinishJobs();
    return At(FullEnrich("GET", absl::StrCat("/contact/enrich/bulk/",
                                             At(posted, {"enrichment_id"}))),
              {"status"});
  };
  EXPECT_EQ(status(Submit()), "CANCELED");
  EXPECT_EQ(status(Submit()), "RATE_LIMIT");
  const HttpResponse enrow =
      Enrow("POST", "/email/find/bulk",
            R"({"searches":[{"fullname":"A Found","company_name":"B"}]})");
  FinishJobs();
  EXPECT_EQ(At(Enrow("GET", "/email/find/bulk?id=" + At(enrow, {"id"})),
               {"general", "status"}),
            "failed");
  EXPECT_EQ(Total("enrow", "balance"), 100000);
}

// ---- Webhooks ---------------------------------------------------------------

TEST_F(FaultsTest, LoseAWebhook) {
  WebhookReceiver receiver;
  Start();
  Faults(R"([{"endpoint":"webhook","action":"lost","count":1}])");
  Submit(receiver.Url("/1"));
  FinishJobs();
  EXPECT_EQ(Total("fullenrich", "webhooks_lost"), 1);
  Submit(receiver.Url("/2"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_EQ(receiver.requests()[0].url, "/2");
}

TEST_F(FaultsTest, DuplicateAWebhook) {
  WebhookReceiver receiver;
  Start();
  Faults(R"([{"endpoint":"webhook","action":"duplicate"}])");
  Submit(receiver.Url("/1"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(2));
  EXPECT_EQ(receiver.requests()[0].body, receiver.requests()[1].body);
}

TEST_F(FaultsTest, DelayAWebhook) {
  WebhookReceiver receiver;
  Start();
  Faults(R"([{"endpoint":"webhook","action":"late","delay_ms":60000}])");
  Submit(receiver.Url("/1"));
  FinishJobs();
  EXPECT_FALSE(receiver.WaitFor(1, absl::Milliseconds(20)));
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_TRUE(receiver.WaitFor(1));
}

TEST_F(FaultsTest, SendAWebhookAfterTheNext) {
  options_.max_webhooks_in_flight = 1;
  WebhookReceiver receiver;
  Start();
  Faults(R"([{"endpoint":"webhook","action":"reorder","delay_ms":100000,
              "count":1}])");
  Submit(receiver.Url("/1"));
  FinishJobs();
  Submit(receiver.Url("/2"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(2));
  EXPECT_EQ(receiver.requests()[0].url, "/2");
  EXPECT_EQ(receiver.requests()[1].url, "/1");
}

TEST_F(FaultsTest, SendAHeldWebhookEvenWhenNoneFollows) {
  WebhookReceiver receiver;
  Start();
  Faults(R"([{"endpoint":"webhook","action":"reorder","delay_ms":60000}])");
  Submit(receiver.Url("/1"));
  FinishJobs();
  EXPECT_FALSE(receiver.WaitFor(1, absl::Milliseconds(20)));
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_TRUE(receiver.WaitFor(1));
}

TEST_F(FaultsTest, ForgeASignatureAndBreakABody) {
  WebhookReceiver receiver;
  Start();
  const HmacSha1 key{Secret("fullenrich-key")};
  const auto verifies = [&key](const HttpRequest& request) {
    return key.VerifyHex(request.body,
                         FindHeader(request.headers, "X-Signature-SHA1"));
  };
  Faults(R"([{"endpoint":"webhook","action":"forge","count":1},
             {"endpoint":"webhook","action":"malformed"}])");
  Submit(receiver.Url("/forged"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_FALSE(verifies(receiver.requests()[0]));
  EXPECT_THAT(json::Document::Parse(receiver.requests()[0].body), IsOk());
  Submit(receiver.Url("/broken"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(2));
  EXPECT_TRUE(verifies(receiver.requests()[1]));
  EXPECT_THAT(json::Document::Parse(receiver.requests()[1].body),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace enrich::simulator
