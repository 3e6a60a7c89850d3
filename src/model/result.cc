#include "model/result.h"

#include <algorithm>

namespace enrich {

absl::string_view FailureReasonName(FailureReason reason) {
  switch (reason) {
    case FailureReason::kNone:
      return "";
    case FailureReason::kProviderUnavailable:
      return "PROVIDER_UNAVAILABLE";
    case FailureReason::kProviderRejected:
      return "PROVIDER_REJECTED";
    case FailureReason::kProviderAuth:
      return "PROVIDER_AUTH";
    case FailureReason::kOutOfCredits:
      return "OUT_OF_CREDITS";
    case FailureReason::kNotReturned:
      return "NOT_RETURNED";
    case FailureReason::kOutcomeUnknown:
      return "OUTCOME_UNKNOWN";
    case FailureReason::kJobCancelled:
      return "JOB_CANCELLED";
    case FailureReason::kJobFailed:
      return "JOB_FAILED";
    case FailureReason::kResultExpired:
      return "RESULT_EXPIRED";
    case FailureReason::kInsufficientInput:
      return "INSUFFICIENT_INPUT";
    case FailureReason::kContractDrift:
      return "CONTRACT_DRIFT";
    case FailureReason::kBudgetExhausted:
      return "BUDGET_EXHAUSTED";
  }
  return "";
}

bool ContactProgress::Done() const {
  return std::none_of(fields.begin(), fields.end(),
                      [](const FieldProgress& progress) {
                        return progress.outcome == Outcome::kOpen;
                      });
}

FieldProgress* ContactProgress::Find(ContactField field) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [field](const FieldProgress& progress) {
                                    return progress.field == field;
                                  });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace enrich
