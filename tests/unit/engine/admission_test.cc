#include "engine/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/errors.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

const absl::Time kStart = absl::UnixEpoch() + absl::Hours(500'000);

absl::Duration RetryDelayOf(const absl::Status& status) {
  const auto details = DetailsOf(status);
  return details.has_value()
             ? details->retry_delay.value_or(absl::ZeroDuration())
             : absl::ZeroDuration();
}

TEST(Admission, BoundsWhatIsOpenOverAllTenants) {
  Admission admission({.all = 10}, kStart);
  EXPECT_THAT(admission.Admit("a", 6, kStart), IsOk());
  EXPECT_THAT(admission.Admit("b", 4, kStart), IsOk());
  EXPECT_EQ(admission.Admit("c", 1, kStart).code(),
            absl::StatusCode::kResourceExhausted);
  admission.Update(kStart, {.all = 0});
  EXPECT_FALSE(admission.Admit("c", 1, kStart).ok()) << "still on its way in";
  admission.Settle("a", 6, true);
  admission.Update(kStart, {.all = 6});
  EXPECT_FALSE(admission.Admit("c", 1, kStart).ok()) << "it is open now";
  admission.Update(kStart, {.all = 5});
  EXPECT_THAT(admission.Admit("c", 1, kStart), IsOk());
}

TEST(Admission, WhatWasNotTakenInTheEndLeavesItsRoom) {
  Admission admission({.all = 10, .per_tenant = 10}, kStart);
  EXPECT_THAT(admission.Admit("a", 10, kStart), IsOk());
  admission.Settle("a", 10, false);
  EXPECT_THAT(admission.Admit("a", 10, kStart), IsOk());
}

TEST(Admission, BoundsEachTenantForItself) {
  Admission admission({.all = 100, .per_tenant = 10}, kStart);
  EXPECT_THAT(admission.Admit("a", 10, kStart), IsOk());
  EXPECT_THAT(admission.Admit("b", 10, kStart), IsOk());
  const absl::Status refused = admission.Admit("a", 1, kStart);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailsOf(refused)->reason, "TOO_MANY_OPEN_CONTACTS");
  admission.Settle("a", 10, true);
  admission.Update(kStart, {.all = 9, .tenants = {{"a", 9}}});
  EXPECT_THAT(admission.Admit("a", 1, kStart), IsOk());
  EXPECT_FALSE(admission.Admit("a", 1, kStart).ok());
}

TEST(Admission, ARefusedTenantTakesNoRoomFromTheOthers) {
  Admission admission({.all = 10, .per_tenant = 5}, kStart);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(admission.Admit("a", 6, kStart).ok());
  }
  EXPECT_THAT(admission.Admit("b", 5, kStart), IsOk());
}

TEST(Admission, SaysWhenThereWillBeRoomByThePaceOfTheTenant) {
  Admission admission({.all = 1000, .per_tenant = 100}, kStart);
  EXPECT_THAT(admission.Admit("a", 100, kStart), IsOk());
  admission.Settle("a", 100, true);
  admission.Update(kStart, {.all = 100, .tenants = {{"a", 100}}});
  EXPECT_EQ(RetryDelayOf(admission.Admit("a", 10, kStart)), absl::Seconds(30))
      << "nothing has ended yet";
  const absl::Time later = kStart + absl::Seconds(10);
  admission.Update(later, {.all = 80, .tenants = {{"a", 80}}});
  // 2 a second end, and 20 too many were asked for.
  EXPECT_EQ(RetryDelayOf(admission.Admit("a", 40, later)), absl::Seconds(10));
  EXPECT_EQ(RetryDelayOf(admission.Admit("a", 21, later)), absl::Seconds(1));
  EXPECT_EQ(RetryDelayOf(admission.Admit("a", 100'000, later)),
            absl::Minutes(10));
}

}  // namespace
}  // namespace enrich
