// What a provider file makes of answers to submissions: nothing but a listed
// rejection may be sent again.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/rest_adapter.h"

namespace enrich::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<SubmitItem> Items(int count) {
  std::vector<SubmitItem> items;
  for (int i = 0; i < count; ++i) {
    // Not from 0: what was settled before is not sent again.
    items.push_back(
        {.key = absl::StrCat("r.", i + 3), .fields = ContactField::kWorkEmail});
  }
  return items;
}

SubmitReply Submit(const ProviderAdapter& adapter, HttpResponse response,
                   int items = 2) {
  const std::vector<SubmitItem> sent = Items(items);
  return adapter.ParseSubmit(
      {.operation = "find", .reference = "r", .items = sent}, response);
}

template <typename T>
T As(const SubmitReply& reply) {
  const T* alternative = std::get_if<T>(&reply);
  EXPECT_NE(alternative, nullptr) << "alternative " << reply.index();
  return alternative == nullptr ? T() : *alternative;
}

// A replacement that gives the file these error rules.
std::pair<absl::string_view, absl::string_view> Errors(
    absl::string_view rules) {
  static std::string* text = new std::string;
  *text = absl::StrCat("errors:\n", rules, "tests:");
  return {"tests:", *text};
}

// ---- Success ----------------------------------------------------------------

TEST(RestSubmit, AcceptsAnIdAsTextOrNumber) {
  const auto adapter = RestAdapter();
  EXPECT_EQ(
      As<Accepted>(Submit(*adapter, {.status = 202, .body = R"({"id":"a/b"})"}))
          .provider_job_id,
      "a/b");
  EXPECT_EQ(
      As<Accepted>(Submit(*adapter, {.status = 200,
                                     .body = R"({"id":7729515760484695123})"}))
          .provider_job_id,
      "7729515760484695123");
}

TEST(RestSubmit, ReadsTheIdFromAHeader) {
  const auto adapter =
      RestAdapter({{"job: \"= id\"", "job: {header: X-Request-Id}"}});
  EXPECT_EQ(As<Accepted>(Submit(*adapter, {.status = 200,
                                           .headers = {{"x-request-id", "h1"}},
                                           .body = "thanks"}))
                .provider_job_id,
            "h1");
  EXPECT_THAT(
      As<Indeterminate>(Submit(*adapter, {.status = 200, .body = "{}"})).drift,
      SizeIs(1));
}

TEST(RestSubmit, ReadsWhatWasDebited) {
  const auto adapter = RestAdapter(
      {{"job: \"= id\"", "job: \"= id\"\n      debited: \"= used\""}});
  const auto debited = [&](std::string used) {
    return As<Accepted>(
               Submit(*adapter,
                      {.status = 200,
                       .body = absl::StrCat(R"({"id":1,"used":)", used, "}")}))
        .debited;
  };
  EXPECT_EQ(debited("0.5"), Credits{500});
  EXPECT_EQ(debited("\"12\""), Credits::Whole(12));
  EXPECT_EQ(debited("-1"), std::nullopt);
  EXPECT_EQ(debited("null"), std::nullopt);
}

// ---- Doubt ------------------------------------------------------------------

TEST(RestSubmit, IsInDoubtWithoutAUsableId) {
  const auto adapter = RestAdapter();
  for (const std::string body :
       {"", "{", "null", "[]", "{}", R"({"id":null})", R"({"id":""})",
        R"({"id":{}})", R"({"id":true})", R"({"id":"a\nb"})",
        R"({"id":"1","id":"2"})"}) {
    const auto doubt =
        As<Indeterminate>(Submit(*adapter, {.status = 200, .body = body}));
    EXPECT_FALSE(doubt.drift.empty()) << body;
  }
}

TEST(RestSubmit, IsInDoubtWhateverNoRuleLists) {
  const auto adapter =
      RestAdapter({Errors("  - {http: 429, class: RATE_LIMITED}\n"
                          "  - {http: 5xx, class: UNAVAILABLE}\n")});
  for (int status = 100; status < 600; ++status) {
    const SubmitReply reply = Submit(*adapter, {.status = status});
    EXPECT_EQ(std::holds_alternative<RateLimited>(reply), status == 429)
        << status;
    EXPECT_EQ(std::holds_alternative<Indeterminate>(reply), status != 429)
        << status;
  }
}

TEST(RestSubmit, IsInDoubtWhenReadingExhaustsTheBudget) {
  // Each step squares the work.
  const auto adapter = RestAdapter(
      {{"job: \"= id\"",
        "job: \"= people[*].[$.people[*].[$.people[*].[$.people[*].a]]] && "
        "id\""}});
  std::string body = R"({"id":"1","people":[)";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&body, i ? "," : "", "{}");
  const auto doubt = As<Indeterminate>(
      Submit(*adapter, {.status = 200, .body = absl::StrCat(body, "]}")}));
  EXPECT_THAT(doubt.drift, ElementsAre(HasSubstr("budget")));
}

// ---- Rules ------------------------------------------------------------------

TEST(RestSubmit, MapsErrorClasses) {
  struct Case {
    std::string error_class;
    std::string outcome;
  };
  const Case kCases[] = {
      {"BAD_CREDENTIALS", "PROVIDER_AUTH"},
      {"OUT_OF_CREDITS", "OUT_OF_CREDITS"},
      {"REFUSED", "PROVIDER_REJECTED"},
      {"INVALID_INPUT", "PROVIDER_REJECTED"},
      {"RATE_LIMITED", "later"},
      {"CALL_AGAIN", "later"},
      {"UNAVAILABLE", "doubt"},
  };
  for (const auto& [error_class, outcome] : kCases) {
    SCOPED_TRACE(error_class);
    const auto adapter = RestAdapter(
        {Errors(absl::StrCat("  - {http: 409, class: ", error_class, "}\n"))});
    const SubmitReply reply = Submit(*adapter, {.status = 409});
    if (outcome == "later") {
      As<RateLimited>(reply);
    } else if (outcome == "doubt") {
      As<Indeterminate>(reply);
    } else {
      EXPECT_EQ(FailureReasonName(As<Rejected>(reply).reason), outcome);
    }
  }
}

TEST(RestSubmit, TakesTheFirstRuleWhoseConditionsHold) {
  const auto adapter = RestAdapter({Errors(
      "  - {http: 400, when: \"= code == 'credits'\", class: OUT_OF_CREDITS}\n"
      "  - {http: [400, 422], header: {name: X-Kind, is: auth}, class: "
      "BAD_CREDENTIALS}\n"
      "  - {http: 400, on: poll, class: BAD_CREDENTIALS}\n"
      "  - {http: 400, when: \"= code\", class: REFUSED, text: \"= "
      "code\"}\n")});
  EXPECT_EQ(As<Rejected>(Submit(*adapter, {.status = 400,
                                           .body = R"({"code":"credits"})"}))
                .reason,
            FailureReason::kOutOfCredits);
  EXPECT_EQ(As<Rejected>(Submit(*adapter, {.status = 422,
                                           .headers = {{"x-kind", "auth"}}}))
                .reason,
            FailureReason::kProviderAuth);
  EXPECT_EQ(As<Rejected>(Submit(*adapter,
                                {.status = 400, .body = R"({"code":"odd\n"})"}))
                .message,
            "HTTP 400: odd ");
  // A body that is no JSON meets no `when`.
  As<Indeterminate>(Submit(*adapter, {.status = 400, .body = "<html>"}));
}

TEST(RestSubmit, NamesTheContactAtFaultWhenThereIsOne) {
  const auto adapter = RestAdapter(
      {Errors("  - {http: 400, class: INVALID_INPUT, item: \"= index\"}\n")});
  const auto at_fault = [&](std::string index) {
    return As<Rejected>(Submit(*adapter, {.status = 400,
                                          .body = absl::StrCat(R"({"index":)",
                                                               index, "}")}))
        .item_index;
  };
  EXPECT_EQ(at_fault("1"), 1);
  EXPECT_EQ(at_fault("\"0\""), 0);
  for (const std::string odd : {"2", "-1", "null", "1.5", "{}"}) {
    EXPECT_EQ(at_fault(odd), std::nullopt) << odd;
  }
}

TEST(RestSubmit, BelievesAnIdUnlessTheRuleNamesTheStatus) {
  const auto adapter = RestAdapter({Errors(
      "  - {http: 202, when: \"= wait\", class: CALL_AGAIN, retry_after: 7s}\n"
      "  - {when: \"= error\", class: REFUSED}\n")});
  // It names a job: whatever else it says, the job may be charged.
  As<Accepted>(Submit(
      *adapter, {.status = 200, .body = R"({"id":"1","error":"partly"})"}));
  As<Rejected>(Submit(*adapter, {.status = 200, .body = R"({"error":"no"})"}));
  EXPECT_EQ(
      As<RateLimited>(
          Submit(*adapter, {.status = 202, .body = R"({"id":1,"wait":true})"}))
          .retry_after,
      absl::Seconds(7));
}

TEST(RestSubmit, LetsTheRulesDecideWhereAcceptFails) {
  const auto adapter = RestAdapter(
      {{"job: \"= id\"", "accept: \"= success\"\n      job: \"= id\""},
       Errors(
           "  - {when: \"= reason == 'credits'\", class: OUT_OF_CREDITS}\n")});
  As<Accepted>(Submit(*adapter,
                      {.status = 200, .body = R"({"success":true,"id":"1"})"}));
  EXPECT_EQ(
      As<Rejected>(
          Submit(*adapter,
                 {.status = 200,
                  .body = R"({"success":false,"id":1,"reason":"credits"})"}))
          .reason,
      FailureReason::kOutOfCredits);
  EXPECT_THAT(
      As<Indeterminate>(
          Submit(*adapter, {.status = 200, .body = R"({"success":0,"id":""})"}))
          .drift,
      SizeIs(1));
}

// ---- Results at once --------------------------------------------------------

constexpr std::pair<absl::string_view, absl::string_view> kInline = {
    "job: \"= id\"",
    "inline: true\n      results: \"= people\"\n      cost: \"= cost\""};
constexpr absl::string_view kPoll =
    "    poll:\n      get: /find/{job}\n      state: \"= lookup('job', "
    "status)\"\n      results: \"= people\"\n";

TEST(RestInlineSubmit, NamesContactsByTheirKeys) {
  const auto adapter =
      RestAdapter({kInline,
                   {kPoll, ""},
                   {"match: {ref: \"= ref\"}", "match: {position: true}"}});
  const auto answer = As<JobAnswer>(Submit(
      *adapter,
      {.status = 200,
       .body =
           R"({"cost":"2.5","people":[{"e":"miss","p":"none"},{"e":"hit","p":"none","emails":"a@b.example"}]})"}));
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
  EXPECT_EQ(answer.cost, Credits{2500});
  EXPECT_THAT(answer.drift, IsEmpty());
  ASSERT_THAT(answer.items, SizeIs(2));
  EXPECT_EQ(answer.items[0].key, "r.3");
  EXPECT_EQ(answer.items[0].index, std::nullopt);
  EXPECT_EQ(answer.items[1].key, "r.4");
  EXPECT_EQ(answer.items[1].fields[0].outcome, Outcome::kFound);
}

TEST(RestInlineSubmit, DoesNotGuessWhoIsMissing) {
  const auto adapter =
      RestAdapter({kInline,
                   {kPoll, ""},
                   {"match: {ref: \"= ref\"}", "match: {position: true}"}});
  EXPECT_THAT(
      As<Indeterminate>(
          Submit(*adapter, {.status = 200,
                            .body = R"({"people":[{"e":"miss","p":"none"}]})"}))
          .drift,
      ElementsAre(HasSubstr("one element for each contact")));
}

TEST(RestInlineSubmit, IsInDoubtWithoutResults) {
  const auto adapter = RestAdapter({kInline, {kPoll, ""}});
  for (const std::string body :
       {R"({})", R"({"people":null})", R"({"people":{}})", R"(["x"])", "no",
        R"({"people":[{"e":"miss","p":"miss"}]})"}) {
    EXPECT_FALSE(
        As<Indeterminate>(Submit(*adapter, {.status = 200, .body = body}))
            .drift.empty())
        << body;
  }
}

TEST(RestInlineSubmit, TakesAMissForTheAnswerOfTheOneContact) {
  const auto adapter = RestAdapter(
      {kInline, {kPoll, ""}, Errors("  - {http: 404, class: NOT_FOUND}\n")});
  const auto answer = As<JobAnswer>(Submit(*adapter, {.status = 404}, 1));
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
  ASSERT_THAT(answer.items, SizeIs(1));
  EXPECT_EQ(answer.items[0].key, "r.3");
  EXPECT_EQ(answer.items[0].fields[0].outcome, Outcome::kNotFound);
  // Of two it does not say whose.
  As<Indeterminate>(Submit(*adapter, {.status = 404}, 2));
}

TEST(RestInlineSubmit, PrefersTheJobToResultsThatAreStillOpen) {
  const auto adapter = RestAdapter({{"job: \"= id\"",
                                     "inline: \"= people\"\n      results: \"= "
                                     "people\"\n      job: \"= id\""}});
  const auto answer = As<JobAnswer>(Submit(
      *adapter,
      {.status = 200,
       .body =
           R"({"id":"1","people":[{"ref":"r.3","e":"miss","p":"none"},{"ref":"r.4","e":"miss","p":"none"}]})"}));
  EXPECT_THAT(answer.items, SizeIs(2));
  EXPECT_EQ(
      As<Accepted>(
          Submit(
              *adapter,
              {.status = 200,
               .body =
                   R"({"id":"1","people":[{"ref":"r.3","e":"wait","p":"none"}]})"}))
          .provider_job_id,
      "1");
  As<Accepted>(Submit(*adapter, {.status = 200, .body = R"({"id":"1"})"}));
}

}  // namespace
}  // namespace enrich::rest
