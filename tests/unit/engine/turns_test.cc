#include "engine/turns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace enrich {
namespace {

LaneKey Lane(const std::string& tenant, const std::string& operation = "find") {
  return {.tenant = tenant, .account = "alpha", .operation = operation};
}

class TurnsTest : public ::testing::Test {
 protected:
  struct Sender {
    LaneKey lane = {};
    int64_t cost = 1;
  };

  const Sender& First(const std::vector<Sender>& senders) const {
    return *std::min_element(senders.begin(), senders.end(),
                             [&](const Sender& a, const Sender& b) {
                               return turns_.Of(a.lane) < turns_.Of(b.lane);
                             });
  }
  // What each had of `count` turns, by tenant and operation.
  std::map<std::string, int64_t> Run(const std::vector<Sender>& senders,
                                     int count) {
    std::map<std::string, int64_t> had;
    for (int i = 0; i < count; ++i) {
      const Sender& first = First(senders);
      turns_.Take(first.lane, first.cost);
      had[first.lane.tenant + " " + first.lane.operation] += first.cost;
    }
    return had;
  }

  Turns turns_;
};

TEST_F(TurnsTest, LargeRequestsGetNoMoreThanSmallOnes) {
  const auto had = Run({{Lane("large"), 5000}, {Lane("small"), 1}}, 20'004);
  EXPECT_EQ(had.at("large find"), 4 * 5000);
  EXPECT_EQ(had.at("small find"), 4 * 5000);
}

TEST_F(TurnsTest, ATenantWithManyLanesGetsNoMoreThanOneWithOne) {
  const auto had =
      Run({{Lane("a", "x"), 5}, {Lane("a", "y"), 5}, {Lane("b", "x"), 5}}, 400);
  EXPECT_EQ(had.at("b x"), 1000);
  EXPECT_EQ(had.at("a x"), 500);
  EXPECT_EQ(had.at("a y"), 500);
}

TEST_F(TurnsTest, TimeWithoutWorkEarnsNoCredit) {
  Run({{Lane("busy"), 10}}, 1000);
  const auto had = Run({{Lane("busy"), 10}, {Lane("back"), 10}}, 10);
  // It comes first, and that is all.
  EXPECT_EQ(had.at("back find"), 60);
  EXPECT_EQ(had.at("busy find"), 40);
}

TEST_F(TurnsTest, WhoeverComesWaitsForNoMoreThanHisTurn) {
  Run({{Lane("busy"), 5000}}, 1000);
  EXPECT_LT(turns_.Of(Lane("new")), turns_.Of(Lane("busy")));
}

TEST_F(TurnsTest, APlaceNeverFalls) {
  const LaneKey lane = Lane("a", "x");
  const LaneKey other = Lane("a", "y");
  for (int i = 0; i < 10; ++i) {
    const Turns::Turn before = turns_.Of(lane);
    const Turns::Turn others = turns_.Of(other);
    turns_.Take(i % 3 == 0 ? other : lane, 0);
    EXPECT_LT(before, turns_.Of(lane));
    EXPECT_LT(others, turns_.Of(other));
  }
}

std::vector<WorkItem> Items(size_t count, FieldSet fields) {
  return std::vector<WorkItem>(count, {.fields = fields});
}

TEST(CostOfTurn, CountsLookupsWhereContactsAreLimited) {
  const Capabilities by_contacts = {.pacing = {.max_running_contacts = 100}};
  const FieldSet both =
      FieldSet(ContactField::kWorkEmail) | ContactField::kPhone;
  EXPECT_EQ(CostOfTurn(by_contacts, 50, Items(7, both)), 14);
  EXPECT_EQ(CostOfTurn(by_contacts, 50, Items(1, ContactField::kPhone)), 1);
}

TEST(CostOfTurn, CountsRequestsWhereOnlyThoseAreLimited) {
  const Capabilities by_requests = {.pacing = {.submit_limits = {{10}}}};
  for (const size_t count : {1, 20, 50}) {
    EXPECT_EQ(CostOfTurn(by_requests, 50, Items(count, ContactField::kPhone)),
              50);
  }
}

TEST(CostOfTurn, ARequestCountsWhatCouldBeTakenInItsPlace) {
  // Ten requests and a hundred contacts a second.
  const Capabilities by_both = {.pacing = {.submit_limits = {{.requests = 10}},
                                           .max_running_contacts = 6000},
                                .typical_latency = absl::Minutes(1)};
  EXPECT_EQ(CostOfTurn(by_both, 50, Items(1, ContactField::kPhone)), 10);
  EXPECT_EQ(CostOfTurn(by_both, 50, Items(30, ContactField::kPhone)), 30);
  EXPECT_EQ(CostOfTurn(by_both, 5, Items(1, ContactField::kPhone)), 5);
}

}  // namespace
}  // namespace enrich
