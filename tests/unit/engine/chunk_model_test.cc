// Every schedule of one chunk against one provider, breadth first, through the
// real transitions: whatever is lost, late or killed, the provider receives the
// payload once, and once more for each approval. Tempting shortcuts are checked
// too; each must be found out.

#include "unit/engine/chunk_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "engine/chunk_machine.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// How the engine drives the machine.
struct AsDesigned {
  // Whether the intent is durable before the first byte leaves.
  static constexpr bool kIntentFirst = true;
  // How often one send reaches the provider.
  static constexpr int kReceipts = 1;
  // What goes wrong at most.
  static constexpr int kCrashes = 3;
  // How often a person has a chunk in doubt sent again.
  static constexpr int kApprovals = 0;
  // Whether a resend is called off once the provider shows that it has an
  // earlier chunk; and whether it is known to be one.
  static constexpr bool kLooksBack = true;
  static constexpr bool kKnowsResends = true;

  static chunk_machine::Policy Rules() { return ShortPolicy(); }
  // Start-up finds the chunk SENDING.
  static void OnOrphan(absl::Time now, Chunk& chunk) {
    chunk_machine::OnIndeterminate(now, ShortPolicy(), chunk);
  }
  static void OnTimeout(absl::Time now, Chunk& chunk) {
    chunk_machine::OnIndeterminate(now, ShortPolicy(), chunk);
  }
  // UNKNOWN for too long.
  static void OnDeadline(absl::Time, Chunk& chunk) {
    chunk_machine::OnParked(chunk);
  }
};

struct RequeuesOrphans : AsDesigned {
  static void OnOrphan(absl::Time now, Chunk& chunk) {
    chunk.state = ChunkState::kPlanned;
    chunk.due = now;
  }
};
struct RetriesTimeouts : AsDesigned {
  static void OnTimeout(absl::Time now, Chunk& chunk) {
    chunk_machine::OnNotSent(now, ShortPolicy(), chunk);
  }
};
struct PlansAgainAtTheDeadline : AsDesigned {
  static void OnDeadline(absl::Time now, Chunk& chunk) {
    chunk.state = ChunkState::kPlanned;
    chunk.create_time = chunk.due = now;
  }
};
struct ResendsInTheHttpLibrary : AsDesigned {
  static constexpr int kReceipts = 2;
};
struct SendsBeforeTheIntent : AsDesigned {
  static constexpr bool kIntentFirst = false;
};

struct WithAnApproval : AsDesigned {
  static constexpr int kCrashes = 1;
  static constexpr int kApprovals = 1;
};
// Shorter still, for longer chains.
chunk_machine::Policy BriefPolicy() {
  chunk_machine::Policy policy = ShortPolicy();
  policy.poll.give_up_after = absl::Seconds(8);
  policy.give_up_sending_after = absl::Seconds(4);
  policy.park_unknown_after = absl::Seconds(8);
  return policy;
}

struct WithTwoApprovals : AsDesigned {
  static constexpr int kCrashes = 1;
  static constexpr int kApprovals = 2;
  static chunk_machine::Policy Rules() { return BriefPolicy(); }
};
struct ResendsBlindly : WithAnApproval {
  static constexpr bool kLooksBack = false;
};
struct ReplaysQuietly : AsDesigned {
  static constexpr int kCrashes = 0;
  static constexpr int kApprovals = 1;
  static chunk_machine::Policy Rules() {
    chunk_machine::Policy policy = BriefPolicy();
    policy.quiet_replay_after = absl::Seconds(6);
    return policy;
  }
};
struct ReplaysReplays : ReplaysQuietly {
  static constexpr bool kKnowsResends = false;
};

template <typename Engine>
std::vector<std::string> ShortestDoublePayment() {
  const Verdict verdict = ModelCheck<Engine>().Run();
  EXPECT_EQ(verdict.violation, "paid twice");
  return verdict.path;
}

TEST(ChunkModel, NoScheduleMakesTheProviderReceiveAChunkTwice) {
  ModelCheck<AsDesigned> check;
  const Verdict verdict = check.Run();
  EXPECT_EQ(verdict.violation, "") << absl::StrJoin(verdict.path, ", ");
  EXPECT_THAT(verdict.path, IsEmpty());
  EXPECT_FALSE(check.doubt_was_planned());
  // The search has not been cut short.
  EXPECT_GT(verdict.worlds, 10'000u);
  RecordProperty("worlds", static_cast<int>(verdict.worlds));
}

template <typename Engine>
void ExpectNoMoreReceiptsThanWereApproved() {
  ModelCheck<Engine> check;
  const Verdict verdict = check.Run();
  EXPECT_EQ(verdict.violation, "") << absl::StrJoin(verdict.path, ", ");
  EXPECT_FALSE(check.doubt_was_planned());
  EXPECT_GT(verdict.worlds, 10'000u);
  testing::Test::RecordProperty("worlds", static_cast<int>(verdict.worlds));
}

TEST(ChunkModel, AnApprovalIsGoodForOneReceiptAtMost) {
  ExpectNoMoreReceiptsThanWereApproved<WithAnApproval>();
}

TEST(ChunkModel, TwoApprovalsAreGoodForTwoReceiptsAtMost) {
  ExpectNoMoreReceiptsThanWereApproved<WithTwoApprovals>();
}

TEST(ChunkModel, AQuietReplayIsGoodForOneReceiptAtMost) {
  ExpectNoMoreReceiptsThanWereApproved<ReplaysQuietly>();
}

TEST(ChunkModel, FindsThatAResendThatDoesNotLookBackPaysForCertain) {
  const Verdict verdict = ModelCheck<ResendsBlindly>().Run();
  EXPECT_EQ(verdict.violation, "sent again what the provider is known to have");
  EXPECT_THAT(verdict.path, ElementsAre("intent", "send", "crash", "receive",
                                        "approve", "late push", "intent"));
}

TEST(ChunkModel, FindsThatReplayedReplaysPayTwice) {
  EXPECT_THAT(ShortestDoublePayment<ReplaysReplays>(),
              ElementsAre("intent", "send", "timeout", "receive", "replay",
                          "intent", "send", "timeout", "receive", "replay",
                          "intent", "send", "receive"));
}

TEST(ChunkModel, FindsThatAnHttpLibraryThatResendsPaysTwice) {
  EXPECT_THAT(ShortestDoublePayment<ResendsInTheHttpLibrary>(),
              ElementsAre("intent", "send", "receive"));
}

TEST(ChunkModel, FindsThatSendingBeforeTheIntentPaysTwice) {
  EXPECT_THAT(ShortestDoublePayment<SendsBeforeTheIntent>(),
              ElementsAre("send, then crash", "receive", "send, then intent",
                          "receive"));
}

TEST(ChunkModel, FindsThatRequeuedOrphansPayTwice) {
  EXPECT_THAT(ShortestDoublePayment<RequeuesOrphans>(),
              ElementsAre("intent", "send", "crash", "receive", "intent",
                          "send", "receive"));
}

TEST(ChunkModel, FindsThatRetriedTimeoutsPayTwice) {
  EXPECT_THAT(ShortestDoublePayment<RetriesTimeouts>(),
              ElementsAre("intent", "send", "timeout", "receive", "intent",
                          "send", "receive"));
}

TEST(ChunkModel, FindsThatPlanningAgainAtTheDeadlinePaysTwice) {
  ModelCheck<PlansAgainAtTheDeadline> check;
  const Verdict verdict = check.Run();
  EXPECT_EQ(verdict.violation, "paid twice");
  EXPECT_TRUE(check.doubt_was_planned());
  EXPECT_THAT(verdict.path,
              ElementsAre("intent", "send", "crash", "receive", "deadline",
                          "intent", "send", "receive"));
}

}  // namespace
}  // namespace enrich
