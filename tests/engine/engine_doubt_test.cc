// Requests in doubt that people, or the account's policy, decide about.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kUnknown[] =
    "ada work_email=unknown[alpha=unknown/OUTCOME_UNKNOWN]";
constexpr char kCorrected[] =
    "ada work_email=found:ada@acme.example[alpha=found] supersedes 1";

class EngineDoubtTest : public EngineHarness {
 protected:
  EngineDoubtTest() { options.park_unknown_after = absl::Hours(1); }

  // Submits Ada, whose request gets no answer.
  Call Doubt(const std::string& request_id = "r1") {
    batch = SubmitPeople({"ada"}, request_id);
    Call submit = OnlyCall();
    Answer(submit, TimesOut());
    return submit;
  }
  // Likewise, until it is parked.
  Call Park() {
    Call submit = Doubt();
    AdvanceBy(options.park_unknown_after);
    EXPECT_THAT(Events(batch), ElementsAre(kUnknown, "finished 1/1"));
    return submit;
  }
  Chunk TheJob() {
    const std::vector<Chunk> jobs = JobsInDoubt();
    EXPECT_THAT(jobs, SizeIs(1));
    return jobs.empty() ? Chunk{} : jobs[0];
  }
  // Approves the one job and returns the request that follows.
  Call ApproveAndSend() {
    EXPECT_THAT(Approve(OrderFor(TheJob()), Credits::Whole(1)), IsOk());
    return Sent();
  }
  Call Sent() {
    std::vector<Call> calls = Calls();
    EXPECT_THAT(calls, SizeIs(1));
    return calls.empty() ? Call{} : std::move(calls[0]);
  }
  Chunk Read(int64_t key) {
    const auto chunk = store_->ReadChunk(key);
    EXPECT_THAT(chunk, IsOk());
    return chunk.ok() ? *chunk : Chunk{};
  }
  std::vector<AuditEntry> Audit() {
    EXPECT_THAT(store_->VerifyAudit(), IsOk());
    const auto entries = store_->ListAudit("t", 0, 100);
    EXPECT_THAT(entries, IsOk());
    return entries.ok() ? *entries : std::vector<AuditEntry>{};
  }

  static std::string Finds(const Call& call, const std::string& job) {
    return absl::StrCat("id ", job, "\nphase finished\ncost 1\nitem ",
                        call.Key(0), " work_email ada@acme.example\n");
  }
  static std::string FindsNothing(const Call& call, const std::string& job) {
    return absl::StrCat("id ", job, "\nphase finished\ncost 0\nitem ",
                        call.Key(0), " work_email -\n");
  }

  Batch batch;
};

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

}  // namespace
}  // namespace enrich
