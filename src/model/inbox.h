#ifndef ENRICH_MODEL_INBOX_H_
#define ENRICH_MODEL_INBOX_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace enrich {

// What became of a webhook body. The numbers are stored.
enum class InboxState : uint8_t {
  // Kept, and not looked at yet.
  kPending = 0,
  // All that it says is taken up.
  kApplied = 1,
  // All of it or a part could not be used: kept aside, to be run again.
  kQuarantined = 2,
  // Was quarantined until its body was deleted.
  kExpired = 3,
};

// Why a body is quarantined. The numbers are stored, the names are part of the
// API (Webhook.reason).
enum class QuarantineReason : uint8_t {
  kNone = 0,
  // The adapter cannot read it.
  kNotUnderstood = 1,
  // It names another job than its address.
  kOtherJob = 2,
  // It speaks of contacts, none of which is of the job.
  kNoContact = 3,
  // Some of the contacts it speaks of are not of the job; the rest is applied.
  kSomeContacts = 4,
  // It is about an attempt that another followed.
  kEarlierAttempt = 5,
  // Its account is no longer configured.
  kNoAccount = 6,
  // Parts are not as the provider's contract says; the rest is applied.
  kContractDrift = 7,
};

// "NOT_UNDERSTOOD" and so on; empty for kNone.
absl::string_view QuarantineReasonName(QuarantineReason reason);

}  // namespace enrich

#endif  // ENRICH_MODEL_INBOX_H_
