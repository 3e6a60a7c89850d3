#include "absl/strings/str_cat.h"
#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr size_t kNoLimit = 1 << 30;

class LogTest : public StoreTest {
 protected:
  int64_t NewBatchKey(absl::string_view name, int contacts,
                      absl::string_view tenant = "acme") {
    NewBatch batch = MakeBatch(name, contacts);
    batch.batch.tenant = std::string(tenant);
    const absl::StatusOr<CreatedBatch> created =
        Create(*store, std::move(batch));
    EXPECT_THAT(created, IsOk());
    return created->batch.key;
  }
  void Append(std::vector<NewEvent> events) {
    EXPECT_THAT(Apply(*store, {.now = At(100), .events = std::move(events)}),
                IsOk());
  }
};
ENRICH_STORE_SUITE(LogTest);

TEST_P(LogTest, CountsSequencesPerBatchAndRevisionsPerTenant) {
  const int64_t a = NewBatchKey("a", 10);
  const int64_t b = NewBatchKey("b", 10);
  Append({ClosingEvent(a, "a1"), ClosingEvent(b, "b1"), ClosingEvent(a, "a2")});
  Append({ClosingEvent(b, "b2")});
  Append({ClosingEvent(a, "a3")});

  ASSERT_OK_AND_ASSIGN(auto of_a, store->ReadBatchLog(a, 0, kNoLimit));
  ASSERT_OK_AND_ASSIGN(auto of_b, store->ReadBatchLog(b, 0, kNoLimit));
  EXPECT_THAT(TextsOf(of_a), ElementsAre("a1", "a2", "a3"));
  EXPECT_THAT(TextsOf(of_b), ElementsAre("b1", "b2"));
  for (const auto* log : {&of_a, &of_b}) {
    int64_t sequence = 0;
    for (const ReadEvent& event : EventsOf(*log)) {
      EXPECT_EQ(event.sequence, ++sequence);
    }
  }
  ASSERT_OK_AND_ASSIGN(auto all,
                       store->ReadLog("acme", std::nullopt, 0, kNoLimit));
  int64_t revision = 0;
  for (const ReadEvent& event : EventsOf(all)) {
    EXPECT_GT(event.revision, revision);
    revision = event.revision;
  }
  EXPECT_THAT(EventsOf(all), SizeIs(5));
  EXPECT_THAT(store->LastRevision("acme"), IsOk());
  EXPECT_EQ(*store->LastRevision("acme"), revision);
}

TEST_P(LogTest, SaysWhereASegmentBeginsAndEnds) {
  const int64_t a = NewBatchKey("a", 10);
  Append({ClosingEvent(a, "1"), ClosingEvent(a, "2"), ClosingEvent(a, "3")});
  ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(a, 0, kNoLimit));
  ASSERT_THAT(log, SizeIs(1));
  const std::vector<ReadEvent> events = EventsOf(log);
  EXPECT_EQ(log[0]->tenant, "acme");
  EXPECT_EQ(log[0]->batch_key, a);
  EXPECT_EQ(log[0]->first_revision, events.front().revision);
  EXPECT_EQ(log[0]->last_revision, events.back().revision);
  EXPECT_EQ(log[0]->first_sequence, 1);
  EXPECT_EQ(log[0]->last_sequence, 3);
}

TEST_P(LogTest, PublishesWhatItStores) {
  const int64_t a = NewBatchKey("a", 10);
  const int64_t b = NewBatchKey("b", 10, "umbrella");
  Append({ClosingEvent(a, "a1"), ClosingEvent(b, "b1")});
  Append({ClosingEvent(a, "a2")});
  EXPECT_THAT(TextsOf(commits.segments()), ElementsAre("a1", "b1", "a2"));

  ASSERT_OK_AND_ASSIGN(auto stored, store->ReadBatchLog(b, 0, kNoLimit));
  ASSERT_THAT(stored, SizeIs(1));
  const LogSegment& published = *commits.segments()[1];
  EXPECT_EQ(published.tenant, "umbrella");
  EXPECT_EQ(published.batch_key, stored[0]->batch_key);
  EXPECT_EQ(published.first_revision, stored[0]->first_revision);
  EXPECT_EQ(published.last_revision, stored[0]->last_revision);
  EXPECT_EQ(published.first_sequence, stored[0]->first_sequence);
  EXPECT_EQ(published.last_sequence, stored[0]->last_sequence);
  EXPECT_EQ(published.frames, stored[0]->frames);
}

TEST_P(LogTest, PublishesBeforeItCompletes) {
  const int64_t a = NewBatchKey("a", 10);
  size_t published = 0;
  ASSERT_THAT(Await<Written>([&](StoreCallback<Written> done) {
                store->Apply({.events = {ClosingEvent(a, "a1")}},
                             [&, done = std::move(done)](
                                 absl::StatusOr<Written> written) mutable {
                               published = commits.segments().size();
                               done(std::move(written));
                             });
              }),
              IsOk());
  EXPECT_EQ(published, 1u);
}

TEST_P(LogTest, KeepsTenantsApart) {
  const int64_t a = NewBatchKey("a", 10);
  const int64_t b = NewBatchKey("b", 10, "umbrella");
  Append({ClosingEvent(a, "a1"), ClosingEvent(b, "b1")});
  ASSERT_OK_AND_ASSIGN(auto acme,
                       store->ReadLog("acme", std::nullopt, 0, kNoLimit));
  EXPECT_THAT(TextsOf(acme), ElementsAre("a1"));
  ASSERT_OK_AND_ASSIGN(auto stolen, store->ReadLog("acme", b, 0, kNoLimit));
  EXPECT_THAT(stolen, IsEmpty());
  EXPECT_EQ(*store->LastRevision("nobody"), 0);
  EXPECT_EQ(*store->CompactedRevision("acme"), 0);
}

TEST_P(LogTest, ReadsFromTheMiddle) {
  const int64_t a = NewBatchKey("a", 20);
  const int64_t b = NewBatchKey("b", 20);
  for (int i = 0; i < 3; ++i) {
    Append({ClosingEvent(a, absl::StrCat("a", i, "x")),
            ClosingEvent(a, absl::StrCat("a", i, "y")),
            ClosingEvent(b, absl::StrCat("b", i))});
  }
  ASSERT_OK_AND_ASSIGN(auto all,
                       store->ReadLog("acme", std::nullopt, 0, kNoLimit));
  ASSERT_THAT(all, SizeIs(6));
  for (const ReadEvent& from : EventsOf(all)) {
    ASSERT_OK_AND_ASSIGN(auto rest, store->ReadLog("acme", std::nullopt,
                                                   from.revision, kNoLimit));
    size_t expected = 0;
    for (const LogSegmentPtr& segment : all) {
      if (segment->last_revision > from.revision) ++expected;
    }
    ASSERT_THAT(rest, SizeIs(expected));
    if (expected > 0) {
      EXPECT_LE(rest[0]->first_revision, from.revision + 1);
      EXPECT_GT(rest[0]->last_revision, from.revision);
    }
  }
  // Sequence 4 is the end of the second segment of a.
  ASSERT_OK_AND_ASSIGN(auto later, store->ReadBatchLog(a, 4, kNoLimit));
  EXPECT_THAT(TextsOf(later), ElementsAre("a2x", "a2y"));
  ASSERT_OK_AND_ASSIGN(later, store->ReadBatchLog(a, 3, kNoLimit));
  EXPECT_THAT(TextsOf(later), ElementsAre("a1x", "a1y", "a2x", "a2y"));
  const int64_t revision = all[2]->first_revision;
  ASSERT_OK_AND_ASSIGN(later, store->ReadLog("acme", a, revision, kNoLimit));
  EXPECT_THAT(TextsOf(later), ElementsAre("a1x", "a1y", "a2x", "a2y"));
}

TEST_P(LogTest, StopsReadingNearTheBytesAskedFor) {
  const int64_t a = NewBatchKey("a", 100);
  for (int i = 0; i < 10; ++i) {
    Append({ClosingEvent(a, std::string(100, 'x'))});
  }
  ASSERT_OK_AND_ASSIGN(auto one, store->ReadBatchLog(a, 0, 0));
  EXPECT_THAT(one, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(auto some, store->ReadBatchLog(a, 0, 300));
  EXPECT_THAT(some, SizeIs(3));
}

TEST_P(LogTest, CutsALongRunOfEventsIntoSegments) {
  constexpr int kEvents = 10'000;
  const int64_t a = NewBatchKey("a", kEvents);
  Append(
      std::vector<NewEvent>(kEvents, ClosingEvent(a, std::string(100, 'x'))));
  ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(a, 0, kNoLimit));
  EXPECT_GT(log.size(), 1u);
  int64_t sequence = 0;
  for (const LogSegmentPtr& segment : log) {
    EXPECT_LE(segment->frames.size(), 300'000u);
    EXPECT_EQ(segment->first_sequence, sequence + 1);
    sequence = segment->last_sequence;
  }
  EXPECT_EQ(sequence, kEvents + 1);
  EXPECT_THAT(EventsOf(log), SizeIs(kEvents + 1));
}

TEST_P(LogTest, EndsABatchOnceWithItsLastContact) {
  const int64_t a = NewBatchKey("a", 2);
  Append({ClosingEvent(a, "a1")});
  EXPECT_EQ(store->ReadBatch("acme", "id-a")->state, BatchState::kRunning);
  Append({ClosingEvent(a, "a2")});
  NewEvent correction = ClosingEvent(a, "late");
  correction.delta.contacts_done = 0;
  Append({correction});

  ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(a, 0, kNoLimit));
  EXPECT_THAT(TextsOf(log), ElementsAre("a1", "a2", "end id-a 3 2 3", "late"));
  ASSERT_OK_AND_ASSIGN(Batch batch, store->ReadBatch("acme", "id-a"));
  EXPECT_EQ(batch.state, BatchState::kFinished);
  EXPECT_EQ(batch.finish_time, At(100));
  EXPECT_EQ(batch.last_sequence, 4);
  EXPECT_EQ(batch.counters.contacts_done, 2);
  EXPECT_EQ(batch.counters.of(Outcome::kFound), 3);
  EXPECT_EQ(batch.counters.credits["one"], Credits{750});
}

TEST_P(LogTest, PutsTheEndIntoTheSegmentOfTheLastResult) {
  const int64_t a = NewBatchKey("a", 1);
  Append({ClosingEvent(a, "a1")});
  ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(a, 0, kNoLimit));
  ASSERT_THAT(log, SizeIs(1));
  EXPECT_EQ(log[0]->last_sequence, 2);
}

TEST_P(LogTest, EndsACancelledBatchAsCancelled) {
  const int64_t a = NewBatchKey("a", 2);
  ASSERT_THAT(
      Apply(*store, {.events = {ClosingEvent(a, "a1")}, .cancel_batch = a}),
      IsOk());
  Append({ClosingEvent(a, "a2")});
  ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(a, 0, kNoLimit));
  EXPECT_THAT(TextsOf(log), ElementsAre("a1", "a2", "end id-a 4 2 3"));
  EXPECT_EQ(store->ReadBatch("acme", "id-a")->state, BatchState::kCancelled);
}

TEST_P(LogTest, EndsABatchCancelledWithItsLastContactAsCancelled) {
  const int64_t a = NewBatchKey("a", 1);
  ASSERT_THAT(
      Apply(*store, {.events = {ClosingEvent(a, "a1")}, .cancel_batch = a}),
      IsOk());
  EXPECT_EQ(store->ReadBatch("acme", "id-a")->state, BatchState::kCancelled);
}

TEST_P(LogTest, DropsEventsOfABatchThatIsGone) {
  const int64_t a = NewBatchKey("a", 2);
  ContactProgress progress;
  progress.fields = {{.outcome = Outcome::kFound}};
  ASSERT_THAT(Apply(*store, {.events = {ClosingEvent(1'000'000, "gone"),
                                        ClosingEvent(a, "a1")},
                             .progress = {{.contact_key = 999'999,
                                           .progress = progress,
                                           .event_index = 0}}}),
              IsOk());
  EXPECT_THAT(TextsOf(commits.segments()), ElementsAre("a1"));
}

TEST_P(LogTest, ContinuesAfterReopening) {
  const int64_t a = NewBatchKey("a", 10);
  Append({ClosingEvent(a, "a1")});
  const int64_t revision = *store->LastRevision("acme");
  Reopen();
  EXPECT_EQ(*store->LastRevision("acme"), revision);
  Append({ClosingEvent(a, "a2")});
  ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(a, 0, kNoLimit));
  EXPECT_THAT(TextsOf(log), ElementsAre("a1", "a2"));
  EXPECT_GT(log[1]->first_revision, revision);
  EXPECT_EQ(log[1]->first_sequence, 2);
}

}  // namespace
}  // namespace enrich
