// Requests in doubt that are asked for again: whatever the two jobs say, and
// whenever.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_doubt.h"

namespace enrich {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- Late evidence ----------------------------------------------------------

TEST_F(EngineDoubtTest, APushBeforeTheApprovalLeavesNothingToApprove) {
  Start();
  const Call first = Park();
  const JobOrder order = OrderFor(TheJob());
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
  EXPECT_THAT(Approve(order, Credits::Whole(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Calls(), IsEmpty());
}

// A chunk of two people; the account takes none for the moment.
class EngineHeldResendTest : public EngineDoubtTest {
 protected:
  // A resend that waits for the account.
  Call ApproveWhileTheAccountWaits() {
    options.give_up_sending_after = absl::Hours(100);
    options.breaker_failures = 1;
    options.breaker_pause = absl::Hours(2);
    Start();
    batch = SubmitPeople({"ada", "bob"});
    Call first = OnlyCall();
    Answer(first, TimesOut());
    AdvanceBy(options.park_unknown_after);
    const auto decided = Approve(OrderFor(TheJob()), Credits::Whole(2));
    EXPECT_THAT(decided, IsOk());
    EXPECT_THAT(Calls(), IsEmpty()) << "the breaker is open";
    if (decided.ok()) resend = decided->resend->key;
    return first;
  }
  void LetTheAccountGo() { AdvanceBy(options.breaker_pause); }

  int64_t resend = 0;
};

TEST_F(EngineHeldResendTest, AnAnswerCallsOffTheResendThatHasNotLeft) {
  const Call first = ApproveWhileTheAccountWaits();
  Push(first, absl::StrCat("id 1\nphase finished\nitem ", first.Key(0),
                           " work_email ada@acme.example\nitem ", first.Key(1),
                           " work_email -\n"));
  LetTheAccountGo();
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Read(resend).state, ChunkState::kDone);
  EXPECT_EQ(Read(resend).attempt_count, 0);
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kUnknown), 0);
}

TEST_F(EngineHeldResendTest, TheNewsThatTheProviderHasTheJobCallsItOffToo) {
  const Call first = ApproveWhileTheAccountWaits();
  Push(first, "id 1\nhint");
  LetTheAccountGo();
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_FALSE(calls[0].paid) << "the results are fetched";
  Answer(calls[0], Responds(200, Finds(first, "1").substr(5)));
  EXPECT_EQ(Read(resend).state, ChunkState::kDone);
  AdvanceBy(absl::Hours(48));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(EngineHeldResendTest, GoesOutOnceTheAccountTakesItAgain) {
  ApproveWhileTheAccountWaits();
  LetTheAccountGo();
  const std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_TRUE(calls[0].paid);
  EXPECT_THAT(calls[0].lines, SizeIs(2));
}

TEST_F(EngineDoubtTest, WhenBothAnswerTheFirstIsBelievedAndNothingCountsTwice) {
  Start();
  const Call first = Park();
  Call second = ApproveAndSend();
  Answer(second, Responds(200, "job 2"));
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
  EXPECT_EQ(Status("alpha").suspected_double_spends, 0);
  Push(second, Finds(second, "2"));
  EXPECT_THAT(Events(batch), SizeIs(3));
  EXPECT_EQ(Reload(batch).counters.credits.at("alpha"), Credits::Whole(1));
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kFound), 1);
  EXPECT_EQ(Status("alpha").suspected_double_spends, 1)
      << "both say that they cost credits";
  EXPECT_EQ(Read(Audit().at(0).chunk_key).state, ChunkState::kDone);
  EXPECT_EQ(Read(Audit().at(0).resend_key).state, ChunkState::kDone);
}

TEST_F(EngineDoubtTest, AValueThatTheFirstJobFindsCorrectsTheResendsNotFound) {
  Start();
  const Call first = Park();
  Call second = ApproveAndSend();
  Answer(second, Responds(200, "job 2"));
  Push(second, FindsNothing(second, "2"));
  EXPECT_THAT(Events(batch),
              ElementsAre(_, _,
                          "ada work_email=not_found[alpha=not_found] "
                          "supersedes 1"));
  EXPECT_THAT(Calls(), IsEmpty()) << "no further provider is bought";
  Push(first, Finds(first, "1"));
  EXPECT_THAT(Events(batch),
              ElementsAre(_, _, _,
                          "ada work_email=found:ada@acme.example[alpha=found] "
                          "supersedes 3"));
  EXPECT_EQ(Status("alpha").suspected_double_spends, 0)
      << "only one of them cost anything";
}

TEST_F(EngineDoubtTest, AResendOfWhichTheFirstJobWasPaidAlreadyIsSuspected) {
  Start();
  const Call first = Park();
  Call second = ApproveAndSend();
  Answer(second, Responds(200, "job 2"));
  Push(second, Finds(second, "2"));
  Push(first, Finds(first, "1"));
  EXPECT_EQ(Status("alpha").suspected_double_spends, 1);
  EXPECT_THAT(Events(batch), SizeIs(3));
  // The same job again is no further one.
  Push(first, absl::StrCat(Finds(first, "1"), "drift x\n"));
  EXPECT_EQ(Status("alpha").suspected_double_spends, 1);
}

// ---- Resends that fail ------------------------------------------------------

TEST_F(EngineDoubtTest, ARefusedResendLeavesTheLookupsUnknownAndWaits) {
  Start();
  Park();
  Call second = ApproveAndSend();
  Answer(second, Responds(402, ""));
  EXPECT_THAT(Events(batch), SizeIs(2)) << "nothing is known that was not";
  const Chunk parked = TheJob();
  EXPECT_EQ(parked.state, ChunkState::kParked);
  EXPECT_NE(parked.resend_of, 0);
  EXPECT_THAT(Calls(), IsEmpty());
  // It was not paid: another approval has it sent.
  Call third = ApproveAndSend();
  Answer(third, Responds(200, "job 3"));
  Push(third, Finds(third, "3"));
  EXPECT_THAT(Events(batch), ElementsAre(_, _, kCorrected));
}

TEST_F(EngineDoubtTest, AResendThatCannotBeSentIsTriedAgainAndThenWaits) {
  Start();
  Park();
  Call second = ApproveAndSend();
  Answer(second, Refused());
  AdvanceBy(absl::Seconds(2));
  Call third = Sent();
  EXPECT_EQ(third.Ref(0), "ada");
  Answer(third, Refused());
  for (int i = 0; i < 30; ++i) {
    AdvanceBy(absl::Minutes(1));
    for (Call& call : Calls()) Answer(call, Refused());
  }
  AdvanceBy(absl::Hours(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
  EXPECT_THAT(Events(batch), SizeIs(2));
}

// ---- Quiet replay -----------------------------------------------------------

class EngineQuietReplayTest : public EngineDoubtTest {
 protected:
  EngineQuietReplayTest() {
    options.park_unknown_after = absl::Hours(24);
    providers[0].second.quiet_replay_after = absl::Hours(2);
    doubt["alpha"].quiet_replay = true;
  }
};

TEST_F(EngineQuietReplayTest, SendsAJobOnceMoreByItself) {
  Start();
  Doubt();
  AdvanceBy(absl::Minutes(115));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Minutes(10));
  Call second = Sent();
  EXPECT_TRUE(second.paid);
  EXPECT_EQ(second.Ref(0), "ada");
  const std::vector<AuditEntry> audit = Audit();
  ASSERT_THAT(audit, SizeIs(1));
  EXPECT_EQ(audit[0].actor, "policy");
  EXPECT_EQ(audit[0].action, AuditAction::kQuietReplay);
  EXPECT_THAT(audit[0].note, HasSubstr("nothing was heard of it"));
  Answer(second, Responds(200, "job 2"));
  Push(second, Finds(second, "2"));
  EXPECT_THAT(Events(batch), ElementsAre(kUnknown, "finished 1/1", kCorrected));
}

TEST_F(EngineQuietReplayTest, WaitsWhileThereIsEvidence) {
  Start();
  const Call first = Doubt();
  AdvanceBy(absl::Minutes(60));
  Push(first, Finds(first, "1"));
  AdvanceBy(absl::Hours(48));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Audit(), IsEmpty());
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineQuietReplayTest, WaitsWhileThereIsEvidenceThatCannotBeRead) {
  Start();
  const Call first = Doubt();
  AdvanceBy(absl::Minutes(60));
  Push(first, "gibberish");
  AdvanceBy(absl::Hours(3));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Audit(), IsEmpty());
}

TEST_F(EngineQuietReplayTest, AReplayInDoubtIsParked) {
  Start();
  Doubt();
  AdvanceBy(absl::Hours(3));
  Call second = Sent();
  Answer(second, TimesOut());
  AdvanceBy(absl::Hours(72));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
  EXPECT_THAT(Audit(), SizeIs(1));
}

TEST_F(EngineQuietReplayTest, ParksWhatNobodyWantsAnyMore) {
  Start();
  Doubt();
  engine->CancelBatch("t", batch.id, [](const absl::StatusOr<Batch>&) {});
  AdvanceBy(absl::Hours(3));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
  EXPECT_THAT(Audit(), IsEmpty());
}

TEST_F(EngineQuietReplayTest, IsOffUnlessTheAccountAsksForIt) {
  doubt.clear();
  Start();
  Doubt();
  AdvanceBy(absl::Hours(30));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(TheJob().state, ChunkState::kParked);
}

}  // namespace
}  // namespace enrich
