#include "engine/budgets.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

using Fit = Budgets::Fit;

constexpr int64_t kBatch = 1;

OperationSpec Find() {
  return {.name = "find",
          .fields = ContactField::kPhone,
          .prices = {{ContactField::kPhone, Credits::Whole(10)}}};
}

std::vector<WorkItem> Phones(int64_t count, int64_t batch_key = kBatch) {
  std::vector<WorkItem> items;
  for (int64_t i = 0; i < count; ++i) {
    items.push_back({i, batch_key, ContactField::kPhone});
  }
  return items;
}

LedgerChange Change(const std::string& account, Funds funds) {
  return {.tenant = "t", .account = account, .batches = {{kBatch, funds}}};
}

TEST(Budgets, ABatchWithoutCeilingsMaySendAnything) {
  Budgets budgets;
  budgets.Open(kBatch, {}, {});
  EXPECT_TRUE(budgets.empty());
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(1'000'000)),
            Fit::kNow);
  EXPECT_EQ(budgets.Hold("alpha", Find(), Phones(3)), 3);
}

TEST(Budgets, HoldsWhatFitsAndNoMore) {
  Budgets budgets;
  budgets.Open(kBatch, {.credits = {{"alpha", Credits::Whole(25)}}}, {});
  EXPECT_EQ(budgets.Hold("alpha", Find(), Phones(5)), 2);
  EXPECT_EQ(budgets.Hold("alpha", Find(), Phones(5)), 0);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(5)), Fit::kNow);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits{5001}), Fit::kLater);
  EXPECT_EQ(budgets.Hold("beta", Find(), Phones(5)), 5) << "has no ceiling";
  EXPECT_EQ(budgets.Hold("alpha", Find(), Phones(5, 2)), 5) << "another batch";
  budgets.Drop("alpha", Find(), Phones(2));
  EXPECT_EQ(budgets.Hold("alpha", Find(), Phones(5)), 2);
}

TEST(Budgets, OnlyWhatIsReservedMayMakeRoom) {
  Budgets budgets;
  budgets.Open(kBatch, {.credits = {{"alpha", Credits::Whole(10)}}}, {});
  budgets.Apply(Change("alpha", {.authorised = Credits::Whole(10),
                                 .reserved = Credits::Whole(10)}));
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(1)), Fit::kLater);
  budgets.Apply(Change("alpha", {.reserved = Credits::Whole(-10),
                                 .exposed = Credits::Whole(10)}));
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(1)), Fit::kNever);
  budgets.Apply(Change("alpha", {.spent = Credits::Whole(4),
                                 .released = Credits::Whole(6),
                                 .exposed = Credits::Whole(-10)}));
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(6)), Fit::kNow);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(7)), Fit::kNever);
}

TEST(Budgets, BeginWithWhatTheBatchCameTo) {
  Budgets budgets;
  budgets.Open(kBatch, {.credits = {{"alpha", Credits::Whole(10)}}},
               {{"alpha",
                 {.authorised = Credits::Whole(9),
                  .reserved = Credits::Whole(2),
                  .spent = Credits::Whole(3),
                  .released = Credits::Whole(1),
                  .exposed = Credits::Whole(3)}}});
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(2)), Fit::kNow);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(4)), Fit::kLater);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(5)), Fit::kNever);
}

TEST(Budgets, AMoneyCeilingIsOverAllAccountsAndExact) {
  Budgets budgets;
  // 0.05 and 0.000001 of the currency for a credit.
  budgets.Open(kBatch,
               {.cost_micros = 1'000'000,
                .micros_per_credit = {{"alpha", 50'000}, {"beta", 1}}},
               {});
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits::Whole(20)), Fit::kNow);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits{20'001}), Fit::kNever);
  EXPECT_EQ(budgets.Hold("alpha", Find(), Phones(5)), 2);
  EXPECT_EQ(budgets.FitOf(kBatch, "beta", Credits{1}), Fit::kLater);
  budgets.Drop("alpha", Find(), Phones(1));
  EXPECT_EQ(budgets.FitOf(kBatch, "beta", Credits::Whole(500'000)), Fit::kNow);
  EXPECT_EQ(budgets.FitOf(kBatch, "beta", Credits{500'000'001}), Fit::kLater);
}

TEST(Budgets, AClosedBatchIsForgotten) {
  Budgets budgets;
  budgets.Open(kBatch, {.credits = {{"alpha", Credits()}}}, {});
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits{1}), Fit::kNever);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits()), Fit::kNow);
  budgets.Close(kBatch);
  EXPECT_EQ(budgets.FitOf(kBatch, "alpha", Credits{1}), Fit::kNow);
  budgets.Drop("alpha", Find(), Phones(1));
  budgets.Apply(Change("alpha", {.spent = Credits{1}}));
  EXPECT_TRUE(budgets.empty());
}

}  // namespace
}  // namespace enrich
