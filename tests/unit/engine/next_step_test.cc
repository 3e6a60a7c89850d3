#include "engine/next_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/engine/engine_parts.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ContactField kEmail = ContactField::kWorkEmail;
constexpr ContactField kPhone = ContactField::kPhone;

const absl::Time kSent = absl::UnixEpoch() + absl::Hours(500'000);

class NextStepTest : public ::testing::Test {
 protected:
  std::vector<Ask> AdvanceAll() {
    return Advance(contact, plan, accounts, contact.field_set(), progress);
  }
  // Sets the fields asked for.
  void Want(std::vector<ContactField> fields) {
    contact.fields = std::move(fields);
    progress = StartProgress(contact);
  }
  FieldSet Answer(const std::string& account, std::vector<FieldAnswer> fields) {
    return ApplyAnswer({.account = account,
                        .start_time = kSent,
                        .now = kSent + absl::Seconds(9)},
                       plan, contact.field_set(), {.fields = std::move(fields)},
                       progress);
  }
  void Fail(const std::string& account, FailureReason reason) {
    ApplyFailure({.account = account}, contact.field_set(), reason, "why",
                 progress);
  }
  FieldProgress& field(size_t i = 0) { return progress.fields.at(i); }

  Accounts accounts = AlphaAndBeta();
  BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha", "beta"})};
  Contact contact = MakePerson({kEmail});
  ContactProgress progress = StartProgress(contact);
};

TEST_F(NextStepTest, AFreshContactHasItsFieldsOpenInRequestOrder) {
  Want({kPhone, kEmail});
  ASSERT_THAT(progress.fields, SizeIs(2));
  EXPECT_EQ(field(0).field, kPhone);
  EXPECT_EQ(field(1).field, kEmail);
  EXPECT_EQ(field(0).outcome, Outcome::kOpen);
  EXPECT_FALSE(progress.Done());
}

TEST_F(NextStepTest, NoAttemptIsShorterThanNothingWhenTheClockIsSetBack) {
  const AttemptContext context = {
      .account = "alpha", .start_time = kSent, .now = kSent - absl::Hours(1)};
  ApplyFailure(context, contact.field_set(), FailureReason::kNotReturned, "why",
               progress);
  ASSERT_THAT(field().attempts, SizeIs(1));
  EXPECT_EQ(field().attempts[0].duration, absl::ZeroDuration());
}

TEST_F(NextStepTest, AsksTheProvidersInTurnAndThenConcludes) {
  auto asks = AdvanceAll();
  ASSERT_THAT(asks, SizeIs(1));
  EXPECT_EQ(asks[0].account->name, "alpha");
  EXPECT_EQ(asks[0].operation->name, "find");
  Answer("alpha", {{.field = kEmail}});
  asks = AdvanceAll();
  ASSERT_THAT(asks, SizeIs(1));
  EXPECT_EQ(asks[0].account->name, "beta");
  Answer("beta", {{.field = kEmail}});
  EXPECT_THAT(AdvanceAll(), IsEmpty());
  EXPECT_EQ(field().outcome, Outcome::kNotFound);
  EXPECT_TRUE(progress.Done());
}

TEST_F(NextStepTest, FieldsOfOneOperationTravelTogether) {
  Want({kEmail, kPhone});
  const auto asks = AdvanceAll();
  ASSERT_THAT(asks, SizeIs(1));
  EXPECT_EQ(asks[0].fields, FieldSet(kEmail) | kPhone);
}

TEST_F(NextStepTest, FieldsOfDifferentOperationsTravelApart) {
  accounts = MakeAccounts({{"alpha", OneOperationPerField()}});
  Want({kEmail, kPhone});
  const auto asks = AdvanceAll();
  ASSERT_THAT(asks, SizeIs(2));
  EXPECT_EQ(asks[0].operation->name, "work_email");
  EXPECT_EQ(asks[0].fields, FieldSet(kEmail));
  EXPECT_EQ(asks[1].operation->name, "phone");
}

TEST_F(NextStepTest, AdvancesOnlyTheFieldsNamed) {
  Want({kEmail, kPhone});
  const auto asks = Advance(contact, plan, accounts, kPhone, progress);
  ASSERT_THAT(asks, SizeIs(1));
  EXPECT_EQ(asks[0].fields, FieldSet(kPhone));
}

TEST_F(NextStepTest, PassesOverWhoCannotUseTheInputs) {
  contact.company_domain.clear();
  EXPECT_THAT(AdvanceAll(), IsEmpty());
  EXPECT_EQ(field().outcome, Outcome::kSkipped);
  EXPECT_EQ(field().explanation, "no provider can use the inputs given");
  ASSERT_THAT(field().attempts, SizeIs(2));
  EXPECT_EQ(field().attempts[0].provider, "alpha");
  EXPECT_EQ(field().attempts[0].outcome, Outcome::kSkipped);
  EXPECT_EQ(field().attempts[0].error_reason, "INSUFFICIENT_INPUT");
}

TEST_F(NextStepTest, PassesOverAnAccountThatIsNoLongerConfigured) {
  plan.waterfalls = WaterfallsOf({"gone", "beta"});
  const auto asks = AdvanceAll();
  ASSERT_THAT(asks, SizeIs(1));
  EXPECT_EQ(asks[0].account->name, "beta");
  EXPECT_EQ(field().attempts.at(0).provider, "gone");
}

TEST_F(NextStepTest, SkipsAFieldWithoutProviders) {
  plan.waterfalls.clear();
  EXPECT_THAT(AdvanceAll(), IsEmpty());
  EXPECT_EQ(field().outcome, Outcome::kSkipped);
  EXPECT_EQ(field().explanation, "no provider is configured for this field");
}

TEST_F(NextStepTest, StopsAtAValueOfSufficientQuality) {
  EXPECT_EQ(Answer("alpha", {FoundEmail("ada@acme.example")}),
            FieldSet(kEmail));
  EXPECT_EQ(field().outcome, Outcome::kFound);
  EXPECT_EQ(field().provider, "alpha");
  ASSERT_THAT(field().attempts, SizeIs(1));
  const Attempt& attempt = field().attempts[0];
  EXPECT_EQ(attempt.provider, "alpha");
  EXPECT_EQ(attempt.start_time, kSent);
  EXPECT_EQ(attempt.duration, absl::Seconds(9));
  EXPECT_EQ(attempt.credits, Credits::Whole(1));
  EXPECT_THAT(AdvanceAll(), IsEmpty());
}

TEST_F(NextStepTest, TheQualityAskedForDecidesWhetherTheSearchGoesOn) {
  struct Row {
    EmailQuality minimum;
    EmailQuality got;
    bool enough;
  };
  const std::vector<Row> rows = {
      {EmailQuality::kDeliverable, EmailQuality::kDeliverable, true},
      {EmailQuality::kDeliverable, EmailQuality::kHighProbability, false},
      {EmailQuality::kCatchAll, EmailQuality::kHighProbability, true},
      {EmailQuality::kCatchAll, EmailQuality::kCatchAll, true},
      {EmailQuality::kCatchAll, EmailQuality::kInvalid, false},
      {EmailQuality::kCatchAll, EmailQuality::kUnknown, false},
  };
  for (const Row& row : rows) {
    plan.min_email_quality = row.minimum;
    progress = StartProgress(contact);
    Answer("alpha", {FoundEmail("a@acme.example", row.got)});
    EXPECT_EQ(field().outcome == Outcome::kFound, row.enough)
        << static_cast<int>(row.minimum) << static_cast<int>(row.got);
  }
}

TEST_F(NextStepTest, AnyVerdictOnAnAddressIsAnAnswerButNoVerdictIsNot) {
  constexpr ContactField kVerdict = ContactField::kEmailVerification;
  for (const auto quality :
       {EmailQuality::kDeliverable, EmailQuality::kInvalid}) {
    Want({kVerdict});
    Answer("alpha", {{.field = kVerdict,
                      .outcome = Outcome::kFound,
                      .emails = {{"ada@acme.com", quality}}}});
    EXPECT_EQ(field().outcome, Outcome::kFound);
  }
  Want({kVerdict});
  Answer("alpha", {{.field = kVerdict,
                    .outcome = Outcome::kFound,
                    .emails = {{"ada@acme.com", EmailQuality::kUnknown}}}});
  EXPECT_EQ(field().outcome, Outcome::kOpen);
}

TEST_F(NextStepTest, ListsPoorValuesOfALookupThatFoundNothingBetter) {
  Answer("alpha", {FoundEmail("poor@acme.example", EmailQuality::kUnknown)});
  AdvanceAll();
  Answer("beta", {{.field = kEmail}});
  AdvanceAll();
  EXPECT_EQ(field().outcome, Outcome::kNotFound);
  ASSERT_THAT(field().emails, SizeIs(1));
  EXPECT_EQ(field().explanation, "only values below the quality asked for");
}

TEST_F(NextStepTest, PutsTheBestValueFirstAndKeepsEachOnce) {
  Answer("alpha", {FoundEmail("poor@acme.example", EmailQuality::kUnknown)});
  FieldAnswer second = FoundEmail("good@acme.example");
  second.emails.push_back({.address = "poor@acme.example"});
  Answer("beta", {second});
  ASSERT_THAT(field().emails, SizeIs(2));
  EXPECT_EQ(field().emails[0].address, "good@acme.example");
  EXPECT_EQ(field().provider, "beta");
}

TEST_F(NextStepTest, AnOutageOutranksNotFoundAndDoubtOutranksBoth) {
  Answer("alpha", {{.field = kEmail}});
  AdvanceAll();
  Fail("beta", FailureReason::kProviderUnavailable);
  AdvanceAll();
  EXPECT_EQ(field().outcome, Outcome::kFailed);
  EXPECT_EQ(field().attempts.at(1).error_reason, "PROVIDER_UNAVAILABLE");
  EXPECT_EQ(field().attempts.at(1).error_message, "why");
}

TEST_F(NextStepTest, DoubtClosesTheLookupAtOnce) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  EXPECT_EQ(field().outcome, Outcome::kUnknown);
  EXPECT_THAT(AdvanceAll(), IsEmpty()) << "beta could be paid for nothing";
}

TEST_F(NextStepTest, AFailedItemGoesOn) {
  Answer("alpha", {{.field = kEmail, .outcome = Outcome::kFailed}});
  EXPECT_EQ(field().attempts.at(0).error_reason, "JOB_FAILED");
  EXPECT_THAT(AdvanceAll(), SizeIs(1));
}

TEST_F(NextStepTest, AFailedItemSaysWhyWhereTheProviderDoes) {
  Answer("alpha", {{.field = kEmail,
                    .outcome = Outcome::kFailed,
                    .reason = FailureReason::kContractDrift}});
  EXPECT_EQ(field().attempts.at(0).error_reason, "CONTRACT_DRIFT");
  Answer("beta", {{.field = kEmail, .outcome = Outcome::kFailed}});
  EXPECT_EQ(field().attempts.at(1).error_reason, "JOB_FAILED");
}

TEST_F(NextStepTest, ALateAnswerReplacesTheDoubtInTheTrace) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  Answer("alpha", {FoundEmail("ada@acme.example")});
  EXPECT_EQ(field().outcome, Outcome::kFound);
  EXPECT_EQ(field().provider, "alpha");
  ASSERT_THAT(field().attempts, SizeIs(1));
  EXPECT_EQ(field().attempts[0].outcome, Outcome::kFound);
  EXPECT_EQ(field().attempts[0].decision, "arrived after the lookup had ended");
}

TEST_F(NextStepTest, ALateNotFoundSettlesTheDoubt) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  Answer("alpha", {{.field = kEmail}});
  EXPECT_EQ(field().outcome, Outcome::kNotFound);
}

TEST_F(NextStepTest, AnAnswerFromTheCacheCostsNothingAndSaysWhenItWasBought) {
  const absl::Time bought = kSent - absl::Hours(1);
  ApplyAnswer({.account = "alpha",
               .start_time = kSent,
               .now = kSent,
               .cached_from = bought},
              plan, contact.field_set(),
              {.fields = {FoundEmail("ada@acme.example")}}, progress);
  ASSERT_THAT(field().attempts, SizeIs(1));
  const Attempt& attempt = field().attempts[0];
  EXPECT_EQ(attempt.cached_from, bought);
  EXPECT_EQ(attempt.credits, Credits());
  EXPECT_EQ(attempt.saved, Credits::Whole(1));
  EXPECT_EQ(attempt.decision,
            "stopped: a value of sufficient quality, from the cache");
  const BatchCounters delta =
      CountersDelta(StartProgress(contact), progress, true);
  EXPECT_THAT(delta.credits, IsEmpty());
  EXPECT_EQ(delta.saved.at("alpha"), Credits::Whole(1));
}

TEST_F(NextStepTest, ALateAnswerDoesNotTakeTheFindFromAnother) {
  Fail("alpha", FailureReason::kProviderUnavailable);
  AdvanceAll();
  Answer("beta", {FoundEmail("ada@acme.example")});
  Answer("alpha", {FoundEmail("late@acme.example")});
  EXPECT_EQ(field().outcome, Outcome::kFound);
  EXPECT_EQ(field().provider, "beta");
  EXPECT_THAT(field().emails, SizeIs(2));
  Answer("alpha", {{.field = kEmail}});
  EXPECT_EQ(field().outcome, Outcome::kFound);
}

TEST_F(NextStepTest, IgnoresFieldsThatWereNotAskedFor) {
  EXPECT_EQ(Answer("alpha", {FoundPhone("+15550100")}), FieldSet());
  EXPECT_THAT(field().attempts, IsEmpty());
  EXPECT_EQ(ApplyAnswer({.account = "alpha"}, plan, FieldSet(),
                        {.fields = {FoundEmail("ada@acme.example")}}, progress),
            FieldSet());
  EXPECT_EQ(field().outcome, Outcome::kOpen);
}

TEST_F(NextStepTest, TheFirstProfileIsKept) {
  Want({kEmail, kPhone});
  ApplyAnswer({.account = "alpha"}, plan, kEmail,
              {.fields = {{.field = kEmail}},
               .profile = Profile{.job_title = "Founder"}},
              progress);
  ApplyAnswer(
      {.account = "beta"}, plan, kPhone,
      {.fields = {{.field = kPhone}}, .profile = Profile{.job_title = "Clerk"}},
      progress);
  EXPECT_EQ(progress.profile.job_title, "Founder");
  EXPECT_EQ(progress.profile.provider, "alpha");
}

TEST_F(NextStepTest, KeepsRawItemsOnRequestOnly) {
  const ItemAnswer answer = {.fields = {{.field = kEmail}}, .raw = "{}"};
  ApplyAnswer({.account = "alpha"}, plan, kEmail, answer, progress);
  EXPECT_THAT(progress.raw_items, IsEmpty());
  plan.include_raw_items = true;
  ApplyAnswer({.account = "beta"}, plan, kEmail, answer, progress);
  EXPECT_THAT(progress.raw_items,
              ElementsAre(std::pair<std::string, std::string>("beta", "{}")));
}

TEST_F(NextStepTest, ClosesOnlyWhatIsOpen) {
  Want({kEmail, kPhone});
  Answer("alpha", {FoundEmail("ada@acme.example")});
  Close(contact.field_set(), Outcome::kCancelled, "cancelled", progress);
  EXPECT_EQ(field(0).outcome, Outcome::kFound);
  EXPECT_EQ(field(1).outcome, Outcome::kCancelled);
  EXPECT_EQ(field(1).explanation, "cancelled");
  EXPECT_THAT(field(1).attempts, IsEmpty());
}

TEST_F(NextStepTest, AContactCountsOnceItIsDone) {
  Want({kEmail, kPhone});
  const ContactProgress before = progress;
  Answer("alpha", {FoundEmail("ada@acme.example"), {.field = kPhone}});
  Answer("beta", {FoundPhone("+15550100")});
  const BatchCounters delta = CountersDelta(before, progress, true);
  EXPECT_EQ(delta.contacts_done, 1);
  EXPECT_EQ(delta.of(Outcome::kFound), 2);
  EXPECT_EQ(delta.of(Outcome::kOpen), 0);
  EXPECT_EQ(delta.credits.at("alpha"), Credits::Whole(1));
  EXPECT_EQ(delta.credits.at("beta"), Credits::Whole(10));
}

TEST_F(NextStepTest, ACorrectionMovesTheCountersOnly) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  const ContactProgress before = progress;
  Answer("alpha", {FoundEmail("ada@acme.example")});
  const BatchCounters delta = CountersDelta(before, progress, false);
  EXPECT_EQ(delta.contacts_done, 0);
  EXPECT_EQ(delta.of(Outcome::kUnknown), -1);
  EXPECT_EQ(delta.of(Outcome::kFound), 1);
  EXPECT_EQ(delta.credits.at("alpha"), Credits::Whole(1));
}

TEST_F(NextStepTest, FailuresAndDoubtMayBeCorrectedAnswersMayNot) {
  EXPECT_FALSE(MayBeCorrected(progress));
  Answer("alpha", {{.field = kEmail}});
  EXPECT_FALSE(MayBeCorrected(progress));
  Fail("beta", FailureReason::kNotReturned);
  EXPECT_TRUE(MayBeCorrected(progress));
  progress = StartProgress(contact);
  Fail("alpha", FailureReason::kOutcomeUnknown);
  EXPECT_TRUE(MayBeCorrected(progress));
}

// ---- Accounts that are asked twice ------------------------------------------

TEST_F(NextStepTest, TheFirstWordOfAnAccountThatWasAskedTwiceStands) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  const FieldAnswer found = {
      .field = kEmail,
      .outcome = Outcome::kFound,
      .emails = {{"a@acme.example", EmailQuality::kDeliverable}},
      .credits = Credits::Whole(1)};
  EXPECT_EQ(Answer("alpha", {found}), FieldSet(kEmail));
  FieldAnswer again = found;
  again.emails = {{"b@acme.example", EmailQuality::kDeliverable}};
  EXPECT_EQ(Answer("alpha", {again}), FieldSet(kEmail))
      << "settled all the same";
  Answer("alpha", {{.field = kEmail}});
  Answer("alpha", {{.field = kEmail, .outcome = Outcome::kFailed}});
  EXPECT_EQ(field().outcome, Outcome::kFound);
  EXPECT_THAT(field().emails, SizeIs(1));
  ASSERT_THAT(field().attempts, SizeIs(1));
  EXPECT_EQ(field().attempts[0].outcome, Outcome::kFound);
  EXPECT_EQ(field().attempts[0].credits, Credits::Whole(1));
}

TEST_F(NextStepTest, AValueAfterNotFoundIsNews) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  Answer("alpha", {{.field = kEmail}});
  EXPECT_EQ(field().outcome, Outcome::kNotFound);
  Answer("alpha", {{.field = kEmail, .outcome = Outcome::kFailed}});
  EXPECT_EQ(field().outcome, Outcome::kNotFound);
  Answer("alpha",
         {{.field = kEmail,
           .outcome = Outcome::kFound,
           .emails = {{"a@acme.example", EmailQuality::kDeliverable}}}});
  EXPECT_EQ(field().outcome, Outcome::kFound);
}

TEST_F(NextStepTest, AFailureTakesBackNeitherAnswersNorDoubts) {
  Fail("alpha", FailureReason::kOutcomeUnknown);
  Fail("alpha", FailureReason::kProviderUnavailable);
  ASSERT_THAT(field().attempts, SizeIs(1));
  EXPECT_EQ(field().attempts[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(field().outcome, Outcome::kUnknown);
  Answer("alpha", {{.field = kEmail}});
  Fail("alpha", FailureReason::kJobFailed);
  EXPECT_EQ(field().attempts[0].outcome, Outcome::kNotFound);
}

}  // namespace
}  // namespace enrich
