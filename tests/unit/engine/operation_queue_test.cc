#include "engine/operation_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "support/fake_clock.h"
#include "support/manual_executor.h"
#include "unit/engine/stub_store.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Decision = OperationQueue::Decision;
using Locks = OperationQueue::Locks;

constexpr absl::Duration kPause = absl::Seconds(1);

RowKey ChunkRow(int64_t key) { return {RowKey::Kind::kChunk, key}; }
RowKey ContactRow(int64_t key) { return {RowKey::Kind::kContact, key}; }

class OperationQueueTest : public ::testing::Test {
 protected:
  // Runs an operation that locks `rows` and writes; notes "name?" for each time
  // it is decided with the rows locked, and "name!" when it is committed.
  void RunLocking(const std::string& name, std::vector<RowKey> rows) {
    queue.Run(
        {.decide =
             [this, name, rows](Locks& locks) {
               for (const RowKey& row : rows) {
                 if (!locks.Acquire(row)) return Decision::Blocked();
               }
               notes.push_back(name + "?");
               return Decision::Commit({});
             },
         .committed = [this,
                       name](const Written&) { notes.push_back(name + "!"); }});
  }
  void Complete(absl::StatusOr<Written> written = Written()) {
    store.Complete(std::move(written));
    executor.RunDue();
  }

  FakeClock clock;
  ManualExecutor executor{clock};
  StubStore store;
  // What the queue could not go on after.
  std::vector<absl::Status> fatal;
  OperationQueue queue{
      store,
      executor,
      {.first = kPause, .longest = 4 * kPause},
      [this](const absl::Status& status) { fatal.push_back(status); }};
  std::vector<std::string> notes;
};

TEST_F(OperationQueueTest, HandsOverWhatTheStoreWrote) {
  std::optional<Written> written;
  queue.Run({.decide =
                 [](Locks&) {
                   Write write;
                   write.cancel_batch = 7;
                   return Decision::Commit(std::move(write));
                 },
             .committed = [&](const Written& w) { written = w; }});
  ASSERT_THAT(store.writes, SizeIs(1));
  EXPECT_EQ(store.writes[0].write.cancel_batch, 7);
  store.Complete(Written{.chunk_key = 3});
  EXPECT_FALSE(written.has_value()) << "not on the store's thread";
  executor.RunDue();
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written->chunk_key, 3);
}

TEST_F(OperationQueueTest, EndsAtOnceWhenThereIsNothingToWrite) {
  int ended = 0;
  queue.Run({.decide =
                 [](Locks& locks) {
                   EXPECT_TRUE(locks.Acquire(ChunkRow(1)));
                   return Decision::Nothing();
                 },
             .committed =
                 [&](const Written& written) {
                   ++ended;
                   EXPECT_EQ(written.chunk_key, 0);
                 }});
  EXPECT_EQ(ended, 1);
  EXPECT_THAT(store.writes, IsEmpty());
  RunLocking("next", {ChunkRow(1)});
  EXPECT_THAT(notes, ElementsAre("next?")) << "the row is free again";
}

TEST_F(OperationQueueTest, DecisionsFromTheSameRowFollowEachOther) {
  RunLocking("a", {ChunkRow(1)});
  RunLocking("b", {ChunkRow(1)});
  EXPECT_THAT(notes, ElementsAre("a?"));
  Complete();
  EXPECT_THAT(notes, ElementsAre("a?", "a!", "b?"));
  Complete();
  EXPECT_THAT(notes, ElementsAre("a?", "a!", "b?", "b!"));
}

TEST_F(OperationQueueTest, DecisionsFromDifferentRowsDoNotWait) {
  RunLocking("a", {ChunkRow(1)});
  RunLocking("b", {ChunkRow(2)});
  RunLocking("c", {ContactRow(1)});
  EXPECT_THAT(notes, ElementsAre("a?", "b?", "c?"));
  EXPECT_THAT(store.writes, SizeIs(3));
}

TEST_F(OperationQueueTest, ABlockedDecisionHoldsNothing) {
  RunLocking("a", {ChunkRow(2)});
  RunLocking("b", {ChunkRow(1), ChunkRow(2)});
  RunLocking("c", {ChunkRow(1)});
  EXPECT_THAT(notes, ElementsAre("a?", "c?"));
  // B waits for both.
  Complete();
  EXPECT_THAT(notes, ElementsAre("a?", "c?", "a!"));
  Complete();
  EXPECT_THAT(notes, ElementsAre("a?", "c?", "a!", "c!", "b?"));
}

TEST_F(OperationQueueTest, TheBlockedAreTriedInTheOrderTheyCame) {
  RunLocking("a", {ChunkRow(1)});
  RunLocking("b", {ChunkRow(1)});
  RunLocking("c", {ChunkRow(1)});
  Complete();
  Complete();
  Complete();
  EXPECT_THAT(notes, ElementsAre("a?", "a!", "b?", "b!", "c?", "c!"));
}

TEST_F(OperationQueueTest, AnOperationMayNameARowTwice) {
  RunLocking("a", {ContactRow(1), ContactRow(2), ContactRow(1)});
  EXPECT_THAT(notes, ElementsAre("a?"));
  Complete();
  RunLocking("b", {ContactRow(1)});
  EXPECT_THAT(notes, ElementsAre("a?", "a!", "b?"));
}

TEST_F(OperationQueueTest, AFailedCommitIsDecidedAgainUntilItSucceeds) {
  RunLocking("a", {ChunkRow(1)});
  for (int i = 0; i < 3; ++i) {
    Complete(absl::ResourceExhaustedError("disk full"));
    EXPECT_THAT(store.writes, IsEmpty()) << "not at once";
    executor.AdvanceBy(kPause * (1 << i));
    ASSERT_THAT(store.writes, SizeIs(1));
  }
  EXPECT_THAT(notes, ElementsAre("a?", "a?", "a?", "a?"));
  Complete();
  EXPECT_EQ(notes.back(), "a!");
}

TEST_F(OperationQueueTest, AFailedCommitFreesItsRowsInTheMeantime) {
  RunLocking("a", {ChunkRow(1)});
  RunLocking("b", {ChunkRow(1)});
  Complete(absl::UnavailableError("away"));
  EXPECT_THAT(notes, ElementsAre("a?", "b?"));
  executor.AdvanceBy(kPause);
  EXPECT_THAT(notes, ElementsAre("a?", "b?")) << "now a waits for b";
  Complete();
  EXPECT_THAT(notes, ElementsAre("a?", "b?", "b!", "a?"));
}

TEST_F(OperationQueueTest, AnUnreadableRowIsTriedAgainAfterAPause) {
  int decided = 0;
  queue.Run({.decide =
                 [&](Locks& locks) {
                   EXPECT_TRUE(locks.Acquire(ChunkRow(1)));
                   return ++decided < 3
                              ? Decision::Failed(absl::UnavailableError("away"))
                              : Decision::Nothing();
                 },
             .committed = [&](const Written&) { notes.push_back("done"); }});
  EXPECT_EQ(decided, 1);
  executor.AdvanceBy(kPause);
  EXPECT_EQ(decided, 2);
  EXPECT_THAT(notes, IsEmpty());
  executor.AdvanceBy(2 * kPause);
  EXPECT_THAT(notes, ElementsAre("done"));
}

TEST_F(OperationQueueTest, PausesDoNotGrowForEver) {
  RunLocking("a", {ChunkRow(1)});
  for (int i = 0; i < 20; ++i) {
    Complete(absl::UnavailableError("away"));
    executor.AdvanceBy(4 * kPause);
    ASSERT_THAT(store.writes, SizeIs(1));
  }
}

TEST_F(OperationQueueTest, WhatWaitingDoesNotMendIsFatal) {
  for (const absl::Status& status :
       {absl::AbortedError("changed behind our back"),
        absl::DataLossError("damaged"), absl::InternalError("a bug")}) {
    std::vector<absl::Status> seen;
    OperationQueue other(store, executor, {}, [&](const absl::Status& fatal) {
      seen.push_back(fatal);
    });
    int decided = 0;
    const auto run = [&](int64_t row) {
      other.Run({.decide =
                     [&decided, row](Locks& locks) {
                       EXPECT_TRUE(locks.Acquire(ChunkRow(row)));
                       ++decided;
                       return Decision::Commit({});
                     },
                 .committed = [](const Written&) { FAIL(); }});
    };
    run(1);
    run(2);
    Complete(status);
    Complete(status);
    executor.AdvanceBy(absl::Hours(1));
    run(3);
    EXPECT_THAT(seen, ElementsAre(status)) << "once";
    EXPECT_EQ(decided, 2) << "nothing is decided any more";
    EXPECT_THAT(store.writes, IsEmpty());
  }
}

TEST_F(OperationQueueTest, AReadThatFailsForGoodIsFatalToo) {
  queue.Run({.decide =
                 [](Locks&) {
                   return Decision::Failed(absl::DataLossError("damaged"));
                 },
             .committed = [](const Written&) { FAIL(); }});
  EXPECT_THAT(fatal, ElementsAre(absl::DataLossError("damaged")));
}

TEST_F(OperationQueueTest, WhatWasDeletedMeanwhileIsDecidedAgain) {
  RunLocking("a", {ChunkRow(1)});
  Complete(absl::NotFoundError("no such chunk"));
  executor.AdvanceBy(kPause);
  EXPECT_THAT(notes, ElementsAre("a?", "a?"));
  EXPECT_THAT(fatal, IsEmpty());
}

TEST_F(OperationQueueTest, WhatIsPutOffIsDecidedWhenItsOwnerSaysSo) {
  std::vector<absl::Duration> pauses;
  Task again;
  queue.Run({.decide =
                 [](Locks& locks) {
                   EXPECT_TRUE(locks.Acquire(ChunkRow(1)));
                   return Decision::Commit({});
                 },
             .committed = [this](const Written&) { notes.push_back("done"); },
             .put_off =
                 [&](absl::Duration pause, Task task) {
                   pauses.push_back(pause);
                   again = std::move(task);
                 }});
  EXPECT_FALSE(queue.idle());
  for (int i = 0; i < 2; ++i) {
    Complete(absl::ResourceExhaustedError("disk full"));
    EXPECT_TRUE(queue.idle()) << "nothing is under way";
    executor.AdvanceBy(absl::Hours(1));
    EXPECT_THAT(store.writes, IsEmpty());
    again();
  }
  EXPECT_THAT(pauses, ElementsAre(kPause, 2 * kPause));
  Complete();
  EXPECT_THAT(notes, ElementsAre("done"));
}

TEST_F(OperationQueueTest, TheNextDecisionSeesWhatTheCommitLeft) {
  // `committed` runs before anything else is decided from the row.
  int state = 0;
  queue.Run({.decide =
                 [](Locks& locks) {
                   EXPECT_TRUE(locks.Acquire(ChunkRow(1)));
                   return Decision::Commit({});
                 },
             .committed = [&](const Written&) { state = 1; }});
  int seen = -1;
  queue.Run({.decide =
                 [&](Locks& locks) {
                   if (!locks.Acquire(ChunkRow(1))) return Decision::Blocked();
                   seen = state;
                   return Decision::Nothing();
                 },
             .committed = [](const Written&) {}});
  EXPECT_EQ(seen, -1);
  Complete();
  EXPECT_EQ(seen, 1);
}

TEST_F(OperationQueueTest, AnOperationMayStartAnotherFromItsEnd) {
  queue.Run({.decide =
                 [](Locks& locks) {
                   EXPECT_TRUE(locks.Acquire(ChunkRow(1)));
                   return Decision::Commit({});
                 },
             .committed =
                 [this](const Written&) { RunLocking("b", {ChunkRow(1)}); }});
  Complete();
  EXPECT_THAT(notes, ElementsAre("b?"));
}

TEST_F(OperationQueueTest, AnAnswerAfterTheQueueIsGoneIsDropped) {
  auto short_lived = std::make_unique<OperationQueue>(
      store, executor, OperationQueue::RetryPauses(),
      [](const absl::Status&) {});
  bool committed = false;
  short_lived->Run({.decide = [](Locks&) { return Decision::Commit({}); },
                    .committed = [&](const Written&) { committed = true; }});
  executor.Shutdown();
  short_lived.reset();
  store.Complete();
  executor.RunDue();
  EXPECT_FALSE(committed);
}

}  // namespace
}  // namespace enrich
