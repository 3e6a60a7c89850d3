#include "rpc/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "enrich/v1/enrichment_service.pb.h"
#include "model/event_frame.h"
#include "rpc/proto_event_encoder.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Body(size_t bytes = 10) {
  v1::ResultEvent event;
  event.mutable_contact_result()->set_contact_ref(std::string(bytes, 'x'));
  return event.SerializeAsString();
}

LogSegmentPtr Segment(int64_t first, const std::vector<std::string>& bodies) {
  auto segment = std::make_shared<LogSegment>();
  segment->first_revision = segment->first_sequence = first;
  for (const std::string& body : bodies) {
    AppendEventFrame(segment->frames, {.revision = first, .sequence = first},
                     body);
    ++first;
  }
  segment->last_revision = segment->last_sequence = first - 1;
  return segment;
}

LogSegmentPtr SegmentOf(int64_t first, int64_t count, size_t bytes = 10) {
  return Segment(
      first, std::vector<std::string>(static_cast<size_t>(count), Body(bytes)));
}

// The revisions of one message, read as a client does.
std::vector<int64_t> Pack(EventQueue& queue, PackLimits limits = {}) {
  std::vector<grpc::Slice> slices;
  EXPECT_THAT(queue.Pack(limits, &slices), IsOk());
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  v1::WatchResultsResponse message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  std::vector<int64_t> revisions;
  for (const v1::ResultEvent& event : message.events()) {
    revisions.push_back(event.revision());
  }
  return revisions;
}

TEST(EventQueue, PacksSeveralSegmentsIntoOneMessage) {
  EventQueue queue(0, false);
  queue.Push(SegmentOf(1, 2));
  queue.Push(SegmentOf(3, 1));
  EXPECT_THAT(Pack(queue), ElementsAre(1, 2, 3));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.revision(), 3);
}

TEST(EventQueue, SkipsWhatWasDelivered) {
  EventQueue queue(2, false);
  queue.Push(SegmentOf(1, 2));
  queue.Push(SegmentOf(2, 3));
  EXPECT_THAT(Pack(queue), ElementsAre(3, 4));
}

TEST(EventQueue, AMessageOfNothingNewIsEmpty) {
  EventQueue queue(5, false);
  queue.Push(SegmentOf(1, 2));
  EXPECT_THAT(Pack(queue), IsEmpty());
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, CutsAtTheNumberOfEvents) {
  EventQueue queue(0, false);
  queue.Push(SegmentOf(1, 5));
  const PackLimits limits{.events = 2};
  EXPECT_THAT(Pack(queue, limits), ElementsAre(1, 2));
  EXPECT_EQ(queue.revision(), 2);
  EXPECT_THAT(Pack(queue, limits), ElementsAre(3, 4));
  EXPECT_THAT(Pack(queue, limits), ElementsAre(5));
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, CutsAtTheNumberOfBytes) {
  EventQueue queue(0, false);
  queue.Push(SegmentOf(1, 3, 5000));
  queue.Push(SegmentOf(4, 1, 10));
  const PackLimits limits{.bytes = 11'000};
  EXPECT_THAT(Pack(queue, limits), ElementsAre(1, 2));
  EXPECT_THAT(Pack(queue, limits), ElementsAre(3, 4));
}

TEST(EventQueue, AnEventLargerThanTheLimitIsSentAlone) {
  EventQueue queue(0, false);
  queue.Push(SegmentOf(1, 1));
  queue.Push(SegmentOf(2, 2, 9000));
  const PackLimits limits{.bytes = 1000};
  EXPECT_THAT(Pack(queue, limits), ElementsAre(1));
  EXPECT_THAT(Pack(queue, limits), ElementsAre(2));
  EXPECT_THAT(Pack(queue, limits), ElementsAre(3));
}

TEST(EventQueue, ALargeRunIsSentFromTheSegmentsMemory) {
  const LogSegmentPtr segment = SegmentOf(1, 3, 5000);
  std::weak_ptr<const LogSegment> weak = segment;
  EventQueue queue(0, false);
  queue.Push(segment);
  std::vector<grpc::Slice> slices;
  ASSERT_THAT(queue.Pack({}, &slices), IsOk());
  ASSERT_THAT(slices, SizeIs(1));
  EXPECT_EQ(reinterpret_cast<const char*>(slices[0].begin()),
            segment->frames.data());
  EXPECT_EQ(segment.use_count(), 2);
  slices.clear();
  EXPECT_EQ(segment.use_count(), 1);
}

TEST(EventQueue, SeesTheEndOfABatchWhenItsEventIsPacked) {
  EventQueue queue(0, true);
  queue.Push(Segment(
      1,
      {Body(), ProtoEventEncoder().EncodeBatchFinished({.id = "b"}), Body()}));
  const PackLimits limits{.events = 1};
  EXPECT_THAT(Pack(queue, limits), ElementsAre(1));
  EXPECT_FALSE(queue.saw_end());
  EXPECT_THAT(Pack(queue, limits), ElementsAre(2));
  EXPECT_TRUE(queue.saw_end());
  EXPECT_THAT(Pack(queue, limits), ElementsAre(3));
}

TEST(EventQueue, ReportsDamage) {
  auto segment = std::make_shared<LogSegment>(*SegmentOf(1, 2));
  segment->frames.pop_back();
  EventQueue queue(1, false);
  queue.Push(segment);
  std::vector<grpc::Slice> slices;
  EXPECT_THAT(queue.Pack({}, &slices), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace enrich
