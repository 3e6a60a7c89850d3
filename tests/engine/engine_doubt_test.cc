// Requests in doubt that people decide about, and what they hold up.

#include "engine_doubt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace enrich {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- Approvals --------------------------------------------------------------

TEST_F(EngineDoubtTest, AnApprovedJobIsSentOnceMoreAndItsAnswerCorrects) {
  Start();
  const Call first = Park();
  const Chunk job = TheJob();
  EXPECT_EQ(job.state, ChunkState::kParked);
  const auto decided = Approve(OrderFor(job), Credits::Whole(1));
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->job.state, ChunkState::kFailed);
  ASSERT_TRUE(decided->resend.has_value());
  EXPECT_EQ(decided->resend->resend_of, job.key);
  EXPECT_EQ(decided->job.resent_as, decided->resend->key);

  Call second = Sent();
  EXPECT_TRUE(second.paid);
  EXPECT_EQ(second.Ref(0), "ada");
  EXPECT_NE(second.Key(0), first.Key(0));
  EXPECT_NE(second.callback, first.callback);
  Answer(second, Responds(200, "job 2"));
  Push(second, Finds(second, "2"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
  EXPECT_EQ(Reload(batch).counters.credits.at("alpha"), Credits::Whole(1));
  AdvanceBy(absl::Hours(48));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(JobsInDoubt(), IsEmpty());
}

TEST_F(EngineDoubtTest, AnApprovalLeavesALineOfTheAuditLog) {
  Start();
  Park();
  const Chunk job = TheJob();
  const auto decided = Approve(OrderFor(job), Credits::Whole(5));
  ASSERT_THAT(decided, IsOk());
  const std::vector<AuditEntry> audit = Audit();
  ASSERT_THAT(audit, SizeIs(1));
  EXPECT_EQ(audit[0].time, clock.Now());
  EXPECT_EQ(audit[0].tenant, "t");
  EXPECT_EQ(audit[0].actor, "ada");
  EXPECT_EQ(audit[0].action, AuditAction::kApproveResend);
  EXPECT_EQ(audit[0].chunk_key, job.key);
  EXPECT_EQ(audit[0].resend_key, decided->resend->key);
  EXPECT_EQ(audit[0].account, "alpha");
  EXPECT_EQ(audit[0].contacts, 1);
  EXPECT_EQ(audit[0].exposure, Credits::Whole(1));
  EXPECT_EQ(audit[0].note, "asked the provider");
}

TEST_F(EngineDoubtTest, AnUnknownJobCanBeApprovedBeforeItIsParked) {
  Start();
  Doubt();
  EXPECT_EQ(TheJob().state, ChunkState::kUnknown);
  Call second = ApproveAndSend();
  EXPECT_THAT(Events(batch), ElementsAre(kUnknown, "finished 1/1"))
      << "closed before it is asked for again, as by parking";
  Answer(second, Responds(200, "job 2"));
  Push(second, Finds(second, "2"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
}

TEST_F(EngineDoubtTest, ASecondApprovalIsRefused) {
  Start();
  Park();
  const JobOrder order = OrderFor(TheJob());
  EXPECT_THAT(Approve(order, Credits::Whole(1)), IsOk());
  EXPECT_THAT(Approve(order, Credits::Whole(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Abandon(order), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Calls(), SizeIs(1));
  EXPECT_THAT(Audit(), SizeIs(1));
}

TEST_F(EngineDoubtTest, TwoApprovalsAtOnceSendOneRequest) {
  Start();
  Park();
  const JobOrder order = OrderFor(TheJob());
  int accepted = 0;
  for (int i = 0; i < 2; ++i) {
    engine->ApproveResend(order, Credits::Whole(1),
                          [&](const absl::StatusOr<DecidedJob>& decided) {
                            if (decided.ok()) ++accepted;
                          });
  }
  EXPECT_THAT(Calls(), SizeIs(1));
  EXPECT_EQ(accepted, 1);
}

TEST_F(EngineDoubtTest, RefusesToRiskMoreThanTheCallerSaw) {
  Start();
  Park();
  const JobOrder order = OrderFor(TheJob());
  EXPECT_THAT(Approve(order, Credits{999}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Audit(), IsEmpty());
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
  EXPECT_THAT(Approve(order, Credits::Whole(1)), IsOk());
}

TEST_F(EngineDoubtTest, AnotherTenantsJobIsNotThere) {
  Start();
  Park();
  JobOrder order = OrderFor(TheJob());
  order.tenant = "u";
  EXPECT_THAT(Approve(order, Credits::Whole(1)),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Abandon(order), StatusIs(absl::StatusCode::kNotFound));
  order.tenant = "t";
  order.chunk_key += 1000;
  EXPECT_THAT(Abandon(order), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
}

TEST_F(EngineDoubtTest, WhatIsNotInDoubtCannotBeApproved) {
  Start();
  batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  const auto jobs =
      store_->ListJobs({.tenant = "t", .in_doubt = false}, 0, 100);
  ASSERT_THAT(jobs, IsOk());
  ASSERT_THAT(*jobs, SizeIs(1));
  EXPECT_THAT(Approve(OrderFor(jobs->front()), Credits::Whole(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Abandon(OrderFor(jobs->front())),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(EngineDoubtTest, AnApprovalSurvivesACrashBeforeItIsSent) {
  Start();
  Park();
  const JobOrder order = OrderFor(TheJob());
  // The commit of the approval comes through, that of the intent does not.
  engine->ApproveResend(order, Credits::Whole(1),
                        [this](const absl::StatusOr<DecidedJob>& decided) {
                          EXPECT_THAT(decided, IsOk());
                          store_->apply_error =
                              absl::UnavailableError("no disk");
                        });
  EXPECT_THAT(Calls(), IsEmpty());
  Restart();
  Call second = Sent();
  Answer(second, Responds(200, "job 2"));
  Push(second, Finds(second, "2"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
  Restart();
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(EngineDoubtTest, TheIdOfAnotherJobIsDoubt) {
  Start();
  SubmitPeople({"ada"}, "r1");
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  batch = SubmitPeople({"bob"}, "r2");
  Call second = OnlyCall();
  Answer(second, Responds(200, "job 1"));
  EXPECT_EQ(TheJob().state, ChunkState::kUnknown);
  EXPECT_EQ(Status("alpha").contract_drift_count, 1);
  EXPECT_EQ(Status("alpha").contacts_in_flight, 1) << "the first one's";
  AdvanceBy(options.park_unknown_after);
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineDoubtTest, TheIdOfAJobThatIsOverMayComeAgain) {
  Start();
  batch = SubmitPeople({"ada"}, "r1");
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  Push(first, Finds(first, "1"));
  SubmitPeople({"bob"}, "r2");
  Call second = OnlyCall();
  Answer(second, Responds(200, "job 1"));
  EXPECT_THAT(JobsInDoubt(), IsEmpty());
  EXPECT_EQ(Status("alpha").contract_drift_count, 0);
}

// ---- Evidence that cannot be read -------------------------------------------

TEST_F(EngineDoubtTest, WhatWasHeardOfIsNotSentAgain) {
  Start();
  const Call first = Doubt();
  Push(first, "gibberish");
  EXPECT_EQ(TheJob().state, ChunkState::kUnknown) << "of the outcome";
  EXPECT_EQ(Status("alpha").contacts_in_flight, 0);
  EXPECT_THAT(Approve(OrderFor(TheJob()), Credits::Whole(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition))
      << "the provider has it: asking again would be paid twice";
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Events(batch), SizeIs(2));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(EngineDoubtTest, WhatWasHeardOfStaysParkedAndCanBeGivenUp) {
  Start();
  const Call first = Park();
  AdvanceBy(absl::Hours(72));
  Push(first, "gibberish");
  AdvanceBy(absl::Hours(72));
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
  EXPECT_EQ(Status("alpha").exposed, Credits::Whole(1));
  EXPECT_THAT(Events(batch), SizeIs(2));
  EXPECT_THAT(Abandon(OrderFor(TheJob())), IsOk());
  Push(first, "more gibberish");
  EXPECT_THAT(JobsInDoubt(), IsEmpty());
}

TEST_F(EngineDoubtTest, WhatWasHeardOfIsNoNewsOfAJobThatHasEnded) {
  Start();
  batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit, Finds(submit, "1"));
  Push(submit, "gibberish");
  EXPECT_EQ(Status("alpha").contacts_in_flight, 0);
  AdvanceBy(absl::Hours(72));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineDoubtTest, ARefusalOfWhatWasHeardOfIsDoubt) {
  const HttpOutcome outcomes[] = {Refused(), Responds(429, ""),
                                  Responds(400, "reject 0")};
  Start();
  int number = 0;
  for (const HttpOutcome& outcome : outcomes) {
    batch =
        SubmitPeople({absl::StrCat("p", ++number)}, absl::StrCat("r", number));
    Call submit = OnlyCall();
    Push(submit, "gibberish");
    Answer(submit, outcome);
    AdvanceBy(absl::Minutes(10));
    EXPECT_THAT(Calls(), IsEmpty());
    EXPECT_THAT(JobsInDoubt(), SizeIs(number));
  }
}

TEST_F(EngineDoubtTest, WhatIsHeardOfAnEarlierAttemptIsNoNewsOfTheLatest) {
  Start();
  batch = SubmitPeople({"ada"});
  Call refused = OnlyCall();
  Answer(refused, Responds(429, ""));
  AdvanceBy(absl::Minutes(2));
  Call second = Sent();
  Answer(second, TimesOut());
  Push(refused, "gibberish");
  EXPECT_THAT(Approve(OrderFor(TheJob()), Credits::Whole(1)), IsOk());
}

TEST_F(EngineDoubtTest, AResendInDoubtIsSentAgainOnlyByAnotherApproval) {
  Start();
  Park();
  const int64_t first_key = TheJob().key;
  Call second = ApproveAndSend();
  Answer(second, TimesOut());
  Restart();
  AdvanceBy(absl::Hours(2));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Events(batch), SizeIs(2)) << "it was unknown before";
  const Chunk resend = TheJob();
  EXPECT_EQ(resend.resend_of, first_key);
  EXPECT_EQ(resend.state, ChunkState::kParked);
  Call third = ApproveAndSend();
  Answer(third, Responds(200, "job 3"));
  Push(third, Finds(third, "3"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
  EXPECT_THAT(Audit(), SizeIs(2));
}

// ---- Abandoning -------------------------------------------------------------

TEST_F(EngineDoubtTest, AnAbandonedJobStaysUnknownUntilALatePush) {
  Start();
  const Call first = Park();
  const auto abandoned = Abandon(OrderFor(TheJob()));
  ASSERT_THAT(abandoned, IsOk());
  EXPECT_EQ(abandoned->job.state, ChunkState::kFailed);
  EXPECT_FALSE(abandoned->resend.has_value());
  EXPECT_THAT(JobsInDoubt(), IsEmpty());
  EXPECT_EQ(Status("alpha").jobs_unknown, 0);
  EXPECT_THAT(Events(batch), SizeIs(2));
  const std::vector<AuditEntry> audit = Audit();
  ASSERT_THAT(audit, SizeIs(1));
  EXPECT_EQ(audit[0].action, AuditAction::kAbandon);
  EXPECT_EQ(audit[0].resend_key, 0);
  EXPECT_EQ(audit[0].exposure, Credits::Whole(1));
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
}

TEST_F(EngineDoubtTest, AbandoningAnUnknownJobClosesItsLookups) {
  Start();
  const Call first = Doubt();
  EXPECT_THAT(Abandon(OrderFor(TheJob())), IsOk());
  EXPECT_THAT(Events(batch), ElementsAre(kUnknown, "finished 1/1"));
  Restart();
  AdvanceBy(absl::Hours(48));
  EXPECT_THAT(Calls(), IsEmpty());
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
}

TEST_F(EngineDoubtTest, AJobOfAnAccountThatIsGoneCannotBeDecided) {
  Start();
  Park();
  const JobOrder order = OrderFor(TheJob());
  providers.erase(providers.begin());
  Restart();
  EXPECT_THAT(Approve(order, Credits::Whole(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Abandon(order), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
}

// ---- Too much doubt ---------------------------------------------------------

TEST_F(EngineDoubtTest, TooManyFreshDoubtsKeepRequestsBack) {
  doubt["alpha"].max_jobs = 2;
  options.breaker_failures = 100;
  Start();
  const Call first = Doubt("r1");
  AdvanceBy(absl::Minutes(4));
  Doubt("r2", "bob");
  EXPECT_EQ(
      Status("alpha").doubt_pause_until,
      Read(JobsInDoubt().at(1).key).attempt.start_time + absl::Minutes(10));
  SubmitPeople({"eve"}, "r3");
  AdvanceBy(absl::Minutes(2));
  EXPECT_THAT(Calls(), IsEmpty());
  // One of them is settled.
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Calls(), SizeIs(1));
  EXPECT_EQ(Status("alpha").doubt_pause_until, std::nullopt);
}

TEST_F(EngineDoubtTest, RequestsGoOnOnceTheDoubtsAreOlder) {
  doubt["alpha"].max_jobs = 1;
  Start();
  Doubt();
  SubmitPeople({"eve"}, "r2");
  AdvanceBy(absl::Minutes(9));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Minutes(2));
  EXPECT_THAT(Calls(), SizeIs(1));
  EXPECT_EQ(Status("alpha").jobs_unknown, 1);
}

TEST_F(EngineDoubtTest, ALimitOfZeroKeepsNothingBack) {
  doubt["alpha"].max_jobs = 0;
  options.breaker_failures = 100;
  Start();
  for (int i = 0; i < 30; ++i) {
    Doubt(absl::StrCat("r", i), absl::StrCat("ada", i));
  }
  EXPECT_EQ(Status("alpha").jobs_unknown, 30);
  EXPECT_EQ(Status("alpha").doubt_pause_until, std::nullopt);
}

TEST_F(EngineDoubtTest, ShowsWhatIsAtStake) {
  Start();
  Doubt();
  AccountStatus status = Status("alpha");
  EXPECT_EQ(status.jobs_unknown, 1);
  EXPECT_EQ(status.jobs_parked, 0);
  EXPECT_EQ(status.exposed, Credits::Whole(1));
  AdvanceBy(options.park_unknown_after);
  Restart();
  status = Status("alpha");
  EXPECT_EQ(status.jobs_unknown, 1);
  EXPECT_EQ(status.jobs_parked, 1);
  EXPECT_EQ(status.exposed, Credits::Whole(1));
  EXPECT_THAT(Abandon(OrderFor(TheJob())), IsOk());
  EXPECT_EQ(Status("alpha").exposed, Credits());
}

}  // namespace
}  // namespace enrich
