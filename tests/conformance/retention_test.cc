#include "absl/strings/str_cat.h"
#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RetentionTest : public StoreTest {
 protected:
  // A batch of one contact that ended at `finish_time`.
  CreatedBatch EndedBatch(absl::string_view name, absl::Time finish_time) {
    absl::StatusOr<CreatedBatch> created = Create(*store, MakeBatch(name, 1));
    EXPECT_THAT(created, IsOk());
    ContactProgress progress;
    progress.fields = {{.outcome = Outcome::kUnknown}};
    EXPECT_THAT(
        Apply(*store,
              {.now = finish_time,
               .events = {ClosingEvent(created->batch.key, name)},
               .progress = {{.contact_key = created->batch.first_contact_key,
                             .progress = progress}}}),
        IsOk());
    return *std::move(created);
  }
};
ENRICH_STORE_SUITE(RetentionTest);

TEST_P(RetentionTest, DeletesABatchWithAllThatBelongsToIt) {
  const CreatedBatch old = EndedBatch("old", At(10));
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(11), 10), 1);
  EXPECT_THAT(store->ReadBatch("acme", "id-old"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(*store->ListBatches("acme", 0, 10), IsEmpty());
  EXPECT_THAT(*store->ReadBatchInfos({old.batch.key}), IsEmpty());
  EXPECT_THAT(*store->ReadContacts({old.batch.first_contact_key}), IsEmpty());
  EXPECT_THAT(*store->ReadBatchLog(old.batch.key, 0, 1 << 20), IsEmpty());
  EXPECT_THAT(*store->ReadLog("acme", std::nullopt, 0, 1 << 20), IsEmpty());
}

TEST_P(RetentionTest, LeavesWhatIsOpenOrRecent) {
  EndedBatch("recent", At(10));
  ASSERT_THAT(Create(*store, MakeBatch("open", 1)), IsOk());
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(10), 10), 0);
  EXPECT_THAT(*store->ListBatches("acme", 0, 10), SizeIs(2));
  EXPECT_EQ(*store->CompactedRevision("acme"), 0);
}

TEST_P(RetentionTest, DeletesNoMoreThanAsked) {
  for (int i = 0; i < 5; ++i) EndedBatch(absl::StrCat(i), At(10 + i));
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(100), 2), 2);
  ASSERT_OK_AND_ASSIGN(auto left, store->ListBatches("acme", 0, 10));
  ASSERT_THAT(left, SizeIs(3));
  EXPECT_EQ(left.back().id, "id-2");
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(100), 10), 3);
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(100), 10), 0);
}

TEST_P(RetentionTest, DeletesFewAtOnceThatAreLarge) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(CreatedBatch created,
                         Create(*store, MakeBatch(absl::StrCat(i), 4000)));
    NewEvent all = ClosingEvent(created.batch.key, "x");
    all.delta.contacts_done = 4000;
    ASSERT_THAT(Apply(*store, {.now = At(10), .events = {all}}), IsOk());
  }
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(11), 10), 2);
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(11), 10), 1);
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(11), 10), 0);
}

TEST_P(RetentionTest, SaysUpToWhereHistoryIsGone) {
  EndedBatch("one", At(10));
  const int64_t compacted = *store->LastRevision("acme");
  EndedBatch("two", At(20));
  const int64_t last = *store->LastRevision("acme");
  ASSERT_THAT(DeleteFinishedBefore(*store, At(15), 10), IsOk());
  EXPECT_EQ(*store->CompactedRevision("acme"), compacted);
  EXPECT_EQ(*store->CompactedRevision("umbrella"), 0);
  EXPECT_EQ(*store->LastRevision("acme"), last);

  ASSERT_THAT(DeleteFinishedBefore(*store, At(25), 10), IsOk());
  EXPECT_EQ(*store->CompactedRevision("acme"), last);
  EXPECT_EQ(*store->LastRevision("acme"), last);
}

TEST_P(RetentionTest, NeverUsesAKeyOrARevisionAgain) {
  const CreatedBatch old = EndedBatch("old", At(10));
  const int64_t last = *store->LastRevision("acme");
  ASSERT_THAT(DeleteFinishedBefore(*store, At(15), 10), IsOk());
  Reopen();
  const CreatedBatch next = EndedBatch("next", At(20));
  EXPECT_GT(next.batch.key, old.batch.key);
  EXPECT_GT(next.batch.first_contact_key, old.batch.first_contact_key);
  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadLog("acme", std::nullopt, last, 1 << 20));
  EXPECT_THAT(TextsOf(log), ElementsAre("next", "end id-next 3 1 2"));
  EXPECT_GT(log[0]->first_revision, last);
}

TEST_P(RetentionTest, AcceptsTheRequestIdAnew) {
  EndedBatch("old", At(10));
  ASSERT_THAT(DeleteFinishedBefore(*store, At(15), 10), IsOk());
  ASSERT_OK_AND_ASSIGN(CreatedBatch created,
                       Create(*store, MakeBatch("old", 1)));
  EXPECT_FALSE(created.existed);
}

TEST_P(RetentionTest, DropsLateAnswersToADeletedBatch) {
  const CreatedBatch old = EndedBatch("old", At(10));
  ASSERT_THAT(DeleteFinishedBefore(*store, At(15), 10), IsOk());
  ContactProgress progress;
  progress.fields = {{.outcome = Outcome::kFound}};
  ASSERT_THAT(
      Apply(*store, {.events = {ClosingEvent(old.batch.key, "late")},
                     .progress = {{.contact_key = old.batch.first_contact_key,
                                   .progress = progress,
                                   .event_index = 0}}}),
      IsOk());
  EXPECT_THAT(*store->ReadLog("acme", std::nullopt, 0, 1 << 20), IsEmpty());
  EXPECT_THAT(*store->ReadContacts({old.batch.first_contact_key}), IsEmpty());
}

TEST_P(RetentionTest, DeletesEndedChunksWithTheirAttemptsAndInbox) {
  const CreatedBatch old = EndedBatch("old", At(10));
  Chunk chunk = MakeChunk(old, "token-done");
  chunk.state = ChunkState::kDone;
  ASSERT_OK_AND_ASSIGN(Written done, Apply(*store, {.new_chunk = chunk}));
  ASSERT_OK_AND_ASSIGN(
      auto kept,
      AppendInbox(*store, {.attempt_key = done.attempt_key, .body = "body"}));

  // Its push is still to be applied.
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(100), 10), 1);
  EXPECT_THAT(store->ReadChunk(done.chunk_key), IsOk());

  ASSERT_THAT(Apply(*store, {.inbox = {{.key = kept->key}}}), IsOk());
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(100), 10), 1);
  EXPECT_THAT(store->ReadChunk(done.chunk_key),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store->FindAttempt("token-done"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(
      AppendInbox(*store, {.attempt_key = done.attempt_key, .body = "late"}),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(RetentionTest, LeavesOpenAndRecentChunks) {
  const CreatedBatch old = EndedBatch("old", At(10));
  Chunk parked = MakeChunk(old, "token-parked");
  parked.state = ChunkState::kParked;
  Chunk recent = MakeChunk(old, "token-recent");
  recent.state = ChunkState::kDone;
  recent.create_time = At(100);
  ASSERT_THAT(Apply(*store, {.new_chunk = parked}), IsOk());
  ASSERT_THAT(Apply(*store, {.new_chunk = recent}), IsOk());
  ASSERT_THAT(DeleteFinishedBefore(*store, At(100), 10), IsOk());
  EXPECT_THAT(store->FindAttempt("token-parked"), IsOk());
  EXPECT_THAT(store->FindAttempt("token-recent"), IsOk());
}

}  // namespace
}  // namespace enrich
