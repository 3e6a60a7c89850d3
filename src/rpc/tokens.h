#ifndef ENRICH_RPC_TOKENS_H_
#define ENRICH_RPC_TOKENS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace enrich {

// What a token is good for. The numbers are in tokens that clients keep.
enum class TokenKind : uint8_t {
  // WatchResults: a revision of the tenant's log.
  kResume = 1,
  // ListBatches: a batch key.
  kBatchPage = 2,
  // ListResults: a sequence of one batch.
  kResultPage = 3,
  // JobService: a chunk's key. The id of a job.
  kJob = 4,
  // ListJobs: a chunk's key.
  kJobPage = 5,
  // ListAuditEntries: a line's key.
  kAuditPage = 6,
  // WebhookService: a key of the inbox.
  kWebhookPage = 20,
};

// Makes and reads opaque positions of one kind, for one tenant of one store. A
// token is 34 characters of base64url and names nobody: store and tenant are in
// it as fingerprints. It is no credential; a forged one leads nowhere its
// bearer could not go. Immutable.
class TokenCodec {
 public:
  // `batch_id` binds the tokens to one batch; empty for those that are not.
  TokenCodec(TokenKind kind, absl::string_view store_id,
             absl::string_view tenant, absl::string_view batch_id = "");

  // REQUIRES: position >= 0.
  std::string Encode(int64_t position) const;

  // INVALID_ARGUMENT (error::InvalidResumeToken, which says whether the token
  // is malformed, of another store or of another tenant, or
  // error::InvalidPageToken).
  absl::StatusOr<int64_t> Decode(absl::string_view token) const;

 private:
  absl::Status Refuse(absl::string_view why) const;

  const TokenKind kind_;
  const std::string store_;
  const std::string owner_;
};

}  // namespace enrich

#endif  // ENRICH_RPC_TOKENS_H_
