#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "base/crypto.h"
#include "unit/simulator/simulator_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::HasSubstr;

constexpr absl::string_view kPath = "/contact/enrich/bulk";

// A contact of whom everything is asked.
std::string Contact(absl::string_view first, absl::string_view last) {
  return absl::StrCat(
      R"({"first_name":")", first, R"(","last_name":")", last,
      R"(","domain":"acme.example","enrich_fields":["contact.work_emails",)",
      R"("contact.personal_emails","contact.phones"],"custom":{"k":")", first,
      R"("}})");
}

std::string Job(std::vector<std::string> contacts,
                absl::string_view more = "") {
  return absl::StrCat(R"({"name":"job",)", more, R"("data":[)",
                      absl::StrJoin(contacts, ","), "]}");
}

class FullEnrichApiTest : public SimulatorFixture {
 protected:
  FullEnrichApiTest() { options_.fullenrich.rate_limit = 0; }

  // The path to read the job accepted by `posted`.
  static std::string PathOf(const HttpResponse& posted) {
    return absl::StrCat(kPath, "/", At(posted, {"enrichment_id"}));
  }
};

TEST_F(FullEnrichApiTest, RefusesWhatTheRealOneRefuses) {
  Start();
  const auto with = [](absl::string_view contact) {
    return Job({std::string(contact)});
  };
  const std::string fields = R"("enrich_fields":["contact.phones"])";
  const std::string named = R"("first_name":"A","last_name":"B",)";
  const std::string good = absl::StrCat(named, R"("domain":"a.example",)");
  std::string eleven_keys;
  for (int i = 0; i < 11; ++i) {
    absl::StrAppend(&eleven_keys, i ? "," : "", "\"", i, "\":\"v\"");
  }
  const std::string long_value(101, 'x');
  struct {
    std::string body;
    absl::string_view code;
  } const cases[] = {
      {"{nonsense", "error.body.invalid"},
      {R"({"data":[]})", "error.enrichment.name.empty"},
      {R"({"name":"","data":[]})", "error.enrichment.name.empty"},
      {Job({}, R"("webhook_url":"ftp://x",)"), "error.enrichment.webhook_url"},
      {Job({}, R"("webhook_events":{"contact_finished":"x"},)"),
       "error.enrichment.webhook_url"},
      {Job({}), "error.enrichment.data.empty"},
      {Job(std::vector<std::string>(101, Contact("A", "B"))),
       "error.enrichment.data.exceeded"},
      {with("{" + fields + "}"), "error.enrichment.first_name.empty"},
      {with(R"({"first_name":"A",)" + fields + "}"),
       "error.enrichment.last_name.empty"},
      {with("{" + named + fields + "}"), "error.enrichment.domain.empty"},
      {with("{" + named + R"("domain":"nowhere",)" + fields + "}"),
       "error.enrichment.domain.invalid"},
      {with(R"({"linkedin_url":"https://a.example/in/x",)" + fields + "}"),
       "error.enrichment.linkedin_url.invalid"},
      {with("{" + good + R"("enrich_fields":[]})"),
       "error.enrichment.enrich_fields.empty"},
      {with("{" + good + R"("enrich_fields":["phones"]})"),
       "error.enrichment.enrich_field.value"},
      {with("{" + good + fields + R"(,"custom":{)" + eleven_keys + "}}"),
       "error.enrichment.custom.key.exceeded"},
      {with("{" + good + fields + R"(,"custom":{"k":")" + long_value +
            R"("}})"),
       "error.enrichment.custom.value.exceeded"},
      {with("{" + good + fields + R"(,"custom":{"k":7}})"),
       "error.enrichment.custom.value.type"},
      {with("{" + good + fields + R"(,"custom":"k"})"),
       "error.enrichment.custom.value.type"},
  };
  for (const auto& c : cases) {
    const HttpResponse answer = FullEnrich("POST", kPath, c.body);
    EXPECT_EQ(answer.status, 400) << c.code;
    EXPECT_EQ(At(answer, {"code"}), c.code) << answer.body;
    EXPECT_NE(At(answer, {"message"}), "");
  }
  EXPECT_EQ(Total("fullenrich", "submissions"), std::size(cases));
  EXPECT_EQ(Total("fullenrich", "accepted"), 0);
}

TEST_F(FullEnrichApiTest, RefusesKeys) {
  Start();
  const auto code = [&](HttpHeaders headers) {
    const HttpResponse answer =
        Call({.url = "/fullenrich/account/credits", .headers = headers});
    EXPECT_EQ(answer.status, 401);
    return At(answer, {"code"});
  };
  EXPECT_EQ(code({}), "error.authorization.not_set");
  EXPECT_EQ(code({{"Authorization", "Basic x"}}),
            "error.authorization.not_bearer");
  EXPECT_EQ(code({{"Authorization", "Bearer x"}}), "error.api.key");
}

TEST_F(FullEnrichApiTest, AcceptsEveryDocumentedIdentity) {
  Start();
  const absl::string_view fields = R"("enrich_fields":["contact.phones"]})";
  for (const absl::string_view identity :
       {R"({"linkedin_url":"https://www.linkedin.com/in/ACwAAB12",)",
        R"({"first_name":"A","last_name":"B","company_name":"C",)",
        R"({"first_name":"A","last_name":"B","domain":"https://c.example",)"}) {
    const HttpResponse posted =
        FullEnrich("POST", kPath, Job({absl::StrCat(identity, fields)}));
    EXPECT_EQ(posted.status, 200) << posted.body;
  }
}

TEST_F(FullEnrichApiTest, ReturnsAJob) {
  Start();
  const HttpResponse posted =
      FullEnrich("POST", kPath,
                 Job({Contact("Ada", "Found"), Contact("Bo", "Notfound"),
                      Contact("Cy", "Landline")}));
  EXPECT_EQ(posted.status, 200);
  const HttpResponse running = FullEnrich("GET", PathOf(posted));
  EXPECT_EQ(running.status, 400);
  EXPECT_EQ(
      running.body,
      R"({"code":"error.enrichment.in_progress","message":"Enrichment not ready, try again in 30 seconds"})");
  const HttpResponse forced =
      FullEnrich("GET", PathOf(posted) + "?forceResults=true");
  EXPECT_EQ(forced.status, 200);
  EXPECT_EQ(At(forced, {"status"}), "IN_PROGRESS");
  EXPECT_EQ(Parse(forced.body).root()["data"].size(), 0u);

  FinishJobs();
  const HttpResponse done = FullEnrich("GET", PathOf(posted));
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(At(done, {"name"}), "job");
  EXPECT_EQ(At(done, {"status"}), "FINISHED");
  EXPECT_EQ(At(done, {"cost", "credits"}), "14");
  const json::Document body = Parse(done.body);
  const json::Value data = body.root()["data"];
  ASSERT_EQ(data.size(), 3u);
  const json::Value ada = data.at(0);
  EXPECT_EQ(ada["input"]["company_domain"].AsString(), "acme.example");
  EXPECT_EQ(ada["custom"]["k"].AsString(), "Ada");
  const json::Value info = ada["contact_info"];
  EXPECT_EQ(info["most_probable_work_email"]["status"].AsString(),
            "DELIVERABLE");
  EXPECT_THAT(std::string(info["most_probable_phone"]["number"].AsString()),
              ::testing::ContainsRegex("[ -]"));
  EXPECT_EQ(info["personal_emails"].size(), 1u);
  EXPECT_TRUE(ada["profile"].missing());
  EXPECT_EQ(data.at(1)["contact_info"]["phones"].size(), 0u);
  const json::Value landline = data.at(2)["contact_info"];
  EXPECT_TRUE(landline["most_probable_phone"].null());
  EXPECT_EQ(landline["phones"].at(0)["line_type"].AsString(), "LANDLINE");
  EXPECT_EQ(At(FullEnrich("GET", "/account/credits"), {"balance"}), "99986");
}

TEST_F(FullEnrichApiTest, SendsAProfileForALinkedinUrl) {
  Start();
  const HttpResponse posted = FullEnrich(
      "POST", kPath,
      Job({R"({"linkedin_url":"https://www.linkedin.com/in/ada-found",)"
           R"("enrich_fields":["contact.phones"]})"}));
  FinishJobs();
  const json::Document body = Parse(FullEnrich("GET", PathOf(posted)).body);
  const json::Value ada = body.root()["data"].at(0);
  EXPECT_EQ(ada["profile"]["full_name"].AsString(), "Ada Found");
  EXPECT_EQ(ada["input"]["professional_network_url"].AsString(),
            "https://www.linkedin.com/in/ada-found");
  EXPECT_TRUE(ada["contact_info"]["most_probable_work_email"].null());
}

TEST_F(FullEnrichApiTest, ChargesNothingForItsOwnPerson) {
  Start();
  const auto ask = [&](absl::string_view domain) {
    const HttpResponse posted = FullEnrich(
        "POST", kPath,
        Job({absl::StrCat(
            R"({"domain":")", domain,
            R"(","linkedin_url":"https://www.linkedin.com/in/demoge/",)",
            R"("enrich_fields":["contact.work_emails","contact.phones"]})")}));
    FinishJobs();
    return FullEnrich("GET", PathOf(posted));
  };
  const HttpResponse answer = ask("fullenrich.com");
  EXPECT_EQ(At(answer, {"status"}), "FINISHED");
  EXPECT_EQ(At(answer, {"cost", "credits"}), "0");
  const json::Document body = Parse(answer.body);
  const json::Value info = body.root()["data"].at(0)["contact_info"];
  EXPECT_EQ(info["work_emails"].size(), 1u);
  EXPECT_FALSE(info["most_probable_phone"]["number"].missing());
  EXPECT_EQ(At(FullEnrich("GET", "/account/credits"), {"balance"}), "100000");
}

TEST_F(FullEnrichApiTest, MayAnswer200WhileRunning) {
  options_.fullenrich.running_is_200 = true;
  Start();
  const HttpResponse posted =
      FullEnrich("POST", kPath, Job({Contact("Ada", "Found")}));
  const HttpResponse running = FullEnrich("GET", PathOf(posted));
  EXPECT_EQ(running.status, 200);
  EXPECT_EQ(At(running, {"status"}), "IN_PROGRESS");
  EXPECT_TRUE(Parse(running.body).root()["data"].missing());
}

TEST_F(FullEnrichApiTest, SkipsInvalidContactsSilently) {
  Start();
  const std::string job =
      Job({Contact("Ada", "Found"),
           R"({"enrich_fields":["contact.phones"],"custom":{"k":"bad"}})"});
  EXPECT_EQ(FullEnrich("POST", kPath, job).status, 400);
  const HttpResponse posted =
      FullEnrich("POST", absl::StrCat(kPath, "?silentFail=true"), job);
  EXPECT_EQ(posted.status, 200);
  FinishJobs();
  const HttpResponse done = FullEnrich("GET", PathOf(posted));
  EXPECT_EQ(At(done, {"cost", "credits"}), "14");
  const json::Document body = Parse(done.body);
  const json::Value skipped = body.root()["data"].at(1);
  EXPECT_EQ(skipped["custom"]["k"].AsString(), "bad");
  EXPECT_TRUE(skipped["contact_info"]["phones"].null() ||
              skipped["contact_info"]["phones"].size() == 0);
}

TEST_F(FullEnrichApiTest, StopsWhenCreditsRunOut) {
  options_.fullenrich.balance = Credits::Whole(20);
  WebhookReceiver receiver;
  Start();
  const HttpResponse posted = FullEnrich(
      "POST", kPath,
      Job({Contact("Ada", "Found"), Contact("Bo", "Found")},
          absl::StrCat(R"("webhook_url":")", receiver.Url("/b"), R"(",)")));
  EXPECT_EQ(posted.status, 200);
  FinishJobs();
  const HttpResponse done = FullEnrich("GET", PathOf(posted));
  EXPECT_EQ(done.status, 402);
  EXPECT_EQ(At(done, {"status"}), "CREDITS_INSUFFICIENT");
  EXPECT_EQ(At(done, {"cost", "credits"}), "14");
  EXPECT_EQ(Parse(done.body).root()["data"].size(), 1u);
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_EQ(receiver.requests()[0].body, done.body);
}

TEST_F(FullEnrichApiTest, ChargesTheSameInputOnce) {
  Start();
  const auto cost_of = [&](const std::string& job) {
    const HttpResponse posted = FullEnrich("POST", kPath, job);
    FinishJobs();
    return At(FullEnrich("GET", PathOf(posted)), {"cost", "credits"});
  };
  const std::string job = Job({Contact("Ada", "Found")});
  EXPECT_EQ(cost_of(Job({Contact("Ada", "Found"), Contact("Ada", "Found")})),
            "28")
      << "not within one batch";
  EXPECT_EQ(cost_of(job), "0");
  EXPECT_EQ(cost_of(Job({Contact("ada", "Found")})), "14") << "another input";
  executor_.AdvanceBy(absl::Hours(24 * 91));
  EXPECT_EQ(cost_of(job), "14") << "after three months";
}

TEST_F(FullEnrichApiTest, ChargesSimultaneousJobsEach) {
  Start();
  const std::string job = Job({Contact("Ada", "Found")});
  const HttpResponse first = FullEnrich("POST", kPath, job);
  const HttpResponse second = FullEnrich("POST", kPath, job);
  FinishJobs();
  EXPECT_EQ(At(FullEnrich("GET", PathOf(first)), {"cost", "credits"}), "14");
  EXPECT_EQ(At(FullEnrich("GET", PathOf(second)), {"cost", "credits"}), "14");
}

TEST_F(FullEnrichApiTest, PushesEveryContactAndTheBatchSigned) {
  WebhookReceiver receiver;
  Start();
  const HttpResponse posted =
      FullEnrich("POST", kPath,
                 Job({Contact("Ada", "Found"), Contact("Bo", "Notfound")},
                     absl::StrCat(R"("webhook_url":")", receiver.Url("/batch"),
                                  R"(","webhook_events":{"contact_finished":")",
                                  receiver.Url("/contact"), R"("},)")));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(3));
  const HmacSha1 key{Secret("fullenrich-key")};
  std::multiset<std::string> urls;
  for (const HttpRequest& request : receiver.requests()) {
    urls.insert(request.url);
    EXPECT_EQ(FindHeader(request.headers, "X-Signature-SHA1"),
              absl::BytesToHexString(key.Sign(request.body)));
    const json::Document body = Parse(request.body);
    const bool batch = request.url == "/batch";
    EXPECT_EQ(body.root()["status"].AsString(),
              batch ? "FINISHED" : "IN_PROGRESS");
    EXPECT_EQ(body.root()["data"].size(), batch ? 2u : 1u);
    if (batch) {
      EXPECT_EQ(request.body, FullEnrich("GET", PathOf(posted)).body);
    }
  }
  EXPECT_EQ(urls,
            (std::multiset<std::string>{"/batch", "/contact", "/contact"}));
}

TEST_F(FullEnrichApiTest, TriesAWebhookSixTimesWithTheSameBytes) {
  WebhookReceiver receiver;
  receiver.FailNext(100);
  Start();
  FullEnrich(
      "POST", kPath,
      Job({Contact("Ada", "Found")},
          absl::StrCat(R"("webhook_url":")", receiver.Url("/"), R"(",)")));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  EXPECT_FALSE(receiver.WaitFor(2, absl::Milliseconds(20)))
      << "not before a minute has passed";
  ASSERT_TRUE(AdvanceUntil(receiver, 6));
  EXPECT_TRUE(WaitForTotal("fullenrich", "webhooks_given_up", 1));
  for (const HttpRequest& request : receiver.requests()) {
    EXPECT_EQ(request.body, receiver.requests()[0].body);
  }
  executor_.AdvanceBy(absl::Hours(1));
  EXPECT_EQ(receiver.requests().size(), 6u);
}

TEST_F(FullEnrichApiTest, StopsTryingOnceAWebhookIsTaken) {
  WebhookReceiver receiver;
  receiver.FailNext(2);
  Start();
  FullEnrich(
      "POST", kPath,
      Job({Contact("Ada", "Found")},
          absl::StrCat(R"("webhook_url":")", receiver.Url("/"), R"(",)")));
  FinishJobs();
  ASSERT_TRUE(AdvanceUntil(receiver, 3));
  EXPECT_TRUE(WaitForTotal("fullenrich", "webhooks_delivered", 1));
  EXPECT_EQ(Total("fullenrich", "webhooks_retried"), 2);
}

TEST_F(FullEnrichApiTest, WorksOnSoManyContactsAtATime) {
  options_.fullenrich.concurrency = 1;
  Start();
  const HttpResponse posted =
      FullEnrich("POST", kPath,
                 Job({Contact("Ada", "Found"), Contact("Bo", "Found"),
                      Contact("Cy", "Found"), Contact("Di", "Found")}));
  FinishJobs();
  EXPECT_EQ(FullEnrich("GET", PathOf(posted)).status, 400);
  executor_.AdvanceBy(4 * options_.latency);
  EXPECT_EQ(FullEnrich("GET", PathOf(posted)).status, 200);
}

TEST_F(FullEnrichApiTest, LimitsAllCalls) {
  options_.fullenrich.rate_limit = 60;
  Start();
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(FullEnrich("GET", "/account/keys/verify").status, 200);
  }
  const HttpResponse refused =
      FullEnrich("POST", kPath, Job({Contact("Ada", "Found")}));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(
      refused.body,
      R"({"code":"error.rate.limit","message":"Too many requests. Try again in 1m"})");
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(FullEnrich("GET", "/account/credits").status, 200);
}

TEST_F(FullEnrichApiTest, DoesNotKnowOtherJobs) {
  options_.fullenrich.api_keys = {"fullenrich-key", "second"};
  Start();
  const HttpResponse unknown = FullEnrich("GET", absl::StrCat(kPath, "/x"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(
      unknown.body,
      R"({"code":"error.enrichment.not_found","message":"Enrichment ID not found"})");
  EXPECT_EQ(At(FullEnrich("GET", "/contact/reverse/email/bulk/x"), {"code"}),
            "error.reverse.email.not_found");
  const HttpResponse posted =
      FullEnrich("POST", kPath, Job({Contact("Ada", "Found")}));
  EXPECT_EQ(FullEnrich("GET", PathOf(posted), "", "second").status, 404);
}

TEST_F(FullEnrichApiTest, LooksUpTheOwnersOfEmails) {
  Start();
  const std::string path = "/contact/reverse/email/bulk";
  EXPECT_EQ(At(FullEnrich("POST", path, Job({R"({"email":""})"})), {"code"}),
            "error.reverse.email.empty");
  EXPECT_EQ(At(FullEnrich("POST", path, Job({R"({"email":"x"})"})), {"code"}),
            "error.reverse.email.invalid");
  std::vector<std::string> rows = {R"({"email":"notfound@acme.example"})"};
  for (int i = 0; i < 40; ++i) {
    rows.push_back(absl::StrCat(R"({"email":"a.b)", i, R"(@acme.example"})"));
  }
  const HttpResponse posted = FullEnrich("POST", path, Job(rows));
  FinishJobs();
  const HttpResponse done =
      FullEnrich("GET", path + "/" + At(posted, {"enrichment_id"}));
  const json::Document body = Parse(done.body);
  EXPECT_TRUE(body.root()["data"].at(0)["profile"].missing());
  int found = 0;
  for (const json::Value row : body.root()["data"]) {
    if (!row["profile"].missing()) ++found;
  }
  EXPECT_GT(found, 0);
  EXPECT_EQ(At(done, {"cost", "credits"}), absl::StrCat(found));
}

}  // namespace
}  // namespace enrich::simulator
