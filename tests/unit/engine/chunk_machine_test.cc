#include "engine/chunk_machine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace enrich::chunk_machine {
namespace {

constexpr ChunkState kAllStates[] = {
    ChunkState::kPlanned, ChunkState::kSending, ChunkState::kAccepted,
    ChunkState::kUnknown, ChunkState::kParked,  ChunkState::kDone,
    ChunkState::kFailed};

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);

Policy TestPolicy() {
  return {.poll = {.first_after = absl::Minutes(4),
                   .interval = absl::Minutes(7),
                   .give_up_after = absl::Hours(10)},
          .give_up_sending_after = absl::Minutes(15),
          .park_unknown_after = absl::Hours(24)};
}

Chunk InState(ChunkState state) {
  return {.key = 1,
          .state = state,
          .items = {{.contact_key = 1, .fields = ContactField::kPhone}},
          .answered = {FieldSet()},
          .settled = {FieldSet()},
          .attempt = {.key = 1, .start_time = kNow},
          .attempt_count = 1,
          .create_time = kNow};
}

TEST(ChunkMachine, AnIdIsEvidenceInEveryStateThatIsNotOver) {
  for (const ChunkState state : {ChunkState::kPlanned, ChunkState::kSending,
                                 ChunkState::kUnknown, ChunkState::kParked}) {
    Chunk chunk = InState(state);
    chunk.polls = 3;
    EXPECT_TRUE(OnAccepted(kNow, TestPolicy(), "job", chunk));
    EXPECT_EQ(chunk.state, ChunkState::kAccepted) << ChunkStateName(state);
    EXPECT_EQ(chunk.attempt.state, AttemptState::kAccepted);
    EXPECT_EQ(chunk.attempt.provider_job_id, "job");
    EXPECT_EQ(chunk.polls, 0);
    EXPECT_EQ(chunk.due, kNow + absl::Minutes(4));
  }
}

TEST(ChunkMachine, AcceptanceOfWhatIsAcceptedTeachesTheIdAndIsThenFetched) {
  Chunk chunk = InState(ChunkState::kAccepted);
  EXPECT_FALSE(OnAccepted(kNow, TestPolicy(), "", chunk));
  EXPECT_TRUE(OnAccepted(kNow, TestPolicy(), "job", chunk));
  EXPECT_EQ(chunk.due, kNow + TestPolicy().poll.first_after);
  EXPECT_FALSE(OnAccepted(kNow, TestPolicy(), "another", chunk));
  EXPECT_EQ(chunk.attempt.provider_job_id, "job");
}

TEST(ChunkMachine, LateEvidenceTakesUpWhatIsOverUnlessAllIsSettled) {
  for (const ChunkState state : {ChunkState::kDone, ChunkState::kFailed}) {
    Chunk open = InState(state);
    EXPECT_TRUE(OnAccepted(kNow, TestPolicy(), "job", open));
    EXPECT_EQ(open.state, ChunkState::kAccepted);

    Chunk settled = InState(state);
    for (size_t i = 0; i < settled.items.size(); ++i) {
      settled.settled[i] = settled.items[i].fields;
    }
    EXPECT_FALSE(OnAccepted(kNow, TestPolicy(), "", settled));
    EXPECT_EQ(settled.state, state);
  }
}

TEST(ChunkMachine, LateEvidenceIsWorthOneLook) {
  Chunk chunk = InState(ChunkState::kAccepted);
  chunk.attempt.provider_job_id = "job";
  chunk.due = kNow;
  const absl::Time late = kNow + TestPolicy().poll.give_up_after;
  EXPECT_EQ(WhenDue(late, TestPolicy(), chunk), Due::kFetch);
  chunk.polls = 1;
  EXPECT_EQ(WhenDue(late, TestPolicy(), chunk), Due::kGiveUpJob);
}

TEST(ChunkMachine, OnlyASendingChunkHeedsTheEndOfItsRequest) {
  for (const ChunkState state : kAllStates) {
    if (state == ChunkState::kSending) continue;
    Chunk chunk = InState(state);
    EXPECT_FALSE(OnNotSent(kNow, TestPolicy(), chunk));
    EXPECT_FALSE(OnRateLimited(kNow, absl::Seconds(1), chunk));
    EXPECT_FALSE(OnRejected(chunk));
    EXPECT_FALSE(OnIndeterminate(kNow, TestPolicy(), chunk));
    EXPECT_EQ(chunk.state, state) << ChunkStateName(state);
    EXPECT_EQ(chunk.due, absl::InfiniteFuture());
    EXPECT_EQ(chunk.attempt.state, AttemptState::kSending);
  }
}

TEST(ChunkMachine, PausesGrowBetweenAttemptsThatDidNotLeave) {
  const std::vector<std::pair<int, absl::Duration>> pauses = {
      {1, absl::Seconds(1)},  {2, absl::Seconds(2)}, {3, absl::Seconds(4)},
      {6, absl::Seconds(32)}, {7, absl::Minutes(1)}, {8, absl::Minutes(1)},
      {100, absl::Minutes(1)}};
  for (const auto& [attempts, pause] : pauses) {
    Chunk chunk = InState(ChunkState::kSending);
    chunk.attempt_count = attempts;
    EXPECT_TRUE(OnNotSent(kNow, TestPolicy(), chunk));
    EXPECT_EQ(chunk.state, ChunkState::kPlanned);
    EXPECT_EQ(chunk.attempt.state, AttemptState::kNotSent);
    EXPECT_EQ(chunk.due, kNow + pause) << attempts;
  }
}

TEST(ChunkMachine, NotSentFailsOnceTheTimeForSendingIsOver) {
  Chunk chunk = InState(ChunkState::kSending);
  EXPECT_TRUE(OnNotSent(kNow + absl::Minutes(15), TestPolicy(), chunk));
  EXPECT_EQ(chunk.state, ChunkState::kFailed);
  EXPECT_EQ(chunk.due, absl::InfiniteFuture());
}

TEST(ChunkMachine, ARateLimitIsWaitedOut) {
  Chunk chunk = InState(ChunkState::kSending);
  EXPECT_TRUE(OnRateLimited(kNow, absl::Minutes(2), chunk));
  EXPECT_EQ(chunk.state, ChunkState::kPlanned);
  EXPECT_EQ(chunk.attempt.state, AttemptState::kRejected);
  EXPECT_EQ(chunk.due, kNow + absl::Minutes(2));
}

TEST(ChunkMachine, ARejectionIsFinal) {
  Chunk chunk = InState(ChunkState::kSending);
  EXPECT_TRUE(OnRejected(chunk));
  EXPECT_EQ(chunk.state, ChunkState::kFailed);
  EXPECT_EQ(chunk.attempt.state, AttemptState::kRejected);
  EXPECT_EQ(chunk.due, absl::InfiniteFuture());
}

TEST(ChunkMachine, DoubtWaitsForEvidenceUntilItIsParked) {
  Chunk chunk = InState(ChunkState::kSending);
  EXPECT_TRUE(OnIndeterminate(kNow, TestPolicy(), chunk));
  EXPECT_EQ(chunk.state, ChunkState::kUnknown);
  EXPECT_EQ(chunk.attempt.state, AttemptState::kUnknown);
  EXPECT_EQ(chunk.due, kNow + absl::Hours(24));
}

TEST(ChunkMachine, DoubtThatNothingCanSettleIsParkedAtOnce) {
  Policy deaf = TestPolicy();
  deaf.push = false;
  Chunk chunk = InState(ChunkState::kSending);
  EXPECT_TRUE(OnIndeterminate(kNow, deaf, chunk));
  EXPECT_EQ(chunk.state, ChunkState::kUnknown);
  EXPECT_EQ(WhenDue(kNow, deaf, chunk), Due::kPark);
}

TEST(ChunkMachine, OnlyDoubtIsParked) {
  for (const ChunkState state : kAllStates) {
    Chunk chunk = InState(state);
    const bool doubt = state == ChunkState::kUnknown;
    EXPECT_EQ(OnParked(chunk), doubt) << ChunkStateName(state);
    EXPECT_EQ(chunk.state, doubt ? ChunkState::kParked : state);
  }
}

TEST(ChunkMachine, OnlyWhatIsPlannedIsSent) {
  for (const ChunkState state : kAllStates) {
    Chunk chunk = InState(state);
    chunk.due = kNow;
    const bool planned = state == ChunkState::kPlanned;
    EXPECT_EQ(OnIntent({.reference = "ref"}, chunk), planned)
        << ChunkStateName(state);
    if (!planned) {
      EXPECT_EQ(chunk.state, state);
      EXPECT_EQ(chunk.attempt_count, 1);
      continue;
    }
    EXPECT_EQ(chunk.state, ChunkState::kSending);
    EXPECT_EQ(chunk.attempt.reference, "ref");
    EXPECT_EQ(chunk.attempt_count, 2);
    EXPECT_EQ(chunk.due, absl::InfiniteFuture());
  }
}

TEST(ChunkMachine, WithoutItsAccountAChunkIsOver) {
  for (const ChunkState state : kAllStates) {
    if (IsTerminal(state)) continue;
    Chunk chunk = InState(state);
    OnDeparted(chunk);
    EXPECT_EQ(chunk.state, state == ChunkState::kPlanned ? ChunkState::kFailed
                                                         : ChunkState::kDone);
    EXPECT_EQ(chunk.due, absl::InfiniteFuture());
  }
}

TEST(ChunkMachine, WhatIsBeingReadIsReadToItsEnd) {
  Chunk chunk = InState(ChunkState::kAccepted);
  chunk.attempt.provider_job_id = "job";
  chunk.polls = 7;
  chunk.due = kNow;
  Policy reading = TestPolicy();
  reading.reading = true;
  const absl::Time late = kNow + TestPolicy().poll.give_up_after;
  EXPECT_EQ(WhenDue(late, TestPolicy(), chunk), Due::kGiveUpJob);
  EXPECT_EQ(WhenDue(late, reading, chunk), Due::kFetch);
}

TEST(ChunkMachine, TheFirstFetchWaitsLongerThanTheNext) {
  Chunk chunk = InState(ChunkState::kAccepted);
  chunk.attempt.provider_job_id = "job";
  OnStillRunning(kNow, TestPolicy(), chunk);
  EXPECT_EQ(chunk.due, kNow + absl::Minutes(4));
  chunk.polls = 1;
  OnStillRunning(kNow, TestPolicy(), chunk);
  EXPECT_EQ(chunk.due, kNow + absl::Minutes(7));
}

TEST(ChunkMachine, AFetchIsNotDueAfterTheJobIsGivenUp) {
  Chunk chunk = InState(ChunkState::kAccepted);
  chunk.attempt.provider_job_id = "job";
  OnStillRunning(kNow + absl::Hours(10) - absl::Minutes(1), TestPolicy(),
                 chunk);
  EXPECT_EQ(chunk.due, kNow + absl::Hours(10));
}

TEST(ChunkMachine, WhatCannotBeFetchedWaitsUntilItIsGivenUp) {
  Chunk nameless = InState(ChunkState::kAccepted);
  OnStillRunning(kNow, TestPolicy(), nameless);
  EXPECT_EQ(nameless.due, kNow + absl::Hours(10));

  Policy push_only = TestPolicy();
  push_only.can_fetch = false;
  Chunk chunk = InState(ChunkState::kAccepted);
  chunk.attempt.provider_job_id = "job";
  OnStillRunning(kNow, push_only, chunk);
  EXPECT_EQ(chunk.due, kNow + absl::Hours(10));
}

TEST(ChunkMachine, OnlyAnAcceptedChunkIsStillRunning) {
  for (const ChunkState state : kAllStates) {
    if (state == ChunkState::kAccepted) continue;
    Chunk chunk = InState(state);
    OnStillRunning(kNow, TestPolicy(), chunk);
    EXPECT_EQ(chunk.due, absl::InfiniteFuture()) << ChunkStateName(state);
  }
}

TEST(ChunkMachine, SaysWhatADueChunkNeeds) {
  struct Row {
    ChunkState state;
    absl::Duration age;
    std::string job_id;
    bool can_fetch;
    Due due;
  };
  const absl::Duration kSoon = absl::Minutes(1);
  const std::vector<Row> rows = {
      {ChunkState::kPlanned, kSoon, "", true, Due::kSend},
      {ChunkState::kPlanned, absl::Minutes(15), "", true, Due::kGiveUpSending},
      {ChunkState::kSending, kSoon, "", true, Due::kNothing},
      {ChunkState::kAccepted, kSoon, "job", true, Due::kFetch},
      {ChunkState::kAccepted, kSoon, "", true, Due::kNothing},
      {ChunkState::kAccepted, kSoon, "job", false, Due::kNothing},
      {ChunkState::kAccepted, absl::Hours(10), "job", true, Due::kGiveUpJob},
      {ChunkState::kAccepted, absl::Hours(10), "", true, Due::kGiveUpJob},
      {ChunkState::kAccepted, absl::Hours(10), "job", false, Due::kGiveUpJob},
      {ChunkState::kUnknown, kSoon, "", true, Due::kPark},
      {ChunkState::kParked, absl::Hours(99), "", true, Due::kNothing},
      {ChunkState::kDone, absl::Hours(99), "job", true, Due::kNothing},
      {ChunkState::kFailed, absl::Hours(99), "job", true, Due::kNothing},
  };
  for (const Row& row : rows) {
    Policy policy = TestPolicy();
    policy.can_fetch = row.can_fetch;
    Chunk chunk = InState(row.state);
    chunk.attempt.provider_job_id = row.job_id;
    chunk.polls = 1;
    chunk.due = kNow;
    EXPECT_EQ(WhenDue(kNow + row.age, policy, chunk), row.due)
        << ChunkStateName(row.state) << " after " << row.age;
    EXPECT_EQ(WhenDue(kNow - kSoon, policy, chunk), Due::kNothing);
  }
}

TEST(ChunkMachine, IsAnsweredWhenEveryFieldOfEveryItemIs) {
  Chunk chunk = InState(ChunkState::kAccepted);
  const FieldSet both =
      FieldSet(ContactField::kWorkEmail) | FieldSet(ContactField::kPhone);
  chunk.items = {{.contact_key = 1, .fields = both},
                 {.contact_key = 2, .fields = ContactField::kPhone}};
  chunk.answered = {both, FieldSet()};
  EXPECT_FALSE(AllAnswered(chunk));
  chunk.answered = {ContactField::kPhone, ContactField::kPhone};
  EXPECT_FALSE(AllAnswered(chunk));
  chunk.answered = {both, ContactField::kPhone};
  EXPECT_TRUE(AllAnswered(chunk));
}

// ---- Doubt ------------------------------------------------------------------

TEST(ChunkMachine, OnlyADoubtCanBeEnded) {
  for (const ChunkState state : kAllStates) {
    Chunk chunk = InState(state);
    EXPECT_EQ(OnDoubtEnded(chunk), IsInDoubt(state));
    EXPECT_EQ(chunk.state, IsInDoubt(state) ? ChunkState::kFailed : state)
        << ChunkStateName(state);
  }
}

TEST(ChunkMachine, ADoubtThatWasEndedIsStillSettledByEvidence) {
  Chunk chunk = InState(ChunkState::kParked);
  OnDoubtEnded(chunk);
  EXPECT_EQ(chunk.due, absl::InfiniteFuture());
  EXPECT_TRUE(OnAccepted(kNow, TestPolicy(), "job", chunk));
  EXPECT_EQ(chunk.state, ChunkState::kAccepted);
}

TEST(ChunkMachine, AResendThatDoesNotLeaveIsInDoubtAsBefore) {
  Chunk resend = InState(ChunkState::kSending);
  resend.resend_of = 7;
  Chunk late = resend;
  EXPECT_TRUE(OnNotSent(kNow + absl::Minutes(15), TestPolicy(), late));
  EXPECT_EQ(late.state, ChunkState::kParked);
  Chunk refused = resend;
  EXPECT_TRUE(OnRejected(refused));
  EXPECT_EQ(refused.state, ChunkState::kParked);
  EXPECT_EQ(refused.due, absl::InfiniteFuture());
}

TEST(ChunkMachine, QuietReplayComesInsteadOfParking) {
  Policy policy = TestPolicy();
  policy.quiet_replay_after = absl::Hours(2);
  for (const bool push : {true, false}) {
    policy.push = push;
    Chunk chunk = InState(ChunkState::kSending);
    EXPECT_TRUE(OnIndeterminate(kNow, policy, chunk));
    EXPECT_EQ(chunk.due, kNow + absl::Hours(2));
    EXPECT_EQ(WhenDue(chunk.due, policy, chunk), Due::kReplay);
  }
}

TEST(ChunkMachine, AResendIsParkedRatherThanReplayed) {
  Policy policy = TestPolicy();
  policy.quiet_replay_after = absl::Hours(2);
  Chunk resend = InState(ChunkState::kSending);
  resend.resend_of = 7;
  EXPECT_TRUE(OnIndeterminate(kNow, policy, resend));
  EXPECT_EQ(resend.due, kNow + policy.park_unknown_after);
  EXPECT_EQ(WhenDue(resend.due, policy, resend), Due::kPark);
}

TEST(ChunkMachine, IsNotReplayedBeforeItsTimeThoughTheConfigurationChanged) {
  Chunk chunk = InState(ChunkState::kSending);
  Policy policy = TestPolicy();
  policy.park_unknown_after = absl::Hours(1);
  OnIndeterminate(kNow, policy, chunk);
  policy.quiet_replay_after = absl::Hours(2);
  EXPECT_EQ(WhenDue(chunk.due, policy, chunk), Due::kPark);
}

}  // namespace
}  // namespace enrich::chunk_machine
