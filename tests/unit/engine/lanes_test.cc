#include "engine/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::UnixEpoch() + absl::Hours(500'000);

OpenWork Row(int64_t key, std::vector<int64_t> contacts, int64_t batch_key = 1,
             absl::Time enqueued = kStart) {
  OpenWork row = {.work_key = key, .enqueue_time = enqueued};
  for (const int64_t contact : contacts) {
    row.items.push_back({.contact_key = contact,
                         .batch_key = batch_key,
                         .fields = ContactField::kPhone});
  }
  return row;
}

std::vector<int64_t> Contacts(const std::vector<WorkItem>& items) {
  std::vector<int64_t> keys;
  for (const WorkItem& item : items) keys.push_back(item.contact_key);
  return keys;
}

testing::Matcher<const WorkConsumption&> Consumes(int64_t key, int64_t count,
                                                  bool exhausted) {
  return testing::AllOf(testing::Field(&WorkConsumption::work_key, key),
                        testing::Field(&WorkConsumption::consumed, count),
                        testing::Field(&WorkConsumption::exhausted, exhausted));
}

TEST(Lane, TakesInTheOrderOfArrivalAcrossRows) {
  Lane lane;
  lane.Add(Row(7, {1, 2}));
  lane.Add(Row(8, {3, 4, 5}));
  EXPECT_EQ(lane.size(), 5);
  const Lane::Taken taken = lane.Take(4);
  EXPECT_THAT(Contacts(taken.items), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(taken.consumed,
              ElementsAre(Consumes(7, 2, true), Consumes(8, 2, false)));
  EXPECT_EQ(lane.size(), 1);
}

TEST(Lane, CountsWhatWasEverConsumedOfARow) {
  Lane lane;
  OpenWork row = Row(7, {4, 5, 6});
  row.consumed = 3;
  lane.Add(std::move(row));
  EXPECT_THAT(lane.Take(2).consumed, ElementsAre(Consumes(7, 5, false)));
  EXPECT_THAT(lane.Take(2).consumed, ElementsAre(Consumes(7, 6, true)));
  EXPECT_TRUE(lane.empty());
}

TEST(Lane, GivesWhatThereIs) {
  Lane lane;
  EXPECT_THAT(lane.Take(3).items, IsEmpty());
  lane.Add(Row(7, {1}));
  EXPECT_THAT(lane.Take(3).items, SizeIs(1));
  EXPECT_THAT(lane.Take(3).consumed, IsEmpty());
}

TEST(Lane, HoldsNoRowWithoutItems) {
  Lane lane;
  lane.Add(Row(7, {}));
  EXPECT_TRUE(lane.empty());
  EXPECT_THAT(lane.Take(1).consumed, IsEmpty());
}

TEST(Lane, ExtractsTheRowsThatHoldWorkOfABatchWhole) {
  Lane lane;
  lane.Add(Row(7, {1, 2}, 1));
  lane.Add(Row(8, {3}, 2));
  OpenWork mixed = Row(9, {4}, 2);
  mixed.items.push_back({.contact_key = 5, .batch_key = 1});
  lane.Add(std::move(mixed));
  const std::vector<OpenWork> rows = lane.ExtractRowsOf(1);
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(Contacts(rows[0].items), ElementsAre(1, 2));
  EXPECT_THAT(Contacts(rows[1].items), ElementsAre(4, 5));
  EXPECT_EQ(lane.size(), 1);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(3));
  EXPECT_THAT(lane.ExtractRowsOf(1), IsEmpty());
}

TEST(Lane, IsAsOldAsItsFirstRow) {
  Lane lane;
  lane.Add(Row(7, {1}, 1, kStart));
  lane.Add(Row(8, {2}, 1, kStart + absl::Seconds(3)));
  EXPECT_EQ(lane.oldest(), kStart);
  lane.Take(1);
  EXPECT_EQ(lane.oldest(), kStart + absl::Seconds(3));
}

TEST(LaneReady, LingersUnlessARequestIsFull) {
  Lane lane;
  constexpr absl::Duration kLinger = absl::Milliseconds(250);
  EXPECT_EQ(LaneReady(lane, 2, kLinger), absl::InfiniteFuture());
  lane.Add(Row(7, {1}));
  EXPECT_EQ(LaneReady(lane, 2, kLinger), kStart + kLinger);
  lane.Add(Row(8, {2}));
  EXPECT_EQ(LaneReady(lane, 2, kLinger), absl::InfinitePast());
  lane.Take(1);
  EXPECT_EQ(LaneReady(lane, 2, kLinger), kStart + kLinger);
}

}  // namespace
}  // namespace enrich
