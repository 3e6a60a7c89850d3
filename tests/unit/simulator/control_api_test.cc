#include "simulator/control_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "base/crypto.h"
#include "support/temp_dir.h"
#include "unit/simulator/simulator_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ControlApiTest : public SimulatorFixture {
 protected:
  HttpResponse SubmitToEnrow() {
    return Enrow("POST", "/email/find/bulk", R"({
        "searches":[
          {"fullname":"Ada Found","company_name":"Acme","custom":"ref.0"},
          {"fullname":"Bo Notfound","company_name":"Acme","custom":"ref.1"}],
        "custom":{"key":"ref"},
        "settings":{"webhook":"http://127.0.0.1:1/token"}})");
  }
};

TEST_F(ControlApiTest, TellsEverySubmissionInOrder) {
  Start();
  const HttpResponse posted = SubmitToEnrow();
  FullEnrich("POST", "/contact/enrich/bulk",
             R"({"name":"other","data":[{"custom":{"a":"1","b":"2"}}]})");
  FinishJobs();
  const HttpResponse answer = Control("GET", "/ledger");
  EXPECT_THAT(answer.body, Not(HasSubstr("Ada")));
  EXPECT_THAT(answer.body, Not(HasSubstr("token")));
  const json::Document ledger = Parse(answer.body);
  const json::Value first = ledger.root()["submissions"].at(0);
  EXPECT_EQ(first["sequence"].AsInt(), 1);
  EXPECT_EQ(first["provider"].AsString(), "enrow");
  EXPECT_EQ(first["endpoint"].AsString(), "/email/find/bulk");
  EXPECT_EQ(first["reference"].AsString(), "ref");
  EXPECT_EQ(first["keys"].ToJson(), R"(["ref.0","ref.1"])");
  EXPECT_EQ(first["accepted"].AsBool(), true);
  EXPECT_EQ(first["status"].AsInt(), 201);
  EXPECT_EQ(first["job_id"].AsString(), At(posted, {"id"}));
  EXPECT_EQ(first["credits_debited"].AsInt(), 2);
  EXPECT_EQ(first["credits_charged"].AsInt(), 1);
  EXPECT_EQ(first["callback_sha256"].AsString(),
            absl::BytesToHexString(Sha256("http://127.0.0.1:1/token")));
  const json::Value second = ledger.root()["submissions"].at(1);
  EXPECT_EQ(second["reference"].AsString(), "other");
  EXPECT_EQ(second["accepted"].AsBool(), false);
  EXPECT_EQ(second["status"].AsInt(), 400);
  EXPECT_EQ(second["keys"].at(0).AsString(), R"({"a":"1","b":"2"})");

  const json::Document later = Parse(Control("GET", "/ledger?after=1").body);
  EXPECT_EQ(later.root()["submissions"].size(), 1u);
  EXPECT_EQ(Control("GET", "/ledger?after=x").status, 400);
}

TEST_F(ControlApiTest, CountsContactsPaidForTwice) {
  Start();
  SubmitToEnrow();
  EXPECT_EQ(Total("enrow", "repeated_keys"), 0);
  SubmitToEnrow();
  EXPECT_EQ(Total("enrow", "repeated_keys"), 2);
  EXPECT_EQ(Total("enrow", "repeated_lookups"), 2);
  EXPECT_EQ(Total("enrow", "contacts"), 4);
  EXPECT_EQ(Total("enrow", "jobs_running"), 2);
  FinishJobs();
  EXPECT_EQ(Total("enrow", "jobs_running"), 0);
  EXPECT_EQ(Total("enrow", "credits_charged"), 2);
}

TEST_F(ControlApiTest, SetsBalancesAndResets) {
  Start();
  SubmitToEnrow();
  EXPECT_EQ(Control("POST", "/admin",
                    R"({"enrow":{"balance":1.5},"fullenrich":{"balance":3}})")
                .status,
            200);
  EXPECT_EQ(At(Enrow("GET", "/account/info"), {"credits"}), "1.5");
  EXPECT_EQ(At(FullEnrich("GET", "/account/credits"), {"balance"}), "3");
  EXPECT_EQ(SubmitToEnrow().status, 402);
  Control("POST", "/admin", R"({"reset":true})");
  EXPECT_EQ(Total("enrow", "submissions"), 0);
  EXPECT_EQ(Total("enrow", "balance"), 100000);
  FinishJobs();
  EXPECT_EQ(Total("enrow", "balance"), 100000) << "the old job is forgotten";
}

TEST_F(ControlApiTest, RefusesWhatItDoesNotUnderstand) {
  Start();
  for (const absl::string_view body :
       {"", "7", R"({"reset":1})", R"({"enrow":{}})",
        R"({"enrow":{"balance":-1}})", R"({"enrow":{"balance":1,"x":2}})",
        R"({"unknown":true})"}) {
    EXPECT_EQ(Control("POST", "/admin", std::string(body)).status, 400) << body;
  }
  EXPECT_EQ(Control("POST", "/faults", "[{}]").status, 400);
  EXPECT_EQ(Control("POST", "/faults", "[").status, 400);
  EXPECT_EQ(Control("PUT", "/faults").status, 405);
  EXPECT_EQ(Control("GET", "/nothing").status, 404);
  EXPECT_EQ(Call({.url = "/elsewhere"}).status, 404);
}

TEST_F(ControlApiTest, ShowsAndRemovesFaults) {
  options_.faults = R"([{"endpoint":"account","action":"http_503"}])";
  Start();
  EXPECT_EQ(Enrow("GET", "/account/info").status, 503);
  EXPECT_THAT(Control("GET", "/faults").body, HasSubstr(R"("fired":1)"));
  EXPECT_EQ(Control("DELETE", "/faults").status, 200);
  EXPECT_EQ(Enrow("GET", "/account/info").status, 200);
}

TEST_F(ControlApiTest, WritesTheLedgerFileBeforeItAnswers) {
  TempDir dir;
  options_.ledger_file = dir.File("ledger.jsonl");
  Start();
  const auto lines = [&] {
    std::vector<std::string> out;
    std::ifstream in(options_.ledger_file);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  };
  SubmitToEnrow();
  EXPECT_THAT(lines(), ElementsAre(HasSubstr(R"("sequence":1)")));
  FinishJobs();
  EXPECT_THAT(lines(), ElementsAre(HasSubstr(R"("sequence":1)"),
                                   HasSubstr(R"("settles":1)")));
  for (const std::string& line : lines()) Parse(line);
}

TEST(Simulator, AnswersTheSameForTheSameSeed) {
  const auto results = [](uint64_t seed) {
    class Run : public SimulatorFixture {
     public:
      explicit Run(uint64_t s) { options_.seed = s; }
      void TestBody() override {}
      std::string Results() {
        Start();
        std::string searches;
        for (int i = 0; i < 50; ++i) {
          absl::StrAppend(&searches, i ? "," : "", R"({"fullname":"Ada T)", i,
                          R"(","company_domain":"acme.example"})");
        }
        const HttpResponse posted =
            Enrow("POST", "/email/find/bulk",
                  absl::StrCat(R"({"searches":[)", searches, "]}"));
        FinishJobs();
        const json::Document done =
            Parse(Enrow("GET", absl::StrCat("/email/find/bulk?id=",
                                            At(posted, {"id"})))
                      .body);
        return done.root()["results"].ToJson();
      }
    };
    return Run(seed).Results();
  };
  EXPECT_EQ(results(1), results(1));
  EXPECT_NE(results(1), results(2));
}

TEST(Simulator, RefusesOptionsThatMakeNoSense) {
  FakeClock clock;
  ManualExecutor executor(clock);
  const auto code = [&](auto change) {
    SimulatorOptions options;
    change(options);
    return Simulator::Create(options, clock, executor).status().code();
  };
  using Options = SimulatorOptions;
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code([](Options& o) { o.enrow.api_keys = {}; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.fullenrich.api_keys = {""}; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.pronto.api_keys = {}; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.pronto.concurrency = -1; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.enrow.rate_limit = -1; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.time_scale = 0; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.latency = -absl::Seconds(1); }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.max_webhooks_in_flight = 0; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.faults = "["; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.faults = "[{}]"; }), kInvalid);
  EXPECT_EQ(code([](Options& o) { o.ledger_file = "/nonexistent/file"; }),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace enrich::simulator
