#include "model/inbox.h"

namespace enrich {

absl::string_view QuarantineReasonName(QuarantineReason reason) {
  switch (reason) {
    case QuarantineReason::kNone:
      return "";
    case QuarantineReason::kNotUnderstood:
      return "NOT_UNDERSTOOD";
    case QuarantineReason::kOtherJob:
      return "OTHER_JOB";
    case QuarantineReason::kNoContact:
      return "NO_CONTACT_MATCHES";
    case QuarantineReason::kSomeContacts:
      return "SOME_CONTACTS_DO_NOT_MATCH";
    case QuarantineReason::kEarlierAttempt:
      return "EARLIER_ATTEMPT";
    case QuarantineReason::kNoAccount:
      return "ACCOUNT_NOT_CONFIGURED";
    case QuarantineReason::kContractDrift:
      return "CONTRACT_DRIFT";
  }
  return "";
}

}  // namespace enrich
