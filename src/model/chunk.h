#ifndef ENRICH_MODEL_CHUNK_H_
#define ENRICH_MODEL_CHUNK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/credits.h"
#include "model/field.h"
#include "model/funds.h"
#include "model/identity.h"

namespace enrich {

// Where work waits: the lookups of one tenant for one operation of one provider
// account.
struct LaneKey {
  std::string tenant = {};
  std::string account = {};
  std::string operation = {};
  // clang-tidy 14 sees a null pointer here.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const LaneKey&) const = default;
};

// The lookups of one contact that travel together. 24 bytes: a million of them
// are kept in memory.
struct WorkItem {
  int64_t contact_key = 0;
  int64_t batch_key = 0;
  FieldSet fields = {};
};

// The states of reliability: docs/adr has the machine. Stored.
enum class ChunkState : uint8_t {
  kPlanned = 1,   // to be sent (again): certainly not at the provider
  kSending = 2,   // intent is durable; bytes may be leaving
  kAccepted = 3,  // the provider has it and gave an id
  kUnknown = 4,   // may have been accepted; never sent again
  kParked = 5,    // unknown for too long; a person or a late webhook decides
  kDone = 6,
  kFailed = 7,
};
absl::string_view ChunkStateName(ChunkState state);
inline bool IsTerminal(ChunkState state) {
  return state == ChunkState::kDone || state == ChunkState::kFailed;
}
// Whether nobody knows what became of the request.
inline bool IsInDoubt(ChunkState state) {
  return state == ChunkState::kUnknown || state == ChunkState::kParked;
}

// How one attempt to submit a chunk ended. Stored.
enum class AttemptState : uint8_t {
  kSending = 1,
  kAccepted = 2,
  kUnknown = 3,
  kNotSent = 4,
  kRejected = 5,
};

// One submission of a chunk: a row that is never overwritten by another try.
struct ChunkAttempt {
  int64_t key = 0;
  int64_t chunk_key = 0;
  // Prefix of the keys we put into the provider's `custom`; also names the job
  // at the provider. Unguessable, opaque.
  std::string reference = {};
  // SHA-256 of the callback token.
  std::string token_hash = {};
  AttemptState state = AttemptState::kSending;
  absl::Time start_time = absl::UnixEpoch();
  // The most it can cost; set aside before sending.
  Credits max_cost = {};
  // The prices that was reckoned with: a change of configuration does not reach
  // into what is set aside.
  FieldPrices prices = {};
  // What of it has been taken up as spent.
  Credits charged = {};
  // Debited at submit, as the provider reports it.
  std::optional<Credits> debited = {};
  // Final cost, as the provider reports it.
  std::optional<Credits> spent = {};
  std::string provider_job_id = {};
};

// A run of lookups sent to one provider account in one request: the unit of
// durable work and of money.
struct Chunk {
  int64_t key = 0;
  // Grows with every change; a change names the version it was made from.
  int64_t version = 0;
  LaneKey lane = {};
  ChunkState state = ChunkState::kPlanned;
  std::vector<WorkItem> items = {};
  // Per item whom it is about. Empty in chunks that were sent before this was
  // noted.
  std::vector<Identity> identities = {};
  // Per item the fields that were answered, by the provider or, when the chunk
  // ended without an answer, by us.
  std::vector<FieldSet> answered = {};
  // Per item the fields that got an answer from the provider: late answers to
  // the others are still news.
  std::vector<FieldSet> settled = {};
  // The attempt that `state` speaks of.
  ChunkAttempt attempt = {};
  int attempt_count = 0;
  // When to do the next thing: send again, poll, park.
  absl::Time due = absl::InfiniteFuture();
  int polls = 0;
  // When the first attempt became planned, for giving up.
  absl::Time create_time = absl::UnixEpoch();
  // The chunk in doubt whose items this one asks for again, and the chunk that
  // asks for this one's; 0 for none. A chain may be longer than two.
  int64_t resend_of = 0;
  int64_t resent_as = 0;
};

}  // namespace enrich

#endif  // ENRICH_MODEL_CHUNK_H_
