#include "model/result.h"

#include <gtest/gtest.h>

#include <set>

namespace enrich {
namespace {

TEST(FailureReasonName, IsThatOfTheApi) {
  const std::pair<FailureReason, absl::string_view> kReasons[] = {
      {FailureReason::kNone, ""},
      {FailureReason::kProviderUnavailable, "PROVIDER_UNAVAILABLE"},
      {FailureReason::kProviderRejected, "PROVIDER_REJECTED"},
      {FailureReason::kProviderAuth, "PROVIDER_AUTH"},
      {FailureReason::kOutOfCredits, "OUT_OF_CREDITS"},
      {FailureReason::kNotReturned, "NOT_RETURNED"},
      {FailureReason::kOutcomeUnknown, "OUTCOME_UNKNOWN"},
      {FailureReason::kJobCancelled, "JOB_CANCELLED"},
      {FailureReason::kJobFailed, "JOB_FAILED"},
      {FailureReason::kResultExpired, "RESULT_EXPIRED"},
      {FailureReason::kInsufficientInput, "INSUFFICIENT_INPUT"},
      {static_cast<FailureReason>(200), ""},
  };
  for (const auto& [reason, name] : kReasons) {
    EXPECT_EQ(FailureReasonName(reason), name);
  }
}

TEST(ContactProgress, IsDoneWhenNoFieldIsOpen) {
  ContactProgress progress;
  EXPECT_TRUE(progress.Done());
  progress.fields = {
      {.field = ContactField::kPhone},
      {.field = ContactField::kWorkEmail, .outcome = Outcome::kFound}};
  EXPECT_FALSE(progress.Done());
  progress.Find(ContactField::kPhone)->outcome = Outcome::kUnknown;
  EXPECT_TRUE(progress.Done());
}

TEST(ContactProgress, FindsRequestedFieldsOnly) {
  ContactProgress progress;
  progress.fields = {{.field = ContactField::kPhone}};
  EXPECT_EQ(progress.Find(ContactField::kPhone), &progress.fields[0]);
  EXPECT_EQ(progress.Find(ContactField::kWorkEmail), nullptr);
}

}  // namespace
}  // namespace enrich
