// How elements of results become answers: to whom, in which state, with which
// values.

#include <memory>
#include <string>
#include <variant>

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

// What a finished job with these elements says.
JobAnswer Read(const ProviderAdapter& adapter, absl::string_view people,
               int items = 2) {
  const FetchReply reply = adapter.ParseFetch(
      {.operation = "find",
       .provider_job_id = "1",
       .item_count = items,
       .want_raw = true},
      {.status = 200,
       .body = absl::StrCat(R"({"status":"done","people":[)", people, "]}")});
  EXPECT_TRUE(std::holds_alternative<JobAnswer>(reply));
  const auto* answer = std::get_if<JobAnswer>(&reply);
  return answer == nullptr ? JobAnswer() : *answer;
}

// ---- Which contact ----------------------------------------------------------

TEST(RestMatch, ByReference) {
  const JobAnswer answer = Read(
      *RestAdapter(),
      R"({"ref":"r.1","e":"miss","p":"none"},{"e":"miss"},{"ref":{},"e":"miss"},null,7)");
  ASSERT_THAT(answer.items, SizeIs(1));
  EXPECT_EQ(answer.items[0].key, "r.1");
  EXPECT_EQ(answer.items[0].raw, R"({"ref":"r.1","e":"miss","p":"none"})");
  EXPECT_THAT(
      answer.drift,
      ElementsAre(HasSubstr("poll.results[1].match: \"ref\""), HasSubstr("[2]"),
                  HasSubstr("[3]"), HasSubstr("[4]")));
  // Somebody's results could not be given to anybody.
  EXPECT_EQ(answer.phase, JobPhase::kRunning);
}

TEST(RestMatch, ByPosition) {
  const auto adapter =
      RestAdapter({{"match: {ref: \"= ref\"}", "match: {position: \"= at\"}"}});
  const JobAnswer answer = Read(
      *adapter,
      R"({"at":1,"e":"miss"},{"at":"0","e":"miss"},{"at":2,"e":"miss"},{"at":-1},{"at":"x"},{"at":1.5})");
  ASSERT_THAT(answer.items, SizeIs(2));
  EXPECT_EQ(answer.items[0].index, 1);
  EXPECT_EQ(answer.items[1].index, 0);
  EXPECT_EQ(answer.items[0].key, "");
}

TEST(RestMatch, ByWhatIsEchoed) {
  struct Case {
    std::string rule;
    InputEcho::Input input;
  };
  const Case kCases[] = {
      {"match: {email: \"= ref\"}", InputEcho::Input::kEmail},
      {"match: {linkedin_url: \"= ref\"}", InputEcho::Input::kLinkedinUrl},
      {"match: {company_domain: \"= ref\"}", InputEcho::Input::kCompanyDomain},
  };
  for (const auto& [rule, input] : kCases) {
    const auto adapter = RestAdapter({{"match: {ref: \"= ref\"}", rule}});
    const JobAnswer answer = Read(
        *adapter, R"({"ref":"as spelt","e":"miss"},{"ref":"","e":"miss"})");
    ASSERT_THAT(answer.items, SizeIs(1));
    ASSERT_TRUE(answer.items[0].echo.has_value());
    EXPECT_EQ(answer.items[0].echo->input, input);
    EXPECT_EQ(answer.items[0].echo->value, "as spelt");
    EXPECT_THAT(answer.drift, testing::Contains(HasSubstr("echoed")));
  }
}

TEST(RestMatch, ByObjectKeysAndSeveralLists) {
  const auto adapter = RestAdapter({{"      results: \"= people\"\n    result:",
                                     R"(      results:
        - {at: "= entries(people[0].found)[*].{ref: key, e: 'hit', p: 'none', emails: value}"}
        - {at: "= people[0].missed[*].{ref: @}", state: NOT_FOUND}
        - {at: "= people[0].bad[*].{ref: @}", state: INVALID_INPUT}
    result:)"}});
  const JobAnswer answer = Read(
      *adapter,
      R"({"found":{"r.2":"a@b.example"},"missed":["r.0","r.1"],"bad":["r.3"]})",
      4);
  EXPECT_THAT(answer.drift, IsEmpty());
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
  ASSERT_THAT(answer.items, SizeIs(4));
  EXPECT_EQ(answer.items[0].fields[0].emails[0].address, "a@b.example");
  EXPECT_EQ(answer.items[1].key, "r.0");
  EXPECT_EQ(answer.items[2].fields[0].outcome, Outcome::kNotFound);
  EXPECT_EQ(answer.items[3].fields[0].reason, FailureReason::kProviderRejected);
}

// ---- States -----------------------------------------------------------------

TEST(RestStates, SayWhatBecameOfAField) {
  struct Case {
    std::string word;
    // Nothing for a field that is not answered.
    std::optional<Outcome> outcome;
    FailureReason reason = FailureReason::kNone;
    JobPhase phase = JobPhase::kFinished;
    size_t drift = 0;
  };
  const Case kCases[] = {
      {"hit", Outcome::kFound},
      {"miss", Outcome::kNotFound},
      {"none", std::nullopt},
      {"error", Outcome::kFailed},
      {"bad", Outcome::kFailed, FailureReason::kProviderRejected},
      {"broke", Outcome::kFailed, FailureReason::kOutOfCredits},
      {"wait", std::nullopt, FailureReason::kNone, JobPhase::kRunning},
      {"odd", std::nullopt, FailureReason::kNone, JobPhase::kRunning, 1},
  };
  const auto adapter = RestAdapter();
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.word);
    const JobAnswer answer =
        Read(*adapter, absl::StrCat(R"({"ref":"r.0","p":"miss","e":")", c.word,
                                    R"(","emails":"a@b.example"})"));
    EXPECT_EQ(answer.phase, c.phase);
    EXPECT_THAT(answer.drift, SizeIs(c.drift));
    ASSERT_THAT(answer.items, SizeIs(1));
    // The phone is answered whatever becomes of the e-mail.
    EXPECT_EQ(answer.items[0].fields.back().field, ContactField::kPhone);
    ASSERT_EQ(answer.items[0].fields.size(), c.outcome.has_value() ? 2u : 1u);
    if (!c.outcome.has_value()) continue;
    EXPECT_EQ(answer.items[0].fields[0].outcome, *c.outcome);
    EXPECT_EQ(answer.items[0].fields[0].reason, c.reason);
  }
}

TEST(RestStates, FoundWithoutAValueHasFailed) {
  for (const std::string emails :
       {"null", "\"\"", "[]", "\" \"", "[null,{}]", "7", "\"N/A\""}) {
    const JobAnswer answer =
        Read(*RestAdapter(),
             absl::StrCat(R"({"ref":"r.0","e":"hit","p":"none","emails":)",
                          emails, "}"));
    ASSERT_THAT(answer.items, SizeIs(1));
    const FieldAnswer& field = answer.items[0].fields.at(0);
    EXPECT_EQ(field.outcome, Outcome::kFailed) << emails;
    EXPECT_EQ(field.reason, FailureReason::kContractDrift);
    EXPECT_EQ(field.credits, Credits());
    EXPECT_THAT(answer.drift, testing::Contains(HasSubstr("without a value")));
  }
}

// ---- Values -----------------------------------------------------------------

FieldAnswer Emails(absl::string_view emails) {
  const JobAnswer answer =
      Read(*RestAdapter(),
           absl::StrCat(R"({"ref":"r.0","e":"hit","p":"none","emails":)",
                        emails, "}"));
  return answer.items.at(0).fields.at(0);
}

TEST(RestValues, AreReadInEveryForm) {
  for (const std::string emails : {R"("a@b.example")", R"(["a@b.example"])",
                                   R"({"address":" a@b.example "})",
                                   R"([null,{"address":"a@b.example"}])"}) {
    const FieldAnswer field = Emails(emails);
    ASSERT_THAT(field.emails, SizeIs(1)) << emails;
    EXPECT_EQ(field.emails[0].address, "a@b.example");
    EXPECT_EQ(field.emails[0].quality, EmailQuality::kUnknown);
    EXPECT_EQ(field.credits, Credits::Whole(2));
  }
}

TEST(RestValues, ComeBestFirstAndOnce) {
  const FieldAnswer field = Emails(
      R"([{"address":"u@b.example"},{"address":"c@b.example","grade":"CATCH_ALL"},
          {"address":"d@b.example","grade":"DELIVERABLE"},
          {"address":"U@B.example","grade":"HIGH_PROBABILITY"},
          {"address":"o@b.example","grade":"odd"}])");
  ASSERT_THAT(field.emails, SizeIs(4));
  EXPECT_EQ(field.emails[0].address, "d@b.example");
  EXPECT_EQ(field.emails[1].address, "u@b.example");
  EXPECT_EQ(field.emails[1].quality, EmailQuality::kHighProbability);
  EXPECT_EQ(field.emails[2].address, "c@b.example");
  EXPECT_EQ(field.emails[3].quality, EmailQuality::kUnknown);
}

TEST(RestValues, AreAtMostThirtyTwo) {
  std::string emails = "[";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&emails, i ? "," : "", "\"a", i, "@b.example\"");
  }
  EXPECT_THAT(Emails(absl::StrCat(emails, "]")).emails, SizeIs(32));
}

TEST(RestValues, PhonesAreNormalised) {
  const JobAnswer answer =
      Read(*RestAdapter(),
           R"({"ref":"r.0","e":"none","p":"hit","phones":["+61 491 570 156",
          {"number":"+61491570156"},{"number":"0491 570 158","region":"au"},
          {"number":33199000000},{"number":"ext. 12","region":"us"}]})");
  const FieldAnswer& field = answer.items.at(0).fields.at(0);
  EXPECT_EQ(field.credits, Credits::Whole(10));
  ASSERT_THAT(field.phones, SizeIs(4));
  EXPECT_EQ(field.phones[0].e164, "+61491570156");
  EXPECT_EQ(field.phones[0].provider_spelling, "+61 491 570 156");
  EXPECT_EQ(field.phones[1].e164, "+61491570158");
  EXPECT_EQ(field.phones[2].provider_spelling, "33199000000");
  EXPECT_EQ(field.phones[3].e164, "");
  EXPECT_EQ(field.phones[3].region, "US");
}

TEST(RestValues, CostWhatTheAnswerSays) {
  const auto adapter = RestAdapter(
      {{"emails: \"= emails\"", "emails: \"= emails\", credits: \"= spent\""}});
  const auto credits = [&](absl::string_view state, absl::string_view spent) {
    return Read(
               *adapter,
               absl::StrCat(R"({"ref":"r.0","p":"none","e":")", state,
                            R"(","emails":"a@b.example","spent":)", spent, "}"))
        .items.at(0)
        .fields.at(0)
        .credits;
  };
  EXPECT_EQ(credits("hit", "0"), Credits());
  EXPECT_EQ(credits("hit", "\"0.25\""), Credits{250});
  EXPECT_EQ(credits("hit", "null"), Credits::Whole(2));
  EXPECT_EQ(credits("hit", "-1"), Credits::Whole(2));
  EXPECT_EQ(credits("miss", "null"), Credits());
  EXPECT_EQ(credits("miss", "0.5"), Credits{500});
}

TEST(RestProfile, IsWhatIsThere) {
  const auto adapter =
      RestAdapter({{"tests:", "tests:"},
                   {"        phone: {state", "        phone: {state"},
                   {"      fields:\n        work_email",
                    "      profile: {full_name: '= name', "
                    "company_headcount: '= size'}\n"
                    "      fields:\n        work_email"}});
  const auto profile = [&](absl::string_view more) {
    return Read(*adapter, absl::StrCat(R"({"ref":"r.0","e":"miss","p":"none")",
                                       more, "}"))
        .items.at(0)
        .profile;
  };
  EXPECT_EQ(profile(R"(,"name":"Ada","size":"120")")->company_headcount, 120);
  EXPECT_EQ(profile(R"(,"name":"Ada","size":"51-200")")->full_name, "Ada");
  EXPECT_FALSE(profile(R"(,"name":{},"size":-1)").has_value());
}

TEST(RestDrift, IsBounded) {
  const auto adapter = RestAdapter({{"max: 10", "max: 1000"}});
  std::string people;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&people, i ? "," : "", "{}");
  EXPECT_THAT(Read(*adapter, people).drift, SizeIs(100));
}

}  // namespace
}  // namespace enrich::rest
