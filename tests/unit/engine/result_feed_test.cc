#include "engine/result_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kRoomy = 1024;
constexpr size_t kSegmentBytes = 10;

LogSegmentPtr Segment(int64_t first, int64_t last, int64_t batch_key = 1,
                      const std::string& tenant = "acme") {
  auto segment = std::make_shared<LogSegment>();
  segment->tenant = tenant;
  segment->batch_key = batch_key;
  segment->first_revision = first;
  segment->last_revision = last;
  segment->frames = std::string(kSegmentBytes, 'x');
  return segment;
}

std::vector<int64_t> Take(ResultFeed::Reader& reader, bool* behind,
                          size_t max_bytes = kRoomy) {
  std::vector<int64_t> revisions;
  for (const LogSegmentPtr& segment : reader.Take(max_bytes, behind)) {
    revisions.push_back(segment->last_revision);
  }
  return revisions;
}

class ResultFeedTest : public ::testing::Test {
 protected:
  std::unique_ptr<ResultFeed::Reader> Open(
      int64_t after, size_t max_buffer_bytes = kRoomy,
      std::optional<int64_t> batch_key = {}) {
    return feed_.Open({.tenant = "acme", .batch_key = batch_key}, after,
                      max_buffer_bytes, [this] { ++wakes_; });
  }
  // A reader whose log read found nothing.
  std::unique_ptr<ResultFeed::Reader> OpenLive(
      int64_t after, size_t max_buffer_bytes = kRoomy,
      std::optional<int64_t> batch_key = {}) {
    auto reader = Open(after, max_buffer_bytes, batch_key);
    EXPECT_TRUE(reader->Advance(after));
    return reader;
  }

  ResultFeed feed_;
  int wakes_ = 0;
  bool behind_ = false;
};

TEST_F(ResultFeedTest, AReaderStartsBehind) {
  feed_.Publish({Segment(1, 3)});
  const auto reader = Open(3);
  EXPECT_THAT(Take(*reader, &behind_), IsEmpty());
  EXPECT_TRUE(behind_);
  EXPECT_EQ(reader->cursor(), 3);
}

TEST_F(ResultFeedTest, ReadingUpToTheHeadCatchesUp) {
  feed_.Publish({Segment(1, 3), Segment(4, 6)});
  const auto reader = Open(0);
  EXPECT_FALSE(reader->Advance(3));
  EXPECT_TRUE(reader->Advance(6));
  EXPECT_THAT(Take(*reader, &behind_), IsEmpty());
  EXPECT_FALSE(behind_);
}

TEST_F(ResultFeedTest, AFeedThatHasSeenNothingIsNotTakenForAnEmptyLog) {
  const auto reader = Open(0);
  EXPECT_FALSE(reader->Advance(100));
  EXPECT_TRUE(reader->Advance(100));
}

TEST_F(ResultFeedTest, APublishDuringTheReplayIsNeitherLostNorRepeated) {
  feed_.Publish({Segment(1, 3)});
  const auto reader = Open(0);
  feed_.Publish({Segment(4, 4)});
  feed_.Publish({Segment(5, 6)});
  // The log read saw the first of them.
  EXPECT_TRUE(reader->Advance(4));
  EXPECT_THAT(Take(*reader, &behind_), ElementsAre(6));
  EXPECT_EQ(reader->cursor(), 6);
}

TEST_F(ResultFeedTest, TakesAboutAsMuchAsAsked) {
  const auto reader = OpenLive(0);
  feed_.Publish({Segment(1, 1), Segment(2, 2), Segment(3, 3)});
  EXPECT_THAT(Take(*reader, &behind_, kSegmentBytes + 1), ElementsAre(1, 2));
  EXPECT_THAT(Take(*reader, &behind_, 1), ElementsAre(3));
}

TEST_F(ResultFeedTest, AReaderGetsOnlyWhatIsInItsScope) {
  const auto tenant = OpenLive(0);
  const auto batch = OpenLive(0, kRoomy, 2);
  feed_.Publish({Segment(1, 1, 1), Segment(2, 2, 2),
                 Segment(1, 1, 2, "another tenant"), Segment(3, 3, 1)});
  EXPECT_THAT(Take(*tenant, &behind_), ElementsAre(1, 2, 3));
  EXPECT_THAT(Take(*batch, &behind_), ElementsAre(2));
}

TEST_F(ResultFeedTest, SegmentsAreSharedNotCopied) {
  const LogSegmentPtr segment = Segment(1, 1);
  const auto one = OpenLive(0);
  const auto two = OpenLive(0);
  feed_.Publish({segment});
  EXPECT_EQ(one->Take(kRoomy, &behind_).front(), segment);
  EXPECT_EQ(two->Take(kRoomy, &behind_).front(), segment);
}

TEST_F(ResultFeedTest, WakesOnceAfterATakeThatFoundNothing) {
  const auto reader = OpenLive(0);
  feed_.Publish({Segment(1, 1)});
  EXPECT_EQ(wakes_, 0);
  Take(*reader, &behind_);
  EXPECT_THAT(Take(*reader, &behind_), IsEmpty());
  feed_.Publish({Segment(2, 2)});
  feed_.Publish({Segment(3, 3)});
  EXPECT_EQ(wakes_, 1);
}

TEST_F(ResultFeedTest, WakesNobodyForAnotherBatch) {
  const auto reader = OpenLive(0, kRoomy, 2);
  Take(*reader, &behind_);
  feed_.Publish({Segment(1, 1, 1)});
  EXPECT_EQ(wakes_, 0);
}

TEST_F(ResultFeedTest, AReaderThatDoesNotKeepUpIsSentBackToTheLog) {
  const auto reader = OpenLive(0, 2 * kSegmentBytes);
  feed_.Publish({Segment(1, 1), Segment(2, 2), Segment(3, 3)});
  EXPECT_THAT(Take(*reader, &behind_), IsEmpty());
  EXPECT_TRUE(behind_);
  EXPECT_EQ(reader->cursor(), 0);
  // What comes after the overflow is buffered again.
  feed_.Publish({Segment(4, 4)});
  EXPECT_FALSE(reader->Advance(2));
  EXPECT_TRUE(reader->Advance(3));
  EXPECT_THAT(Take(*reader, &behind_), ElementsAre(4));
}

TEST_F(ResultFeedTest, AnOverflowAfterTheLastReadIsNotMissed) {
  const auto reader = Open(0, kSegmentBytes);
  // The log was read and empty; then, before Advance, more than fits.
  feed_.Publish({Segment(1, 1), Segment(2, 2)});
  EXPECT_FALSE(reader->Advance(0));
  EXPECT_TRUE(reader->Advance(2));
}

TEST_F(ResultFeedTest, ASegmentLargerThanTheBufferWakesAWaitingReader) {
  const auto reader = OpenLive(0, kSegmentBytes - 1);
  Take(*reader, &behind_);
  feed_.Publish({Segment(1, 1)});
  EXPECT_EQ(wakes_, 1);
  EXPECT_THAT(Take(*reader, &behind_), IsEmpty());
  EXPECT_TRUE(behind_);
}

TEST_F(ResultFeedTest, AStalledReaderHoldsNoMoreThanItsBuffer) {
  const auto reader = OpenLive(0, 2 * kSegmentBytes);
  std::vector<std::weak_ptr<const LogSegment>> held;
  for (int64_t revision = 1; revision <= 100; ++revision) {
    const LogSegmentPtr segment = Segment(revision, revision);
    held.push_back(segment);
    feed_.Publish({segment});
  }
  const auto alive = std::count_if(held.begin(), held.end(),
                                   [](const auto& s) { return !s.expired(); });
  EXPECT_LE(alive, 2);
}

TEST_F(ResultFeedTest, AReaderThatLeavesIsForgotten) {
  Open(0).reset();
  feed_.Publish({Segment(1, 1)});
  EXPECT_EQ(wakes_, 0);
}

// A log that is written before it is published, as a store does.
class Log {
 public:
  void Append(ResultFeed& feed, int64_t revision) {
    LogSegmentPtr segment = Segment(revision, revision);
    {
      MutexLock lock(&mu_);
      segments_.push_back(segment);
    }
    feed.Publish({std::move(segment)});
  }
  std::vector<LogSegmentPtr> Read(int64_t revision) {
    MutexLock lock(&mu_);
    const auto begin = segments_.begin() + revision;
    const auto left = segments_.end() - begin;
    return {begin, begin + std::min<int64_t>(left, 5)};
  }

 private:
  Mutex mu_;
  std::vector<LogSegmentPtr> segments_ ABSL_GUARDED_BY(mu_);
};

// Reads as a stream does and counts what comes in order.
int64_t Follow(ResultFeed& feed, Log& log, int64_t last) {
  const auto reader =
      feed.Open({.tenant = "acme"}, 0, 10 * kSegmentBytes, [] {});
  int64_t seen = 0;
  while (seen < last) {
    bool behind = false;
    auto segments = reader->Take(3 * kSegmentBytes, &behind);
    if (behind) {
      segments = log.Read(reader->cursor());
      reader->Advance(segments.empty() ? reader->cursor()
                                       : segments.back()->last_revision);
    }
    for (const LogSegmentPtr& segment : segments) {
      if (segment->first_revision != ++seen) return -1;
    }
    if (segments.empty()) std::this_thread::yield();
  }
  return seen;
}

TEST_F(ResultFeedTest, EveryReaderSeesEverythingInOrderWhileItIsPublished) {
  constexpr int64_t kLast = 5000;
  Log log;
  std::thread publisher([&] {
    for (int64_t i = 1; i <= kLast; ++i) log.Append(feed_, i);
  });
  std::atomic<int64_t> seen = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] { seen += Follow(feed_, log, kLast); });
  }
  publisher.join();
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(seen, 3 * kLast);
}

}  // namespace
}  // namespace enrich
