#include "simulator/provider_file_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/crypto.h"
#include "support/temp_dir.h"
#include "unit/simulator/simulator_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kFile[] = R"(
spec: 1
id: sample
base_url: https://api.sample.example/v1
auth: {headers: {X-Key: "{secret.api_key}"}}
operations:
  - id: work_email
    fields: {work_email: {price: 2}}
    requires: ["first_name, company_domain"]
    batch: {max: 10}
    submit:
      post: /people
      body:
        people: "= items[*].{n: first_name, d: company_domain, id: ref}"
        hook: "= callback_url"
      job: "= job"
    webhook:
      trust: payload
      verify:
        hmac: sha256
        secret: api_key
        over: [raw_body]
        signature: header:X-Signature
        encoding: hex
      scope: batch
      job: "= job"
      results: "= people"
    poll:
      get: /people/{job}
      state: "= done && 'FINISHED' || 'RUNNING'"
      results: "= people"
    result:
      match: {ref: "= id"}
      fields:
        work_email: {state: "= mail && 'FOUND' || 'NOT_FOUND'", emails: "= mail"}
errors:
  - {http: 401, class: BAD_CREDENTIALS}
  - {http: 402, class: OUT_OF_CREDITS}
  - {http: 429, class: RATE_LIMITED}
  - {http: 404, on: poll, class: JOB_UNKNOWN}
tests: [sample_test.yaml]
)";

constexpr char kFixture[] = R"(
describe: Two people
source: https://docs.sample.example
operation: work_email
contacts:
  - {first_name: Ada, company_domain: ada.example}
  - {first_name: Bob, company_domain: bob.example}
steps:
  - submit:
      request:
        post: /people
        body:
          people: [{n: Ada, d: ada.example, id: fx.0}, {n: Bob, d: bob.example, id: fx.1}]
          hook: https://gateway.example/v1/webhooks/sample/token
      response: {status: 202, body: {job: job_1234}}
      expect: {accepted: job_1234}
  - poll:
      response: {status: 200, body: {job: job_1234, done: false, people: []}}
      expect: {phase: running}
  - poll:
      response:
        status: 200
        body: {job: job_1234, done: true, people: [{id: fx.1, mail: null}, {id: fx.0, mail: a@ada.example}]}
      expect: $ENDED
  - webhook:
      body: {job: job_1234, people: [{id: fx.1, mail: null}, {id: fx.0, mail: a@ada.example}]}
      expect: $ENDED
  - submit:
      response: {status: 401, body: {error: key}}
      expect: {rejected: PROVIDER_AUTH}
  - submit:
      response: {status: 402, body: {error: credits}}
      expect: {rejected: OUT_OF_CREDITS}
  - submit:
      response: {status: 429, headers: {Retry-After: "30"}, body: {error: pace}}
      expect: {rate_limited: 30s}
  - submit:
      response: {status: 202, body: {id: job_1234}}
      expect: {indeterminate: true, drift: 1}
  - poll:
      response: {status: 404, body: {error: job}}
      expect: {job_unknown: true}
)";

std::string Fixture() {
  return absl::StrReplaceAll(
      kFixture, {{"$ENDED",
                  "{phase: finished, items: ["
                  "{ref: fx.1, work_email: {outcome: NOT_FOUND}}, "
                  "{ref: fx.0, work_email: {outcome: FOUND, "
                  "emails: [{address: a@ada.example}], credits: 2}}]}"}});
}

class PlayedProvider : public SimulatorFixture {
 protected:
  PlayedProvider() { Write(kFile, Fixture()); }

  void Write(const std::string& file, const std::string& fixture) {
    std::ofstream(dir_.File("sample.yaml")) << file;
    std::ofstream(dir_.File("sample_test.yaml")) << fixture;
    options_.provider_files = {ProviderFileOptions(dir_.File("sample.yaml"))};
  }

  // Why the files are not played.
  std::string Refusal(const std::string& file, const std::string& fixture) {
    Write(file, fixture);
    return std::string(
        Simulator::Create(options_, clock_, executor_).status().message());
  }

  HttpResponse Ask(absl::string_view method, absl::string_view path,
                   std::string body = "", absl::string_view key = "api_key") {
    return Call({.method = std::string(method),
                 .url = absl::StrCat("/sample", path),
                 .headers = {{"X-Key", std::string(key)}},
                 .body = std::move(body)});
  }

  static std::string TwoPeople(absl::string_view hook = "") {
    return absl::StrCat(
        R"({"people":[{"n":"Found","d":"f.example","id":"r.0"},)",
        R"({"n":"Notfound","d":"n.example","id":"r.1"}])",
        hook.empty() ? "" : absl::StrCat(R"(,"hook":")", hook, "\""), "}");
  }

  const TempDir dir_;
};

TEST_F(PlayedProvider, GivesEveryContactItsOwnAnswer) {
  Start();
  const HttpResponse submitted = Ask("POST", "/people", TwoPeople());
  EXPECT_EQ(submitted.status, 202);
  const std::string path = absl::StrCat("/people/", At(submitted, {"job"}));
  EXPECT_NE(path, "/people/job_1234");
  EXPECT_THAT(Ask("GET", path).body, HasSubstr(R"("done":false)"));
  FinishJobs();
  EXPECT_THAT(Ask("GET", path).body,
              HasSubstr(R"([{"id":"r.0","mail":"found@f.example"},)"
                        R"({"id":"r.1","mail":null}])"));
  EXPECT_EQ(Total("sample", "credits_charged"), 2);
  EXPECT_EQ(Total("sample", "contacts"), 2);
  EXPECT_EQ(At(Ask("GET", "/people/another"), {"error"}), "job");
}

TEST_F(PlayedProvider, PushesWithASignature) {
  WebhookReceiver receiver;
  Start();
  Ask("POST", "/people", TwoPeople(receiver.Url("/hook")));
  FinishJobs();
  ASSERT_TRUE(receiver.WaitFor(1));
  const HttpRequest push = receiver.requests()[0];
  EXPECT_THAT(push.body, HasSubstr(R"("mail":"found@f.example")"));
  EXPECT_EQ(
      FindHeader(push.headers, "x-signature"),
      absl::BytesToHexString(
          Hmac(Hmac::Digest::kSha256, Secret("api_key")).Sign(push.body)));
}

TEST_F(PlayedProvider, HoldsRequestsAgainstTheFile) {
  Start();
  EXPECT_EQ(Ask("POST", "/people", TwoPeople(), "wrong").status, 401);
  EXPECT_THAT(
      At(Ask("POST", "/people", R"({"people":[],"more":1})"), {"error"}),
      HasSubstr("something else at /more"));
  EXPECT_EQ(Ask("POST", "/persons").status, 501);
  Control("POST", "/admin", R"({"sample":{"balance":1}})");
  EXPECT_EQ(Ask("POST", "/people", TwoPeople()).status, 402);
  EXPECT_EQ(Total("sample", "accepted"), 0);
}

TEST_F(PlayedProvider, FaultsAnswerAsTheFixturesDo) {
  options_.faults = R"([
      {"provider":"sample","endpoint":"submit","action":"http_429","count":1},
      {"provider":"sample","endpoint":"submit","action":"drift","count":1},
      {"provider":"sample","endpoint":"fetch","action":"drift","count":1}])";
  Start();
  const HttpResponse limited = Ask("POST", "/people", TwoPeople());
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(FindHeader(limited.headers, "retry-after"), "30");
  const HttpResponse drifted = Ask("POST", "/people", TwoPeople());
  EXPECT_EQ(At(drifted, {"id"}), "job_1234");
  EXPECT_EQ(Total("sample", "accepted"), 1);
  const std::string job = At(Ask("POST", "/people", TwoPeople()), {"job"});
  EXPECT_EQ(Ask("GET", absl::StrCat("/people/", job)).body, "{}");
}

TEST_F(PlayedProvider, RefusesWhatTheFixturesDoNotShow) {
  const std::string fixture = Fixture();
  EXPECT_THAT(Refusal(kFile, fixture.substr(0, fixture.find("  - poll:"))),
              AllOf(HasSubstr("sample.yaml: operation work_email"),
                    HasSubstr("no fixture shows a poll of a job that has "
                              "ended")));
  EXPECT_THAT(
      Refusal(kFile, absl::StrReplaceAll(
                         fixture, {{"  - webhook:", "  - poll:"},
                                   {"      body: {job", "      no: {job"}})),
      HasSubstr("sample_test.yaml:"));
  EXPECT_THAT(Refusal(kFile, absl::StrReplaceAll(
                                 fixture, {{"people: [{n: Ada, d: ada.example, "
                                            "id: fx.0}, {n: Bob, d: "
                                            "bob.example, id: fx.1}]",
                                            "people: []"}})),
              AllOf(HasSubstr("sample_test.yaml:9"), HasSubstr("no list")));
  EXPECT_THAT(
      Refusal(absl::StrReplaceAll(kFile, {{"spec: 1", "spec: 2"}}), fixture),
      HasSubstr("sample.yaml:2: spec"));
}

}  // namespace
}  // namespace enrich::simulator
