#include "engine/correction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fakes/text_event_encoder.h"
#include "unit/engine/engine_parts.h"

namespace enrich {
namespace {

using ::testing::IsEmpty;

constexpr ContactField kEmail = ContactField::kWorkEmail;
constexpr ContactField kPhone = ContactField::kPhone;

const absl::Time kSent = absl::UnixEpoch() + absl::Hours(500'000);

FieldAnswer NotFound() { return {.outcome = Outcome::kNotFound}; }
FieldAnswer Failed() { return {.outcome = Outcome::kFailed}; }
FieldAnswer Low(const std::string& address) {
  return FoundEmail(address, EmailQuality::kCatchAll);
}

// What accounts said of a contact's work e-mail, and what they say now.
class CorrectionTest : public ::testing::Test {
 protected:
  // The account is asked and answers; the lookup goes on as it would.
  void Answer(const std::string& account, FieldAnswer answer) {
    ApplyAnswer(Context(account), plan, kEmail, {.fields = {answer}}, progress);
    Advance(contact, plan, accounts, contact.field_set(), progress);
  }
  FieldSet Correct(const std::string& account, FieldAnswer answer) {
    return CorrectAnswer(Context(account), plan, contact.field_set(),
                         {.fields = {answer}}, progress);
  }
  static AttemptContext Context(absl::string_view account) {
    return {.account = account,
            .start_time = kSent,
            .now = kSent + absl::Seconds(9)};
  }
  std::string Text() const {
    return TextEventEncoder().EncodeContactResult("", kSent, 0, contact,
                                                  progress, 0);
  }
  FieldProgress& field() { return progress.fields.at(0); }

  Accounts accounts = AlphaAndBeta();
  BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha", "beta"}),
                    .min_email_quality = EmailQuality::kHighProbability};
  Contact contact = MakePerson({kEmail});
  ContactProgress progress = StartProgress(contact);
};

struct Case {
  const char* name;
  // In turn by alpha and beta.
  std::vector<FieldAnswer> said;
  const char* account;
  FieldAnswer now;
  // Empty when nothing changes.
  const char* result;
  int64_t credits = 0;
};

class Corrections : public CorrectionTest,
                    public ::testing::WithParamInterface<Case> {};

TEST_P(Corrections, ReplaceWhatTheAccountSaid) {
  const Case& test = GetParam();
  const char* const kAccounts[] = {"alpha", "beta"};
  for (size_t i = 0; i < test.said.size(); ++i) {
    Answer(kAccounts[i], test.said[i]);
  }
  const std::string before = Text();
  const FieldSet corrected = Correct(test.account, test.now);
  if (std::string(test.result).empty()) {
    EXPECT_EQ(corrected, FieldSet());
    EXPECT_EQ(Text(), before);
    return;
  }
  EXPECT_EQ(corrected, FieldSet(kEmail));
  EXPECT_EQ(Text(), test.result);
  Credits credits;
  for (const Attempt& attempt : field().attempts) credits += attempt.credits;
  EXPECT_EQ(credits, Credits::Whole(test.credits));
  // Whoever says it twice is not heard twice.
  EXPECT_EQ(Correct(test.account, test.now), FieldSet());
}

INSTANTIATE_TEST_SUITE_P(
    All, Corrections,
    ::testing::Values(
        Case{"TheSame",
             {FoundEmail("a@x.example")},
             "alpha",
             FoundEmail("a@x.example"),
             ""},
        Case{
            "TheSameNothing", {NotFound(), NotFound()}, "beta", NotFound(), ""},
        Case{"TheSameFailure", {Failed(), NotFound()}, "alpha", Failed(), ""},
        Case{"TheSameLowQuality",
             {Low("a@x.example"), NotFound()},
             "alpha",
             Low("a@x.example"),
             ""},
        Case{"TheSameBesideAnothers",
             {Low("a@x.example"), FoundEmail("b@x.example")},
             "alpha",
             Low("a@x.example"),
             ""},
        Case{"TheSameAfterAnothers",
             {Low("a@x.example"), FoundEmail("b@x.example")},
             "beta",
             FoundEmail("b@x.example"),
             ""},
        Case{"AnAccountThatWasNotAsked",
             {FoundEmail("a@x.example")},
             "beta",
             FoundEmail("b@x.example"),
             ""},
        Case{"AnotherValue",
             {FoundEmail("a@x.example")},
             "alpha",
             FoundEmail("b@x.example"),
             "ada work_email=found:b@x.example[alpha=found]",
             1},
        Case{"ABetterQuality",
             {Low("a@x.example"), NotFound()},
             "alpha",
             FoundEmail("a@x.example"),
             "ada work_email=found:a@x.example[alpha=found,beta=not_found]",
             1},
        Case{"ALowerQuality",
             {FoundEmail("a@x.example")},
             "alpha",
             Low("a@x.example"),
             "ada work_email=not_found:a@x.example[alpha=found]",
             1},
        Case{"FoundNoMore",
             {FoundEmail("a@x.example")},
             "alpha",
             NotFound(),
             "ada work_email=not_found[alpha=not_found]",
             1},
        Case{"FailedAfterAll",
             {FoundEmail("a@x.example")},
             "alpha",
             Failed(),
             "ada work_email=failed[alpha=failed/JOB_FAILED]",
             1},
        Case{"FoundAfterAll",
             {NotFound(), NotFound()},
             "alpha",
             FoundEmail("a@x.example"),
             "ada work_email=found:a@x.example[alpha=found,beta=not_found]",
             1},
        Case{"NotFoundRatherThanFailed",
             {Failed(), NotFound()},
             "alpha",
             NotFound(),
             "ada work_email=not_found[alpha=not_found,beta=not_found]",
             0},
        Case{"FoundByBothNow",
             {NotFound(), FoundEmail("b@x.example")},
             "alpha",
             FoundEmail("a@x.example"),
             "ada work_email=found:b@x.example:a@x.example"
             "[alpha=found,beta=found]",
             2},
        Case{"TheSecondsValue",
             {NotFound(), FoundEmail("b@x.example")},
             "beta",
             FoundEmail("c@x.example"),
             "ada work_email=found:c@x.example[alpha=not_found,beta=found]",
             1},
        Case{"TheSecondsValueBesideALowOne",
             {Low("a@x.example"), FoundEmail("b@x.example")},
             "beta",
             FoundEmail("c@x.example"),
             "ada work_email=found:c@x.example:a@x.example"
             "[alpha=found,beta=found]",
             2},
        Case{"TheSecondsValueTakenBackBesideALowOne",
             {Low("a@x.example"), FoundEmail("b@x.example")},
             "beta",
             NotFound(),
             "ada work_email=not_found:a@x.example"
             "[alpha=found,beta=not_found]",
             2},
        // Still open: beta is being asked. It stays open.
        Case{"OpenAndFailed",
             {NotFound()},
             "alpha",
             Failed(),
             "ada work_email=open[alpha=failed/JOB_FAILED]",
             0},
        Case{"OpenAndFoundAfterAll",
             {NotFound()},
             "alpha",
             FoundEmail("a@x.example"),
             "ada work_email=found:a@x.example[alpha=found]",
             1}),
    [](const auto& info) { return info.param.name; });

TEST_F(CorrectionTest, WhatAnotherFoundAfterTheEndStands) {
  ApplyFailure({.account = "alpha", .start_time = kSent}, kEmail,
               FailureReason::kResultExpired, "", progress);
  Answer("beta", FoundEmail("b@x.example"));
  // Alpha, much later.
  ApplyAnswer(
      {.account = "alpha", .start_time = kSent, .now = kSent + absl::Hours(9)},
      plan, kEmail, {.fields = {FoundEmail("a@x.example")}}, progress);
  EXPECT_EQ(Correct("beta", NotFound()), FieldSet(kEmail));
  EXPECT_EQ(field().outcome, Outcome::kFound);
  EXPECT_EQ(field().provider, "alpha");
}

TEST_F(CorrectionTest, KeepsTheTimesOfTheAttempt) {
  Answer("alpha", FoundEmail("a@x.example"));
  const Attempt before = field().attempts[0];
  CorrectAnswer({.account = "alpha",
                 .start_time = kSent + absl::Hours(1),
                 .now = kSent + absl::Hours(2)},
                plan, kEmail, {.fields = {NotFound()}}, progress);
  EXPECT_EQ(field().attempts[0].start_time, before.start_time);
  EXPECT_EQ(field().attempts[0].duration, before.duration);
  EXPECT_EQ(field().attempts[0].decision,
            "corrected: the answer was read again");
}

TEST_F(CorrectionTest, TakesTheFigureThatTheProviderNames) {
  Answer("alpha", FoundEmail("a@x.example"));
  FieldAnswer answer = FoundEmail("a@x.example");
  answer.credits = Credits{250};
  // By the price list of today: what was charged then stands.
  EXPECT_EQ(Correct("alpha", answer), FieldSet());
  EXPECT_EQ(field().attempts[0].credits, Credits::Whole(1));
  answer.credits_reported = true;
  EXPECT_EQ(Correct("alpha", answer), FieldSet(kEmail));
  EXPECT_EQ(field().attempts[0].credits, Credits{250});
}

TEST_F(CorrectionTest, ACancelledLookupStaysCancelledWithoutAValue) {
  ApplyAnswer(Context("alpha"), plan, kEmail, {.fields = {NotFound()}},
              progress);
  Close(kEmail, Outcome::kCancelled, "the batch was cancelled", progress);
  EXPECT_EQ(Correct("alpha", Failed()), FieldSet(kEmail));
  EXPECT_EQ(field().outcome, Outcome::kCancelled);
  EXPECT_EQ(field().explanation, "the batch was cancelled");
  EXPECT_EQ(Correct("alpha", FoundEmail("a@x.example")), FieldSet(kEmail));
  EXPECT_EQ(field().outcome, Outcome::kFound);
  EXPECT_THAT(field().explanation, IsEmpty());
}

TEST_F(CorrectionTest, LeavesFieldsAloneThatWereNotAnsweredByTheAccount) {
  contact.fields = {kEmail, kPhone};
  progress = StartProgress(contact);
  Answer("alpha", FoundEmail("a@x.example"));
  EXPECT_EQ(CorrectAnswer(Context("alpha"), plan, kEmail,
                          {.fields = {FoundPhone("+33123456789")}}, progress),
            FieldSet());
  EXPECT_EQ(progress.fields[1].outcome, Outcome::kOpen);
}

TEST_F(CorrectionTest, CorrectsTheProfileThatTheAccountGave) {
  Answer("alpha", FoundEmail("a@x.example"));
  progress.profile = {.job_title = "Enginer", .provider = "alpha"};
  const Profile profile = {.job_title = "Engineer"};
  const ItemAnswer answer = {.fields = {FoundEmail("a@x.example")},
                             .profile = profile};
  EXPECT_EQ(CorrectAnswer(Context("beta"), plan, kEmail, answer, progress),
            FieldSet());
  EXPECT_EQ(CorrectAnswer(Context("alpha"), plan, kEmail, answer, progress),
            FieldSet(kEmail));
  EXPECT_EQ(progress.profile.job_title, "Engineer");
  EXPECT_EQ(progress.profile.provider, "alpha");
}

}  // namespace
}  // namespace enrich
