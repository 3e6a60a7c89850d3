#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_join.h"
#include "unit/simulator/simulator_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::HasSubstr;

class EnrowApiTest : public SimulatorFixture {
 protected:
  static std::string Searches(int count, absl::string_view search) {
    return absl::StrCat(
        R"({"searches":[)",
        absl::StrJoin(std::vector<absl::string_view>(count, search), ","),
        "]}");
  }
};

constexpr absl::string_view kFound =
    R"({"fullname":"Ada Found","company_domain":"acme.example"})";
constexpr absl::string_view kPhoneFound =
    R"({"firstname":"Ada","lastname":"Found","company_name":"Acme"})";

TEST_F(EnrowApiTest, RefusesWhatTheRealOneRefuses) {
  options_.enrow.rate_limit = 0;
  Start();
  struct {
    absl::string_view path;
    std::string body;
    int status;
    absl::string_view answer;
  } const cases[] = {
      {"/email/find/bulk", "", 400, R"({"message":"Missing payload"})"},
      {"/email/find/bulk", "{nonsense", 400, "Error while parsing"},
      {"/email/find/bulk", "{}", 400,
       R"({"message":"Missing searches payload"})"},
      {"/email/find/bulk", Searches(0, ""), 400, "Missing searches payload"},
      {"/email/find/bulk", Searches(5001, kFound), 400,
       R"({"message":"Too many searches. Limit is currently at 5000 per batch."})"},
      {"/email/find/bulk",
       absl::StrCat(R"({"searches":[)", kFound, R"(,{"fullname":"A B"}]})"),
       400, R"({"message":"Missing mandatory property on search n°2 of 2"})"},
      {"/phone/bulk", R"({"searches":[]})", 400,
       R"({"message":"At least 1 phone search must be present in the payload"})"},
      {"/phone/bulk", Searches(3001, kPhoneFound), 400,
       "Limit is currently at 3000 per batch."},
      {"/phone/bulk",
       R"({"searches":[{"first_name":"A","last_name":"B","company_name":"C"}]})",
       400, "Missing mandatory property on search n°1 of 1"},
      {"/email/verify/bulk", R"({"emails":["a@b.example"]})", 400,
       "Missing verifications payload"},
      {"/email/find/single", "{nonsense", 400,
       R"({"message":"Invalid JSON input"})"},
      {"/email/find/single", R"({"company_name":"Acme"})", 400,
       R"({"message":"input payload is missing fullname"})"},
      {"/email/find/single", R"({"fullname":"A B"})", 400,
       R"({"message":"both company_domain and company_name are absent, input payload needs at least one of them"})"},
      {"/phone/single", R"({"linkedin_url":"https://acme.example/in"})", 400,
       R"({"message":"Invalid linkedin_url"})"},
      {"/phone/single", R"({"firstname":"A"})", 400, "Missing mandatory"},
      {"/nowhere", "{}", 403, "message"},
  };
  for (const auto& c : cases) {
    const HttpResponse answer = Enrow("POST", c.path, c.body);
    EXPECT_EQ(answer.status, c.status) << c.path << " " << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(std::string(c.answer))) << c.path;
  }
  EXPECT_EQ(Total("enrow", "accepted"), 0);
  EXPECT_EQ(Total("enrow", "balance"), 100000);
}

TEST_F(EnrowApiTest, RefusesKeys) {
  options_.enrow.phone_allowed = false;
  Start();
  EXPECT_EQ(Enrow("GET", "/account/info", "", "").body,
            R"({"message":"No apikey found in the x-api-key headers"})");
  const HttpResponse wrong = Enrow("POST", "/email/find/bulk", "{}", "other");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, R"({"message":"This apikey is not valid"})");
  const HttpResponse phone = Enrow("POST", "/phone/single", "{}");
  EXPECT_EQ(phone.status, 401);
  EXPECT_EQ(
      phone.body,
      R"({"message":"This account is not allowed to use the phone search feature"})");
}

TEST_F(EnrowApiTest, FindsEmailsInBulkAndRefundsMisses) {
  Start();
  const HttpResponse posted = Enrow("POST", "/email/find/bulk", R"({
      "searches":[
        {"fullname":"Ada Found","company_domain":"acme.example","custom":"k.0"},
        {"fullname":"Bo Notfound","company_name":"Acme","custom":{"k":"1"}}],
      "custom":{"batch":"b1"}})");
  EXPECT_EQ(posted.status, 201);
  EXPECT_EQ(At(posted, {"message"}), "Bulk search operating");
  EXPECT_EQ(At(posted, {"credits_used"}), "2");
  EXPECT_EQ(At(posted, {"estimated_duration"}), "1");
  EXPECT_EQ(Total("enrow", "balance"), 99998);
  const std::string path =
      absl::StrCat("/email/find/bulk?id=", At(posted, {"id"}));

  const HttpResponse running = Enrow("GET", path);
  EXPECT_EQ(running.status, 202);
  EXPECT_EQ(At(running, {"general", "status"}), "ongoing");
  EXPECT_EQ(At(running, {"stats", "requested"}), "2");

  FinishJobs();
  const HttpResponse done = Enrow("GET", path);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(At(done, {"general", "status"}), "completed");
  EXPECT_EQ(At(done, {"general", "custom", "batch"}), "b1");
  EXPECT_EQ(At(done, {"stats", "valid"}), "1");
  EXPECT_EQ(At(done, {"stats", "credits_cost", "initial"}), "2");
  EXPECT_EQ(At(done, {"stats", "credits_cost", "refunded"}), "1");
  EXPECT_EQ(At(done, {"stats", "credits_cost", "final"}), "1");
  const json::Document body = Parse(done.body);
  const json::Value hit = body.root()["results"].at(0);
  const json::Value miss = body.root()["results"].at(1);
  EXPECT_EQ(hit["index"].ToJson(), R"("0")");
  EXPECT_EQ(hit["qualification"].AsString(), "valid");
  EXPECT_THAT(hit["email"].ToJson(), HasSubstr("@acme.example"));
  EXPECT_EQ(hit["custom"].AsString(), "k.0");
  EXPECT_EQ(miss["qualification"].AsString(), "invalid");
  EXPECT_EQ(miss["email"].ToJson(), "null");
  EXPECT_EQ(miss["custom"].ToJson(), R"({"k":"1"})");
  EXPECT_EQ(At(Enrow("GET", "/account/info"), {"credits"}), "99999");
}

TEST_F(EnrowApiTest, FindsPhonesInBulkWith200WhileRunning) {
  Start();
  const HttpResponse posted = Enrow("POST", "/phone/bulk", R"({"searches":[
      {"linkedin_url":"https://www.linkedin.com/in/ada-found","custom":"k.0"},
      {"firstname":"Bo","lastname":"Notfound","company_domain":"a.example"}]})");
  EXPECT_EQ(posted.status, 201);
  EXPECT_EQ(At(posted, {"credits_used"}), "80");
  EXPECT_EQ(At(posted, {"credits", "split", "fromSub"}), "80");
  const std::string path = absl::StrCat("/phone/bulk?id=", At(posted, {"id"}));
  const HttpResponse running = Enrow("GET", path);
  EXPECT_EQ(running.status, 200);
  EXPECT_EQ(At(running, {"general", "status"}), "ongoing");
  FinishJobs();
  const HttpResponse done = Enrow("GET", path);
  EXPECT_EQ(At(done, {"stats", "credits_cost"}), "40");
  EXPECT_EQ(At(done, {"stats", "credits_to_refund"}), "40");
  const json::Document body = Parse(done.body);
  const json::Value hit = body.root()["results"].at(0);
  EXPECT_EQ(hit["index"].ToJson(), "0");
  EXPECT_EQ(hit["qualification"].AsString(), "found");
  EXPECT_EQ(hit["number"].AsString().substr(0, 1), "+");
  EXPECT_EQ(hit["custom"].AsString(), "k.0");
  const json::Value miss = body.root()["results"].at(1);
  EXPECT_EQ(miss["qualification"].AsString(), "not_found");
  EXPECT_TRUE(miss["number"].missing());
}

TEST_F(EnrowApiTest, AnswersSingles) {
  Start();
  struct {
    absl::string_view path;
    std::string body;
    int posted;
    std::string credits;
    std::string qualification;
  } const cases[] = {
      {"/email/find/single", std::string(kFound), 200, "1", "valid"},
      {"/phone/single", std::string(kPhoneFound), 201, "40", "found"},
      {"/email/verify/single", R"({"email":"x.invalid@acme.example"})", 200,
       "0.25", "invalid"},
  };
  for (const auto& c : cases) {
    const HttpResponse posted = Enrow("POST", c.path, c.body);
    EXPECT_EQ(posted.status, c.posted) << c.path;
    EXPECT_EQ(At(posted, {"credits_used"}), c.credits) << c.path;
    const std::string path = absl::StrCat(c.path, "?id=", At(posted, {"id"}));
    const HttpResponse running = Enrow("GET", path);
    EXPECT_EQ(running.status, 202) << c.path;
    EXPECT_EQ(At(running, {"qualification"}), "ongoing") << c.path;
    FinishJobs();
    const HttpResponse done = Enrow("GET", path);
    EXPECT_EQ(done.status, 200) << c.path;
    EXPECT_EQ(At(done, {"qualification"}), c.qualification) << c.path;
  }
}

TEST_F(EnrowApiTest, VerifiesInBulkAtAQuarterEach) {
  Start();
  const HttpResponse posted =
      Enrow("POST", "/email/verify/bulk",
            R"({"verifications":["a@acme.example","notfound@acme.example"]})");
  EXPECT_EQ(posted.status, 201);
  EXPECT_EQ(At(posted, {"credits_used"}), "0.5");
  FinishJobs();
  const HttpResponse done =
      Enrow("GET", absl::StrCat("/email/verify/bulk?id=", At(posted, {"id"})));
  EXPECT_EQ(At(done, {"stats", "credits_cost"}), "0.5");
  EXPECT_EQ(Total("enrow", "balance"), 99999.5);
}

TEST_F(EnrowApiTest, NeedsTheFullPrice) {
  options_.enrow.balance = Credits::Whole(1);
  Start();
  const HttpResponse bulk =
      Enrow("POST", "/email/find/bulk", Searches(2, kFound));
  EXPECT_EQ(bulk.status, 402);
  EXPECT_EQ(bulk.body, R"({"message":"Insufficient credits"})");
  const HttpResponse single =
      Enrow("POST", "/phone/single", std::string(kPhoneFound));
  EXPECT_EQ(single.status, 402);
  EXPECT_EQ(single.body,
            R"({"reason":"Insufficient credits","success":false})");
}

TEST_F(EnrowApiTest, LimitsPostsAndNotGets) {
  Start();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Enrow("POST", "/email/find/single", std::string(kFound)).status,
              200);
  }
  const HttpResponse refused =
      Enrow("POST", "/email/find/single", std::string(kFound));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, R"({"message":"Too Many Requests"})");
  EXPECT_EQ(Enrow("GET", "/account/info").status, 200);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Enrow("POST", "/email/find/single", std::string(kFound)).status,
            200);
}

TEST_F(EnrowApiTest, DoesNotKnowOtherJobs) {
  options_.enrow.api_keys = {"enrow-key", "second"};
  Start();
  const HttpResponse no_id = Enrow("GET", "/email/find/bulk");
  EXPECT_EQ(no_id.status, 400);
  EXPECT_EQ(no_id.body, R"({"message":"Missing id in the query params"})");
  const HttpResponse bulk = Enrow("GET", "/email/find/bulk?id=unknown");
  EXPECT_EQ(bulk.status, 400);
  EXPECT_EQ(bulk.body,
            R"({"message":"Could not retrieve bulk search results"})");
  EXPECT_EQ(Enrow("GET", "/phone/single?id=unknown").status, 500);
  const std::string id =
      At(Enrow("POST", "/email/find/bulk", Searches(1, kFound)), {"id"});
  EXPECT_EQ(Enrow("GET", "/phone/bulk?id=" + id).status, 400);
  EXPECT_EQ(Enrow("GET", "/email/find/bulk?id=" + id, "", "second").status,
            400);
}

TEST_F(EnrowApiTest, ForgetsResults) {
  options_.results_ttl = absl::Hours(1);
  Start();
  const std::string path = absl::StrCat(
      "/email/find/bulk?id=",
      At(Enrow("POST", "/email/find/bulk", Searches(1, kFound)), {"id"}));
  FinishJobs();
  EXPECT_EQ(Enrow("GET", path).status, 200);
  executor_.AdvanceBy(absl::Hours(1));
  EXPECT_EQ(Enrow("GET", path).status, 400);
}

TEST_F(EnrowApiTest, NoticesABulkAndPushesASingleInFull) {
  options_.enrow.rate_limit = 0;
  WebhookReceiver receiver;
  Start();
  const std::string settings = absl::StrCat(R"("settings":{"webhook":")",
                                            receiver.Url("/h/token"), R"("})");
  const HttpResponse bulk =
      Enrow("POST", "/email/find/bulk",
            absl::StrCat(R"({"searches":[)", kFound, "],", settings, "}"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_EQ(receiver.requests()[0].url, "/h/token");
  EXPECT_EQ(receiver.requests()[0].body,
            absl::StrCat(R"({"event":"bulk_search_finished","id":")",
                         At(bulk, {"id"}), R"(","credits":{"cost":1}})"));
  Enrow("POST", "/phone/single",
        absl::StrCat(
            R"({"firstname":"Ada","lastname":"Found","company_name":"A",)",
            settings, "}"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(2));
  const HttpResponse single = {.body = receiver.requests()[1].body};
  EXPECT_EQ(At(single, {"event"}), "single_phone_search_finished");
  EXPECT_EQ(At(single, {"result", "qualification"}), "found");
  EXPECT_EQ(FindHeader(receiver.requests()[1].headers, "X-Signature-SHA1"), "");
}

TEST_F(EnrowApiTest, SendsAWebhookOnce) {
  WebhookReceiver receiver;
  receiver.FailNext(1);
  Start();
  Enrow(
      "POST", "/email/find/single",
      absl::StrCat(R"({"fullname":"A B","company_name":"C",)",
                   R"("settings":{"webhook":")", receiver.Url("/"), R"("}})"));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_TRUE(WaitForTotal("enrow", "webhooks_given_up", 1));
}

TEST_F(EnrowApiTest, AnswersThousandsOfContactsAtOnce) {
  Start();
  const HttpResponse posted =
      Enrow("POST", "/email/find/bulk", Searches(5000, kFound));
  EXPECT_EQ(posted.status, 201);
  FinishJobs();
  const HttpResponse done =
      Enrow("GET", absl::StrCat("/email/find/bulk?id=", At(posted, {"id"})));
  EXPECT_EQ(Parse(done.body).root()["results"].size(), 5000u);
}

}  // namespace
}  // namespace enrich::simulator
