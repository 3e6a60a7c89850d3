#ifndef ENRICH_MODEL_AUDIT_H_
#define ENRICH_MODEL_AUDIT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/credits.h"

namespace enrich {

// What was decided about a request in doubt. Stored.
enum class AuditAction : uint8_t {
  kApproveResend = 1,  // a person had it sent again
  kQuietReplay = 2,    // the account's policy had it sent again
  kAbandon = 3,        // a person gave it up
};

// A line of the audit log: who let money be risked, or gave it up.
struct AuditEntry {
  int64_t key = 0;
  absl::Time time = absl::UnixEpoch();
  std::string tenant = {};
  // Whom the caller named; "policy" for the gateway itself.
  std::string actor = {};
  AuditAction action = AuditAction::kApproveResend;
  int64_t chunk_key = 0;
  // The chunk that asks again; 0 for none.
  int64_t resend_key = 0;
  std::string account = {};
  // Contacts concerned, and the most that they can cost once more; what was
  // given up may have cost as much.
  int64_t contacts = 0;
  Credits exposure = {};
  // Why, in the words of whoever decided.
  std::string note = {};
  // AuditHash of this line and the one before it.
  std::string hash = {};
};

// Ties `entry` to the line before it, whose hash is `previous` (empty for the
// first): a log of which a line was changed, removed or put between others does
// not add up any more. 32 raw bytes; `entry.hash` is not looked at.
std::string AuditHash(absl::string_view previous, const AuditEntry& entry);

}  // namespace enrich

#endif  // ENRICH_MODEL_AUDIT_H_
