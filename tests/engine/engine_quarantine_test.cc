#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/replay_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Outcome = ReplayedBody::Outcome;

class EngineQuarantineTest : public ReplayHarness {};

TEST_F(EngineQuarantineTest, KeepsABodyThatItCannotReadAndRunsItAgain) {
  traits["alpha"].can_fetch = false;
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call call = Accepted();
  Push(call, absl::StrCat("v2 ", Says(call, "finished", "ada@acme.example")));
  EXPECT_THAT(Events(batch), IsEmpty());
  ASSERT_THAT(Inbox(), SizeIs(1));
  EXPECT_EQ(Inbox()[0].state, InboxState::kQuarantined);
  EXPECT_EQ(Inbox()[0].reason, QuarantineReason::kNotUnderstood);
  EXPECT_EQ(Status("alpha").webhooks_quarantined, 1);

  // As it is, it is not read today either.
  EXPECT_THAT(Outcomes(Redrive()), ElementsAre(Outcome::kUnchanged));
  EXPECT_EQ(Inbox()[0].state, InboxState::kQuarantined);

  (*spelling)["v2 "] = "";
  EXPECT_THAT(Outcomes(Redrive()), ElementsAre(Outcome::kChanged));
  EXPECT_THAT(Events(batch),
              ElementsAre("ada work_email=found:ada@acme.example[alpha=found]",
                          "finished 1/1"));
  EXPECT_EQ(Inbox()[0].state, InboxState::kApplied);
  EXPECT_EQ(Status("alpha").webhooks_quarantined, 0);
  EXPECT_THAT(Redrive().bodies, IsEmpty());
  ExpectNothingIsAsked();
}

TEST_F(EngineQuarantineTest, ARepeatedPushIsKnownWhateverBecameOfIt) {
  traits["alpha"].can_fetch = false;
  Start();
  SubmitPeople({"ada", "bob"});
  const Call call = Accepted();
  const std::string read = Says(call, "running", "ada@acme.example");
  const std::string unread = absl::StrCat("v2 ", read);
  const std::string last = Says(call, "finished", "bob@acme.example", 1);
  const auto take = [&](const std::string& body) {
    const AttemptRef attempt = *AttemptOf(call);
    // It may be answered after this has returned.
    const auto kept =
        std::make_shared<absl::Status>(absl::UnknownError("no answer"));
    engine->TakePush(attempt, EventOf(attempt, body),
                     [kept](const absl::Status& status) { *kept = status; });
    Settle();
    return *kept;
  };
  const auto expect_nothing_is_written = [&](const std::string& news) {
    store_->apply_error = absl::UnavailableError("away");
    EXPECT_THAT(take(read), IsOk());
    EXPECT_THAT(take(unread), IsOk());
    EXPECT_THAT(take(news), StatusIs(absl::StatusCode::kUnavailable));
    store_->apply_error = absl::OkStatus();
  };
  EXPECT_THAT(take(read), IsOk());
  EXPECT_THAT(take(unread), IsOk());
  expect_nothing_is_written(last);
  // What this process has not seen is in the store.
  Restart();
  expect_nothing_is_written(last);
  EXPECT_THAT(take(last), IsOk());
  expect_nothing_is_written("v3");
  EXPECT_THAT(Inbox(), SizeIs(3));
}

TEST_F(EngineQuarantineTest, KeepsAsideWhatIsAboutAnotherJobOrNobody) {
  Start();
  SubmitPeople({"ada", "bob"});
  const Call call = Accepted("j1");
  Push(call, absl::StrCat("id j9\n", Says(call, "running", "a@x.example")));
  Push(call, "phase running\nitem who.1 work_email -");
  Push(call, absl::StrCat(Says(call, "running", "ada@acme.example"),
                          "\nitem who.1 work_email -"));
  Push(call, "phase running\ndrift odd");
  Push(call, "hint");
  std::vector<QuarantineReason> reasons;
  for (const InboxRow& row : Inbox()) {
    EXPECT_EQ(row.state, row.reason == QuarantineReason::kNone
                             ? InboxState::kApplied
                             : InboxState::kQuarantined);
    reasons.push_back(row.reason);
  }
  EXPECT_THAT(
      reasons,
      ElementsAre(QuarantineReason::kOtherJob, QuarantineReason::kNoContact,
                  QuarantineReason::kSomeContacts,
                  QuarantineReason::kContractDrift, QuarantineReason::kNone));
}

TEST_F(EngineQuarantineTest, WhatTheJobStillWaitsForGoesOnAsItWouldHave) {
  traits["alpha"].can_fetch = false;
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call call = Accepted();
  Push(call, absl::StrCat("v2 ", Says(call, "finished", "-")));
  ExpectNothingIsAsked();
  (*spelling)["v2 "] = "";
  EXPECT_THAT(Outcomes(Redrive()), ElementsAre(Outcome::kChanged));
  EXPECT_EQ(OnlyCall().url, "https://beta.example/submit");
  EXPECT_THAT(Events(batch), IsEmpty());
}

TEST_F(EngineQuarantineTest, WhatTheJobNoLongerWaitsForAsksNobody) {
  traits["alpha"].can_fetch = false;
  traits["beta"].can_fetch = false;
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call call = Accepted("j1");
  Push(call, absl::StrCat("v2 ", Says(call, "finished", "-")));
  // Given up, and gone on to the other, which has nothing.
  AdvanceBy(absl::Hours(11));
  const Call second = [&] {
    std::vector<Call> calls = Calls();
    EXPECT_THAT(calls, SizeIs(1));
    Answer(calls.at(0), Ok("job j2"));
    return std::move(calls[0]);
  }();
  Push(second, Says(second, "finished", "-"));
  EXPECT_THAT(Events(batch), SizeIs(2));

  (*spelling)["v2 "] = "";
  EXPECT_THAT(Outcomes(Redrive()), ElementsAre(Outcome::kChanged));
  EXPECT_EQ(Inbox()[0].state, InboxState::kApplied);
  AdvanceBy(absl::Hours(11));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(EngineQuarantineTest, PushesOfAnAccountThatIsGoneAreKeptAside) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call call = Accepted();
  KeepOnly(call, Says(call, "finished", "ada@acme.example"));
  const auto before = providers;
  providers.erase(providers.begin());
  for (Waterfall& waterfall : options.waterfalls) waterfall.accounts = {"beta"};
  Restart();
  ASSERT_THAT(Inbox(), SizeIs(1));
  EXPECT_EQ(Inbox()[0].reason, QuarantineReason::kNoAccount);
  EXPECT_THAT(*store_->ReadUnappliedInbox(), IsEmpty());
  const ReplayPage page = Redrive();
  EXPECT_THAT(Outcomes(page), ElementsAre(Outcome::kUnchanged));
  EXPECT_EQ(page.bodies[0].quarantine, QuarantineReason::kNoAccount);

  // It comes back, and what it said settles the doubt.
  providers = before;
  Restart();
  EXPECT_THAT(Outcomes(Redrive()), ElementsAre(Outcome::kChanged));
  EXPECT_EQ(Events(batch).back(),
            "ada work_email=found:ada@acme.example[alpha=found] supersedes 1");
  ExpectNothingIsAsked();
}

TEST_F(EngineQuarantineTest, KeepsAsideWhatIsAboutAnEarlierAttempt) {
  Start();
  SubmitPeople({"ada"});
  Call refused = OnlyCall();
  Answer(refused,
         {.maybe_sent = true, .response = HttpResponse{.status = 429}});
  AdvanceBy(absl::Minutes(2));
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  Answer(calls[0], Ok("job j2"));
  Push(refused, Says(refused, "finished", "ada@acme.example"));
  ASSERT_THAT(Inbox(), SizeIs(1));
  EXPECT_EQ(Inbox()[0].reason, QuarantineReason::kEarlierAttempt);
  const ReplayPage page = Redrive();
  EXPECT_THAT(Outcomes(page), ElementsAre(Outcome::kUnchanged));
  EXPECT_EQ(page.bodies[0].quarantine, QuarantineReason::kEarlierAttempt);
}

}  // namespace
}  // namespace enrich
