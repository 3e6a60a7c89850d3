#include <atomic>
#include <latch>
#include <thread>

#include "absl/strings/str_cat.h"
#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class GroupCommitTest : public StoreTest {
 protected:
  // Runs `enqueue` on the store's thread, so that all it asks for is taken up
  // together.
  void Together(std::function<void()> enqueue) {
    EXPECT_THAT(Await<Written>([&](StoreCallback<Written> done) {
                  store->Apply({},
                               [&, done = std::move(done)](
                                   absl::StatusOr<Written> written) mutable {
                                 enqueue();
                                 done(std::move(written));
                               });
                }),
                IsOk());
  }
};
ENRICH_STORE_SUITE(GroupCommitTest);

TEST_P(GroupCommitTest, AcceptsARequestOnceHoweverOftenItComes) {
  std::vector<std::future<absl::StatusOr<CreatedBatch>>> results;
  Together([&] {
    for (int i = 0; i < 10; ++i) {
      auto promise =
          std::make_shared<std::promise<absl::StatusOr<CreatedBatch>>>();
      results.push_back(promise->get_future());
      NewBatch batch = MakeBatch("a", 2);
      batch.batch.id = absl::StrCat("id-", i);
      store->CreateBatch(std::move(batch),
                         [promise](absl::StatusOr<CreatedBatch> created) {
                           promise->set_value(std::move(created));
                         });
    }
  });
  int made = 0;
  for (auto& result : results) {
    const absl::StatusOr<CreatedBatch> created = result.get();
    ASSERT_THAT(created, IsOk());
    EXPECT_EQ(created->batch.id, "id-0");
    if (!created->existed) ++made;
  }
  EXPECT_EQ(made, 1);
}

TEST_P(GroupCommitTest, KeepsAFailureToTheOneThatFailed) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, MakeBatch("a", 9)));
  Chunk stale = MakeChunk(created, "unused");
  stale.key = 1'000'000;
  const auto event = [&](absl::string_view text) {
    return ClosingEvent(created.batch.key, text);
  };
  std::vector<Write> writes = {
      {.new_chunk = MakeChunk(created, "token"), .events = {event("1")}},
      // Fails before it writes.
      {.chunk = stale, .events = {event("never")}},
      {.events = {event("2")}},
      // Fails after it wrote: the token is taken.
      {.new_chunk = MakeChunk(created, "token"),
       .events = {event("never")},
       .cancel_batch = created.batch.key},
      {.events = {event("3")}}};
  std::vector<std::future<absl::StatusCode>> codes;
  Together([&] {
    for (Write& write : writes) {
      auto promise = std::make_shared<std::promise<absl::StatusCode>>();
      codes.push_back(promise->get_future());
      store->Apply(std::move(write),
                   [promise](const absl::StatusOr<Written>& written) {
                     promise->set_value(written.status().code());
                   });
    }
  });
  EXPECT_EQ(codes[0].get(), absl::StatusCode::kOk);
  EXPECT_EQ(codes[1].get(), absl::StatusCode::kNotFound);
  EXPECT_EQ(codes[2].get(), absl::StatusCode::kOk);
  EXPECT_EQ(codes[3].get(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(codes[4].get(), absl::StatusCode::kOk);

  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadBatchLog(created.batch.key, 0, 1 << 20));
  EXPECT_THAT(TextsOf(log), ElementsAre("1", "2", "3"));
  EXPECT_EQ(EventsOf(log).back().sequence, 3);
  EXPECT_EQ(store->ReadBatch("acme", "id-a")->state, BatchState::kRunning);
  EXPECT_THAT(TextsOf(commits.segments()), ElementsAre("1", "2", "3"));
}

TEST_P(GroupCommitTest, CountsAllThatOneGroupAddsToABatch) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, MakeBatch("a", 2)));
  const int64_t key = created.batch.key;
  // In the group of the results, so that it has to see them.
  std::promise<absl::StatusOr<CreatedBatch>> again;
  Together([&] {
    const auto ignore = [](const absl::StatusOr<Written>&) {};
    store->Apply({.now = At(7), .events = {ClosingEvent(key, "1")}}, ignore);
    store->Apply({.cancel_batch = key}, ignore);
    store->Apply({.now = At(8), .events = {ClosingEvent(key, "2")}}, ignore);
    store->CreateBatch(MakeBatch("a", 2),
                       [&](absl::StatusOr<CreatedBatch> result) {
                         again.set_value(std::move(result));
                       });
  });
  ASSERT_OK_AND_ASSIGN(CreatedBatch existing, again.get_future().get());
  EXPECT_TRUE(existing.existed);
  ASSERT_OK_AND_ASSIGN(Batch stored, store->ReadBatch("acme", "id-a"));
  for (const Batch* batch : {&existing.batch, &stored}) {
    EXPECT_EQ(batch->state, BatchState::kCancelled);
    EXPECT_EQ(batch->finish_time, At(8));
    EXPECT_EQ(batch->counters.contacts_done, 2);
    EXPECT_EQ(batch->last_sequence, 3);
  }
  EXPECT_THAT(TextsOf(commits.segments()),
              ElementsAre("1", "2", "end id-a 4 2 3"));
}

TEST_P(GroupCommitTest, DeletesABatchThatTheGroupEnds) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, MakeBatch("a", 1)));
  const NewEvent event = ClosingEvent(created.batch.key, "1");
  std::promise<int64_t> deleted;
  std::promise<absl::StatusCode> late;
  Together([&] {
    store->Apply({.now = At(7), .events = {event}},
                 [](const absl::StatusOr<Written>&) {});
    store->DeleteFinishedBefore(At(8), 10,
                                [&](const absl::StatusOr<int64_t>& count) {
                                  deleted.set_value(count.value_or(-1));
                                });
    store->Apply({.now = At(9), .events = {event}},
                 [&](const absl::StatusOr<Written>& written) {
                   late.set_value(written.status().code());
                 });
  });
  EXPECT_EQ(deleted.get_future().get(), 1);
  EXPECT_EQ(late.get_future().get(), absl::StatusCode::kOk);
  EXPECT_THAT(*store->ReadLog("acme", std::nullopt, 0, 1 << 20), SizeIs(0));
}

TEST_P(GroupCommitTest, OrdersTheWritesOfManyThreads) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 50;
  ASSERT_OK_AND_ASSIGN(CreatedBatch created,
                       Create(*store, MakeBatch("a", kThreads * kWrites)));
  std::latch applied(kThreads * kWrites);
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kWrites; ++i) {
        store->Apply({.now = At(9),
                      .events = {ClosingEvent(created.batch.key,
                                              absl::StrCat(t, "-", i))}},
                     [&](const absl::StatusOr<Written>& written) {
                       if (!written.ok()) ++failed;
                       applied.count_down();
                     });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  applied.wait();
  EXPECT_EQ(failed, 0);

  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadBatchLog(created.batch.key, 0, 1 << 30));
  const std::vector<ReadEvent> events = EventsOf(log);
  ASSERT_THAT(events, SizeIs(kThreads * kWrites + 1));
  std::vector<int> next(kThreads, 0);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence, static_cast<int64_t>(i) + 1);
    // The last one is the end of the batch.
    if (i + 1 == events.size()) break;
    EXPECT_LT(events[i].revision, events[i + 1].revision);
    // Those of one thread are in the order it asked for them.
    const auto thread = static_cast<size_t>(events[i].text[0] - '0');
    EXPECT_EQ(events[i].text, absl::StrCat(thread, "-", next[thread]++));
  }
  EXPECT_EQ(store->ReadBatch("acme", "id-a")->state, BatchState::kFinished);
  EXPECT_EQ(EventsOf(commits.segments()), events);
}

TEST_P(GroupCommitTest, CompletesWhatIsQueuedBeforeItCloses) {
  std::atomic<int> completed = 0;
  for (int i = 0; i < 100; ++i) {
    store->CreateBatch(MakeBatch(absl::StrCat(i), 1),
                       [&](const absl::StatusOr<CreatedBatch>& created) {
                         if (created.ok()) ++completed;
                       });
  }
  Reopen();
  EXPECT_EQ(completed, 100);
  EXPECT_THAT(*store->ListBatches("acme", 0, 1000), SizeIs(100));
}

TEST_P(GroupCommitTest, ShowsReadersWhatWasCompleted) {
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) EXPECT_THAT(store->ListBatches("acme", 0, 5), IsOk());
  });
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(Create(*store, MakeBatch(absl::StrCat(i), 1)), IsOk());
    EXPECT_THAT(store->ReadBatch("acme", absl::StrCat("id-", i)), IsOk());
  }
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace enrich
