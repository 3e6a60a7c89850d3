#include "simulator/pronto_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "unit/simulator/pronto_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

using ProntoApiTest = ProntoFixture;

TEST_F(ProntoApiTest, AnswersASingle) {
  Start();
  const HttpResponse posted = Pronto(
      "POST", kSingle,
      Single(Members("Ada", "Found"), R"("email","phone","personal_email")"));
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.body,
            absl::StrCat(R"({"enrichment_id":")", At(posted, {"enrichment_id"}),
                         R"(","first_name":"Ada","last_name":"Found",)",
                         R"("status":"pending","custom":{"k":"Ada"}})"));
  const HttpResponse running = Pronto("GET", PathOf(posted));
  EXPECT_EQ(running.status, 200);
  EXPECT_EQ(running.body, posted.body);
  FinishJobs();
  const HttpResponse done = Pronto("GET", PathOf(posted));
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(At(done, {"enrichment_id"}), At(posted, {"enrichment_id"}));
  EXPECT_EQ(At(done, {"status"}), "finished");
  EXPECT_THAT(At(done, {"email"}), HasSubstr("@acme.example"));
  EXPECT_EQ(At(done, {"email_status"}), "deliverable");
  EXPECT_THAT(At(done, {"personal_email"}), HasSubstr("@mail.example"));
  const json::Document body = Parse(done.body);
  ASSERT_EQ(body.root()["phone"].size(), 2u);
  for (const json::Value number : body.root()["phone"]) {
    EXPECT_THAT(std::string(number.AsString()),
                ::testing::MatchesRegex("[+][0-9]+"));
  }
  EXPECT_EQ(body.root()["custom"].ToJson(), R"({"k":"Ada"})");
  EXPECT_EQ(Total("pronto", "credits_charged"), 21) << "however many numbers";
  EXPECT_EQ(Pronto("GET", "/credits").body, R"({"credits":99979})");
}

TEST_F(ProntoApiTest, SaysWhatIsNotFound) {
  Start();
  const HttpResponse email = Enrich(Members("Bo", "Notfound"), R"("email")");
  EXPECT_EQ(At(email, {"status"}), "finished");
  const json::Document body = Parse(email.body);
  EXPECT_EQ(body.root()["email"].ToJson(), "null");
  EXPECT_EQ(body.root()["email_status"].AsString(), "N/A");
  EXPECT_EQ(body.root()["phone"].ToJson(), "[]");
  EXPECT_TRUE(body.root()["personal_email"].missing()) << "not asked for";
  EXPECT_TRUE(body.root()["personal_email_status"].missing());
  const json::Document phone =
      Parse(Enrich(Members("Bo", "Notfound"), R"("phone")").body);
  EXPECT_EQ(phone.root()["phone"].ToJson(), "[]");
  EXPECT_TRUE(phone.root()["email"].missing()) << "not asked for";
  EXPECT_EQ(Total("pronto", "balance"), 100000) << "a miss is free";
}

TEST_F(ProntoApiTest, UsesItsOwnWordsForQuality) {
  Start();
  EXPECT_EQ(
      At(Enrich(Members("Ada", "Catchall"), R"("email")"), {"email_status"}),
      "catch-all");
  EXPECT_EQ(At(Enrich(Members("Ada", "Invalid"), R"("personal_email")"),
               {"personal_email_status"}),
            "invalid");
  EXPECT_EQ(Total("pronto", "credits_charged"), 1) << "an invalid one is free";
  std::set<std::string> words;
  for (int i = 0; i < 60; ++i) {
    words.insert(At(Enrich(Members(absl::StrCat("Mira", i), "Tester"),
                           R"("personal_email")"),
                    {"personal_email_status"}));
  }
  EXPECT_EQ(words,
            (std::set<std::string>{"N/A", "catch-all", "invalid", "valid"}));
}

TEST_F(ProntoApiTest, KeepsToTheCountriesAskedFor) {
  Start();
  const auto phones = [&](absl::string_view more) {
    const HttpResponse done =
        Enrich(Members("Ada", "Found"), R"("phone")", more);
    const json::Document body = Parse(done.body);
    std::vector<std::string> out;
    for (const json::Value number : body.root()["phone"]) {
      out.emplace_back(number.AsString());
    }
    return out;
  };
  EXPECT_EQ(phones("").size(), 2u);
  EXPECT_EQ(phones(R"(,"phone_country_codes":["US","de","SE","AU","FR","GB"])"),
            phones(""));
  EXPECT_EQ(phones(R"(,"phone_country_codes":["JP"])").size(), 0u);
  EXPECT_EQ(Total("pronto", "credits_charged"), 30) << "the last one is free";
}

TEST_F(ProntoApiTest, PushesEachContactOfABatchOnceAndUnsigned) {
  WebhookReceiver receiver;
  Start();
  const HttpResponse posted =
      Pronto("POST", kBulk,
             Batch({Contact("Ada", "Found"), Contact("Bo", "Notfound"),
                    Contact("Cy", "Found")},
                   R"("email")", Webhook(receiver.Url("/h/token"))));
  EXPECT_EQ(posted.status, 202);
  const std::string batch = At(posted, {"enrichment_id"});
  EXPECT_EQ(posted.body, absl::StrCat(R"({"enrichment_id":")", batch, R"("})"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(3));
  EXPECT_TRUE(WaitForTotal("pronto", "webhooks_delivered", 3));
  std::vector<std::string> customs;
  std::set<std::string> ids = {batch};
  for (const HttpRequest& request : receiver.requests()) {
    EXPECT_EQ(request.url, "/h/token");
    EXPECT_EQ(FindHeader(request.headers, "X-Signature-SHA1"), "");
    const HttpResponse pushed = {.body = request.body};
    EXPECT_EQ(At(pushed, {"status"}), "finished");
    customs.push_back(At(pushed, {"custom", "k"}));
    ids.insert(At(pushed, {"enrichment_id"}));
    EXPECT_EQ(Pronto("GET", PathOf(pushed)).body, request.body);
  }
  EXPECT_THAT(customs, UnorderedElementsAre("Ada", "Bo", "Cy"));
  EXPECT_EQ(ids.size(), 4u) << "each contact has an id of its own";
  const HttpResponse bulk = Pronto("GET", PathOf(posted));
  EXPECT_EQ(bulk.status, 404) << "a batch cannot be read";
  EXPECT_EQ(bulk.body, R"({"error":"Not found"})");
  const Submission entry = simulator_->ledger().submissions().back();
  EXPECT_EQ(entry.job_id, batch);
  EXPECT_EQ(entry.charged, Credits::Whole(2));
  EXPECT_EQ(entry.keys, (std::vector<std::string>{"Ada", "Bo", "Cy"}));
  EXPECT_EQ(entry.callback_sha256, UrlHash(receiver.Url("/h/token")));
}

TEST_F(ProntoApiTest, PushesASingleAndDoesNotTryAgain) {
  WebhookReceiver receiver;
  receiver.FailNext(1);
  Start();
  const HttpResponse done =
      Enrich(Members("Ada", "Found"), R"("email")", Webhook(receiver.Url("/")));
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_EQ(receiver.requests()[0].body, done.body);
  EXPECT_TRUE(WaitForTotal("pronto", "webhooks_given_up", 1));
  executor_.AdvanceBy(absl::Hours(1));
  EXPECT_EQ(receiver.requests().size(), 1u);
}

TEST_F(ProntoApiTest, ChecksTheFullPriceFirstAndTakesWhatIsFound) {
  options_.pronto.balance = Credits::Whole(25);
  Start();
  const std::string batch =
      Batch({Contact("Ada", "Found"), Contact("Bo", "Notfound")}, R"("phone")");
  EXPECT_EQ(Pronto("POST", kBulk, batch).status, 202);
  EXPECT_EQ(Total("pronto", "balance"), 25) << "nothing is taken yet";
  const HttpResponse refused = Pronto("POST", kBulk, batch);
  EXPECT_EQ(refused.status, 422) << "promised to the first";
  EXPECT_EQ(refused.body, R"({"error":"Insufficient enrichment credits"})");
  EXPECT_EQ(Total("pronto", "jobs_running"), 2) << "nothing of it is begun";
  FinishJobs();
  EXPECT_EQ(Total("pronto", "balance"), 15);
  EXPECT_EQ(Pronto("POST", kBulk, batch).status, 422);
  EXPECT_EQ(
      Pronto("POST", kSingle, Single(Members("Ada", "Found"), R"("phone")"))
          .status,
      200);
}

TEST_F(ProntoApiTest, ChargesTheSameContactAgain) {
  options_.pronto.email_price = 3;
  Start();
  Enrich(Members("Ada", "Found"), R"("email")");
  Enrich(Members("Ada", "Found"), R"("email")");
  EXPECT_EQ(Total("pronto", "credits_charged"), 6);
  EXPECT_EQ(Total("pronto", "repeated_lookups"), 1);
}

TEST_F(ProntoApiTest, WorksOnFiveRequestsAtATimeAndRefusesNone) {
  Start();
  std::vector<std::string> paths;
  for (int i = 0; i < 26; ++i) {
    const HttpResponse posted =
        Pronto("POST", kSingle, Single(Members("Ada", "Found"), R"("email")"));
    EXPECT_EQ(posted.status, 200);
    paths.push_back(PathOf(posted));
  }
  // Five are before the last one in its place, each of at least half a latency.
  FinishJobs();
  EXPECT_EQ(At(Pronto("GET", paths.front()), {"status"}), "finished");
  EXPECT_EQ(At(Pronto("GET", paths.back()), {"status"}), "pending");
  executor_.AdvanceBy(10 * options_.latency);
  EXPECT_EQ(At(Pronto("GET", paths.back()), {"status"}), "finished");
}

TEST_F(ProntoApiTest, LimitsCallsWhenTold) {
  options_.pronto.rate_limit = 1;
  Start();
  EXPECT_EQ(Pronto("GET", "/credits").status, 200);
  const HttpResponse refused = Pronto("GET", "/credits");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, R"({"error":"Too Many Requests"})");
  EXPECT_EQ(FindHeader(refused.headers, "Retry-After"), "1");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Pronto("GET", "/credits").status, 200);
}

TEST_F(ProntoApiTest, ObeysFaults) {
  WebhookReceiver receiver;
  Start();
  Control("POST", "/faults",
          R"([{"provider":"pronto","endpoint":"submit","action":"http_429",
               "count":1},
              {"provider":"pronto","endpoint":"submit","action":"http_503",
               "when":"after","count":1},
              {"provider":"pronto","endpoint":"fetch","action":"http_500",
               "count":1},
              {"provider":"pronto","endpoint":"account","action":"http_503",
               "count":1},
              {"provider":"pronto","endpoint":"webhook","action":"lost",
               "count":1}])");
  const std::string body =
      Batch({Contact("Ada", "Found"), Contact("Bo", "Found")}, R"("email")",
            Webhook(receiver.Url("/")));
  const HttpResponse limited = Pronto("POST", kBulk, body);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(FindHeader(limited.headers, "Retry-After"), "1");
  const Submission refused = simulator_->ledger().submissions().back();
  EXPECT_FALSE(refused.accepted);
  EXPECT_EQ(refused.fault, "http_429");
  EXPECT_EQ(refused.keys, (std::vector<std::string>{"Ada", "Bo"}));
  const HttpResponse doubtful = Pronto("POST", kBulk, body);
  EXPECT_EQ(doubtful.status, 503);
  EXPECT_EQ(doubtful.body, R"({"error":"Service Unavailable"})");
  EXPECT_TRUE(simulator_->ledger().submissions().back().accepted);
  EXPECT_EQ(Pronto("GET", "/contacts/x").body,
            R"({"error":"Internal Server Error"})");
  EXPECT_EQ(Pronto("GET", "/credits").status, 503);
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_EQ(Total("pronto", "webhooks_lost"), 1);
  EXPECT_EQ(Total("pronto", "credits_charged"), 2) << "lost and paid for";
}

TEST_F(ProntoApiTest, LeavesAFailedJobPending) {
  WebhookReceiver receiver;
  Start();
  Control("POST", "/faults",
          R"([{"endpoint":"submit","action":"job_failed"}])");
  const HttpResponse done =
      Enrich(Members("Ada", "Found"), R"("email")", Webhook(receiver.Url("/")));
  EXPECT_EQ(At(done, {"status"}), "pending");
  EXPECT_EQ(Total("pronto", "balance"), 100000);
  EXPECT_FALSE(receiver.WaitFor(1, absl::Milliseconds(20)));
}

TEST_F(ProntoApiTest, DoesNotKnowOtherJobsNorOtherPaths) {
  options_.pronto.api_keys = {"pronto-key", "second"};
  Start();
  const HttpResponse posted =
      Pronto("POST", kSingle, Single(Members("Ada", "Found"), R"("email")"));
  EXPECT_EQ(Pronto("GET", PathOf(posted)).status, 200);
  EXPECT_EQ(Pronto("GET", PathOf(posted), "", "second").status, 404);
  EXPECT_EQ(Pronto("GET", "/contacts/unknown").status, 404);
  EXPECT_EQ(Pronto("GET", kBulk).status, 404);
  EXPECT_EQ(Pronto("POST", "/contacts/sync_single_enrich", "{}").status, 404);
  EXPECT_EQ(Pronto("POST", "/credits").status, 404);
}

TEST_F(ProntoApiTest, ForgetsResults) {
  options_.results_ttl = absl::Hours(1);
  Start();
  const HttpResponse posted =
      Pronto("POST", kSingle, Single(Members("Ada", "Found"), R"("email")"));
  FinishJobs();
  EXPECT_EQ(Pronto("GET", PathOf(posted)).status, 200);
  executor_.AdvanceBy(absl::Hours(1));
  EXPECT_EQ(Pronto("GET", PathOf(posted)).status, 404);
}

TEST_F(ProntoApiTest, ShowsTheAccountAndIsSetAndReset) {
  Start();
  Enrich(Members("Ada", "Found"), R"("phone")");
  const HttpResponse account = Pronto("GET", "/account");
  EXPECT_EQ(account.status, 200);
  EXPECT_NE(At(account, {"id"}), "");
  EXPECT_EQ(At(account, {"credits"}), "99990");
  Control("POST", "/admin", R"({"pronto":{"balance":7.5}})");
  EXPECT_EQ(Pronto("GET", "/credits").body, R"({"credits":7.5})");
  EXPECT_EQ(Total("enrow", "balance"), 100000);
  Control("POST", "/admin", R"({"reset":true})");
  EXPECT_EQ(Pronto("GET", "/credits").body, R"({"credits":100000})");
  EXPECT_EQ(Total("pronto", "submissions"), 0);
}

}  // namespace
}  // namespace enrich::simulator
