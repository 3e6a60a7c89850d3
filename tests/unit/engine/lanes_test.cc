#include "engine/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

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

std::vector<int64_t> Numbers(int64_t first, int64_t count) {
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

int64_t CountOf(const Lane::Taken& taken, int64_t batch_key) {
  return std::count_if(
      taken.items.begin(), taken.items.end(),
      [&](const WorkItem& item) { return item.batch_key == batch_key; });
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
  const Lane::Taken first = lane.Take(2);
  EXPECT_THAT(first.consumed, ElementsAre(Consumes(7, 5, false)));
  lane.Settle(first);
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

TEST(Lane, GivesEachBatchTheSameShareOfARequest) {
  Lane lane;
  lane.Add(Row(7, Numbers(0, 1000), 1));
  lane.Add(Row(8, {5000}, 2));
  lane.Add(Row(9, Numbers(6000, 1000), 3));
  const Lane::Taken taken = lane.Take(101);
  EXPECT_THAT(taken.items, SizeIs(101));
  EXPECT_EQ(CountOf(taken, 1), 50);
  EXPECT_EQ(CountOf(taken, 2), 1);
  EXPECT_EQ(CountOf(taken, 3), 50);
  EXPECT_THAT(taken.consumed,
              ElementsAre(Consumes(7, 50, false), Consumes(8, 1, true),
                          Consumes(9, 50, false)));
}

TEST(Lane, BatchesWithoutAShareOfOneRequestComeFirstInTheNext) {
  Lane lane;
  for (int64_t batch = 1; batch <= 5; ++batch) {
    lane.Add(Row(batch, {10 * batch, 10 * batch + 1}, batch));
  }
  const Lane::Taken first = lane.Take(3);
  EXPECT_THAT(Contacts(first.items), ElementsAre(10, 20, 30));
  lane.Settle(first);
  EXPECT_THAT(Contacts(lane.Take(3).items), ElementsAre(40, 50, 11));
}

TEST(Lane, ABatchRestsWhileARowOfItIsTakenInPart) {
  Lane lane;
  lane.Add(Row(7, {1, 2, 3}, 1));
  lane.Add(Row(8, {4}, 1));
  lane.Add(Row(9, {5}, 2));
  const Lane::Taken taken = lane.Take(2);
  EXPECT_THAT(Contacts(taken.items), ElementsAre(1, 5));
  EXPECT_EQ(lane.ready(), 0);
  EXPECT_EQ(lane.size(), 3);
  lane.Add(Row(10, {6}, 1));
  lane.Add(Row(11, {7}, 3));
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(7));
  lane.Settle(taken);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(2, 3, 4, 6));
}

TEST(Lane, SeveralRowsMayBeTakenInPartAtOnceAndSettleInAnyOrder) {
  Lane lane;
  lane.Add(Row(7, {1, 2, 3}, 1));
  lane.Add(Row(8, {4, 5, 6}, 2));
  const Lane::Taken first = lane.Take(1);
  const Lane::Taken second = lane.Take(1);
  EXPECT_THAT(first.consumed, ElementsAre(Consumes(7, 1, false)));
  EXPECT_THAT(second.consumed, ElementsAre(Consumes(8, 1, false)));
  lane.Settle(second);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(5, 6));
  lane.Settle(first);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(2, 3));
  EXPECT_TRUE(lane.empty());
}

TEST(Lane, ABatchThatIsNotAdmittedIsOnHoldUntilItIsResumed) {
  Lane lane;
  lane.Add(Row(7, {1, 2, 3}, 1));
  lane.Add(Row(8, {4, 5, 6}, 2));
  const auto one_of_batch_1 = [](absl::Span<const WorkItem> items) {
    return items[0].batch_key == 1 ? int64_t{1}
                                   : static_cast<int64_t>(items.size());
  };
  const Lane::Taken taken = lane.Take(4, one_of_batch_1);
  EXPECT_THAT(Contacts(taken.items), ElementsAre(1, 4, 5));
  EXPECT_THAT(lane.OnHold(), IsEmpty()) << "it rests";
  lane.Settle(taken);
  ASSERT_THAT(lane.OnHold(), SizeIs(1));
  EXPECT_EQ(lane.OnHold()[0].contact_key, 2);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(6));
  EXPECT_EQ(lane.ready(), 0);
  EXPECT_EQ(lane.size(), 2);
  lane.Resume(1);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(2, 3));
}

TEST(Lane, WhatABatchOnHoldLeavesGoesToTheOthers) {
  Lane lane;
  lane.Add(Row(7, {1, 2, 3}, 1));
  lane.Add(Row(8, {4}, 2));
  lane.Add(Row(9, {5}, 2));
  lane.Add(Row(10, {6}, 2));
  const auto none_of_batch_1 = [](absl::Span<const WorkItem> items) {
    return items[0].batch_key == 1 ? int64_t{0}
                                   : static_cast<int64_t>(items.size());
  };
  EXPECT_THAT(Contacts(lane.Take(3, none_of_batch_1).items),
              ElementsAre(4, 5, 6));
  lane.ResumeAll();
  EXPECT_EQ(lane.ready(), 3);
}

TEST(Lane, TakesOfOneBatchWhatIsAdmitted) {
  Lane lane;
  lane.Add(Row(7, {1, 2, 3}, 1));
  lane.Add(Row(8, {4}, 2));
  const auto two = [](absl::Span<const WorkItem> items) {
    return std::min<int64_t>(static_cast<int64_t>(items.size()), 2);
  };
  const Lane::Taken taken = lane.TakeOf(1, 9, two);
  EXPECT_THAT(Contacts(taken.items), ElementsAre(1, 2));
  EXPECT_THAT(lane.TakeOf(1, 9, two).items, IsEmpty()) << "it rests";
  lane.Settle(taken);
  EXPECT_THAT(Contacts(lane.TakeOf(1, 9, two).items), ElementsAre(3));
  EXPECT_THAT(lane.TakeOf(1, 9, two).items, IsEmpty());
  EXPECT_EQ(lane.size(), 1);
}

TEST(Lane, ExtractsTheRowsOfABatchWhole) {
  Lane lane;
  lane.Add(Row(7, {1, 2}, 1));
  lane.Add(Row(8, {3}, 2));
  lane.Add(Row(9, {4}, 1));
  const std::vector<OpenWork> rows = lane.ExtractRowsOf(1);
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(Contacts(rows[0].items), ElementsAre(1, 2));
  EXPECT_THAT(Contacts(rows[1].items), ElementsAre(4));
  EXPECT_EQ(lane.size(), 1);
  EXPECT_EQ(lane.ready(), 1);
  EXPECT_THAT(Contacts(lane.Take(9).items), ElementsAre(3));
  EXPECT_THAT(lane.ExtractRowsOf(1), IsEmpty());
}

TEST(Lane, LeavesTheRowThatWaitsToBeSettled) {
  Lane lane;
  lane.Add(Row(7, {1, 2}, 1));
  lane.Add(Row(8, {3}, 1));
  const Lane::Taken taken = lane.Take(1);
  const std::vector<OpenWork> rows = lane.ExtractRowsOf(1);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].work_key, 8);
  lane.Settle(taken);
  const std::vector<OpenWork> rest = lane.ExtractRowsOf(1);
  ASSERT_THAT(rest, SizeIs(1));
  EXPECT_THAT(Contacts(rest[0].items), ElementsAre(2));
  EXPECT_TRUE(lane.empty());
}

TEST(Lane, IsAsOldAsItsFirstRow) {
  Lane lane;
  lane.Add(Row(7, {1}, 1, kStart));
  lane.Add(Row(8, {2}, 1, kStart + absl::Seconds(3)));
  lane.Add(Row(9, {3}, 2, kStart + absl::Seconds(1)));
  EXPECT_EQ(lane.oldest(), kStart);
  lane.Take(1);
  EXPECT_EQ(lane.oldest(), kStart + absl::Seconds(1));
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
