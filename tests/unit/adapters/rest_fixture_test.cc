#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/rest/adapter.h"
#include "adapters/rest/explain.h"
#include "adapters/rest/fixture.h"
#include "adapters/rest/fixture_run.h"
#include "adapters/rest/json_difference.h"
#include "adapters/rest/load.h"
#include "adapters/rest/redact.h"

namespace enrich::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::string_view kProvider = R"yaml(spec: 1
id: acme
base_url: https://api.acme.example/v1
auth:
  headers: {X-API-KEY: "{secret.api_key}"}
  query: {token: "{secret.api_key}"}
operations:
  - id: work_email
    fields: {work_email: {price: 1}}
    requires: ["company_domain"]
    batch: {max: 2}
    submit:
      post: /people
      body: {people: "= items[*].{id: ref, domain: company_domain}", hook: "= callback_url"}
      job: "= id"
    webhook:
      trust: payload
      scope: batch
      results: "= people"
    poll:
      get: /people/{job}
      state: "= state"
      results: "= people"
    result:
      match: {ref: "= id"}
      fields:
        work_email:
          state: "= email && 'FOUND' || 'NOT_FOUND'"
          emails: "= email"
errors:
  - {http: 402, class: OUT_OF_CREDITS, text: "= reason"}
  - {http: 429, class: RATE_LIMITED}
balance: {get: /credits, value: "= credits"}
tests: [one.yaml]
)yaml";

constexpr absl::string_view kFixture = R"yaml(describe: One found
operation: work_email
contacts: [{company_domain: acme.example}, {company_domain: Example.com}]
steps:
  - submit:
      request:
        post: /people?token=api_key
        headers: {x-api-key: api_key}
        body:
          hook: https://gateway.example/v1/webhooks/acme/token
          people: [{id: fx.0, domain: acme.example}, {domain: example.com, id: fx.1}]
      response: {status: 202, body: {id: 17}}
      expect: {accepted: 17}
  - poll:
      request: {get: "/people/17?token=api_key"}
      response: {status: 200, body: {state: RUNNING, people: []}}
      expect: {phase: running, items: []}
  - poll:
      response: {status: 200, body: {state: FINISHED, people: [{id: fx.0, email: ada@acme.example}, {id: fx.1}]}}
      expect:
        phase: finished
        items:
          - {ref: fx.0, work_email: {outcome: FOUND, emails: [{address: ada@acme.example, quality: UNKNOWN}], credits: 1}}
          - {ref: fx.1, work_email: {outcome: NOT_FOUND}}
  - webhook:
      body: {people: [{id: fx.0, email: ada@acme.example}, {id: fx.1}]}
      expect:
        phase: finished
        items:
          - {ref: fx.0, work_email: {outcome: FOUND, emails: [{address: ada@acme.example, quality: UNKNOWN}], credits: 1.0}}
          - {ref: fx.1, work_email: {outcome: NOT_FOUND}}
  - webhook:
      body: {raw: no JSON}
      expect: {refused: true}
  - submit:
      response: {status: 429, headers: {Retry-After: "90"}, body: {raw: slow down}}
      expect: {rate_limited: 90s}
  - submit:
      response: {status: 402, body: {reason: all spent}}
      expect: {rejected: OUT_OF_CREDITS}
  - balance:
      request: {get: "/credits?token=api_key"}
      response: {status: 200, body: {credits: "12.50"}}
      expect: {balance: 12.5}
)yaml";

std::shared_ptr<const Plan> LoadPlan() {
  LoadResult result = Load(kProvider, FixtureAccount(kProvider));
  EXPECT_EQ(FormatMistakes("provider", result.mistakes), "");
  return std::move(result.plan);
}

// Every difference as "step line: text".
std::vector<std::string> DifferencesOf(absl::string_view text) {
  const FixtureText parsed = ParseFixture(text);
  EXPECT_EQ(FormatMistakes("fixture", parsed.mistakes), "");
  if (!parsed.fixture.has_value()) return {"no fixture"};
  const auto plan = LoadPlan();
  const FixtureReport report =
      RunFixture(*parsed.fixture, *NewAdapter(plan), plan->base_url);
  std::vector<std::string> lines;
  for (const StepReport& step : report.failures) {
    for (const std::string& difference : step.differences) {
      lines.push_back(
          absl::StrCat(StepName(step.kind), " ", step.line, ": ", difference));
    }
  }
  return lines;
}

std::string Replaced(absl::string_view from, absl::string_view to) {
  std::string text = absl::StrReplaceAll(kFixture, {{from, to}});
  EXPECT_NE(text, kFixture) << from;
  return text;
}

TEST(RestFixture, PassesWhenEverythingIsAsWritten) {
  EXPECT_THAT(DifferencesOf(kFixture), IsEmpty());
}

struct Change {
  const char* from;
  const char* to;
  const char* difference;
};

class ChangedFixtures : public ::testing::TestWithParam<Change> {};

TEST_P(ChangedFixtures, SayWhatIsDifferent) {
  const Change& change = GetParam();
  EXPECT_THAT(DifferencesOf(Replaced(change.from, change.to)),
              ElementsAre(change.difference));
}

INSTANTIATE_TEST_SUITE_P(
    Requests, ChangedFixtures,
    ::testing::Values(
        Change{"post: /people?token=api_key", "post: /people",
               "submit 5: request: expected POST /people, got POST "
               "/people?token=api_key"},
        Change{"post: /people?token=api_key", "put: /people?token=api_key",
               "submit 5: request: expected PUT /people?token=api_key, got "
               "POST /people?token=api_key"},
        Change{"x-api-key: api_key", "X-Other: a",
               "submit 5: request header X-Other: expected a, got none"},
        Change{"domain: acme.example}, {domain", "domain: a.example}, {domain",
               "submit 5: request body: people[0].domain: expected "
               "\"a.example\", got \"acme.example\""},
        Change{"          hook: https://gateway.example/v1/webhooks/acme/"
               "token\n",
               "",
               "submit 5: request body: hook: expected nothing, got "
               "\"https://gateway.example/v1/webhooks/acme/token\""},
        Change{"{get: \"/credits?token=api_key\"}",
               "{get: \"/credits?token=api_key\", body: {a: 1}}",
               "balance 41: request body: expected {\"a\":1}, got none"}));

INSTANTIATE_TEST_SUITE_P(
    Answers, ChangedFixtures,
    ::testing::Values(
        Change{"{accepted: 17}", "{accepted: 18}",
               "submit 5: answer: accepted: expected 18, got \"17\""},
        Change{"{phase: running, items: []}", "{phase: running, drift: 1}",
               "poll 14: answer: drift: expected 1, got nothing"},
        Change{"          - {ref: fx.1, work_email: {outcome: NOT_FOUND}}\n"
               "  - webhook:\n      body: {raw",
               "  - webhook:\n      body: {raw",
               "webhook 25: answer: items: expected 1 elements, got 2"},
        Change{"{refused: true}", "{}",
               "webhook 32: answer: refused: expected nothing, got true"},
        Change{"{rate_limited: 90s}", "{rate_limited: 9s}",
               "submit 35: answer: rate_limited: expected \"9s\", got "
               "\"1m30s\""},
        Change{"{balance: 12.5}", "{balance: 12}",
               "balance 41: answer: balance: expected 12, got 12.5"}));

TEST(RestFixture, CannotBeRunAgainstAnotherProvider) {
  EXPECT_THAT(
      DifferencesOf(Replaced("operation: work_email", "operation: phone")),
      ElementsAre("submit 0: the provider has no operation phone"));
  EXPECT_THAT(
      DifferencesOf(
          Replaced("{company_domain: Example.com}", "{email: a@b.fr}")),
      ElementsAre(HasSubstr("contacts[1]: its inputs do not suffice for "
                            "work_email")));
  EXPECT_THAT(
      DifferencesOf(Replaced("[{company", "[{company_domain: a.fr}, {company")),
      ElementsAre(HasSubstr("the operation takes at most 2 contacts")));
}

TEST(RestFixture, MistakesInItsTextAreListed) {
  const auto mistakes = [](absl::string_view from, absl::string_view to) {
    return FormatMistakes("f", ParseFixture(Replaced(from, to)).mistakes);
  };
  EXPECT_EQ(mistakes("describe: One found\n", ""),
            "f:1: describe: is required\n");
  EXPECT_EQ(mistakes("status: 202", "status: 9"),
            "f:12: steps[0].submit.response.status: must be a whole number "
            "from 100 to 599\n");
  EXPECT_EQ(mistakes("Example.com", "\"not a domain\""),
            "f:3: contacts[1].company_domain: must be a domain such as "
            "acme.com, at most 253 bytes\n");
  EXPECT_THAT(mistakes("  - balance:", "  - payment:"),
              HasSubstr("steps[7].payment: unknown key; there are submit"));
  EXPECT_THAT(mistakes("expect: {refused: true}", "wants: {refused: true}"),
              HasSubstr("steps[4].webhook.expect: is required"));
  EXPECT_EQ(FormatMistakes("f", ParseFixture("").mistakes), "f: is empty\n");
}

// ---- Explanations -----------------------------------------------------------

TEST(RestFixture, IsExplainedWithoutCredentials) {
  const FixtureText parsed = ParseFixture(kFixture);
  ASSERT_TRUE(parsed.fixture.has_value());
  const std::string text = ExplainFixture(LoadPlan(), *parsed.fixture);
  EXPECT_THAT(text, HasSubstr("sends    POST https://api.acme.example/v1/"
                              "people?token=***"));
  EXPECT_THAT(text, HasSubstr("X-API-KEY: ***"));
  EXPECT_THAT(text, Not(HasSubstr("=api_key")));
  EXPECT_THAT(text, HasSubstr("job = 17   (id)"));
  EXPECT_THAT(text, HasSubstr("match.ref = \"fx.0\"   (id)"));
  EXPECT_THAT(text, HasSubstr("work_email.state = \"FOUND\""));
  EXPECT_THAT(text, HasSubstr("errors   the rule in line 31 holds: "
                              "OUT_OF_CREDITS"));
  EXPECT_THAT(text, HasSubstr("HTTP 402: all spent"));
  EXPECT_THAT(text, Not(HasSubstr("NOT AS EXPECTED")));
}

TEST(RestFixture, AnExplanationSaysWhatIsNotAsExpected) {
  const FixtureText parsed =
      ParseFixture(Replaced("{accepted: 17}", "{accepted: 18}"));
  ASSERT_TRUE(parsed.fixture.has_value());
  EXPECT_THAT(ExplainFixture(LoadPlan(), *parsed.fixture),
              HasSubstr("NOT AS EXPECTED: accepted: expected 18, got \"17\""));
}

// ---- Parts ------------------------------------------------------------------

TEST(JsonDifferences, TypesCountWhenItIsExact) {
  EXPECT_THAT(JsonDifferences("{\"a\":1,\"b\":[]}", "{\"b\":[],\"a\":1.0}",
                              JsonMatch::kExact),
              IsEmpty());
  EXPECT_THAT(JsonDifferences("{\"a\":1}", "{\"a\":\"1\"}", JsonMatch::kExact),
              ElementsAre("a: expected 1, got \"1\""));
  EXPECT_THAT(JsonDifferences("{\"a\":null}", "{}", JsonMatch::kExact),
              ElementsAre("a: expected null, got nothing"));
  EXPECT_THAT(JsonDifferences("9007199254740993", "9007199254740992",
                              JsonMatch::kExact),
              ElementsAre("the whole: expected 9007199254740993, got "
                          "9007199254740992"));
}

TEST(JsonDifferences, WhatIsEmptyMayBeMissingWhenItIsLoose) {
  EXPECT_THAT(JsonDifferences("{\"a\":[],\"b\":\"\",\"c\":0,\"d\":\"7\"}",
                              "{\"d\":7}", JsonMatch::kLoose),
              IsEmpty());
  EXPECT_THAT(JsonDifferences("{}", "{\"a\":1}", JsonMatch::kLoose),
              ElementsAre("a: expected nothing, got 1"));
}

TEST(Redactor, HidesPlacesOfUrlsHeadersAndBodies) {
  const std::vector<std::string> places = {"query:key", "header:X-Key",
                                           "body:/a/0/b"};
  const Redactor redactor(places);
  EXPECT_EQ(redactor.Url("https://a/b?x=1&key=2&y"),
            "https://a/b?x=1&key=***&y");
  EXPECT_EQ(redactor.Url("https://a/key=1"), "https://a/key=1");
  EXPECT_EQ(redactor.Header("x-key", "v"), "***");
  EXPECT_EQ(redactor.Header("y-key", "v"), "v");
  EXPECT_EQ(redactor.Body("{\"a\":[{\"b\":1,\"c\":2}]}"),
            "{\"a\":[{\"b\":\"***\",\"c\":2}]}");
  EXPECT_EQ(redactor.Body("no JSON"), "no JSON");
}

}  // namespace
}  // namespace enrich::rest
