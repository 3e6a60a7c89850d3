#ifndef ENRICH_STORE_SQLITE_ROWS_H_
#define ENRICH_STORE_SQLITE_ROWS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/batch.h"
#include "model/chunk.h"
#include "store/sqlite/connection.h"

namespace enrich {

// Rows as the model. A macro names the columns that a reader expects, first and
// in this order, in the select list.

#define ENRICH_BATCH_COLUMNS                                           \
  "key, tenant, id, request_id, display_name, state, create_time_us, " \
  "finish_time_us, first_contact_key, contacts, contacts_done, "       \
  "last_sequence, counters"
absl::StatusOr<Batch> ReadBatchRow(const Statement& row);

#define ENRICH_ATTEMPT_COLUMNS                                    \
  "attempts.key, attempts.chunk_key, attempts.reference, "        \
  "attempts.token_hash, attempts.state, attempts.start_time_us, " \
  "attempts.max_millicredits, attempts.debited_millicredits, "    \
  "attempts.spent_millicredits, attempts.provider_job_id, "       \
  "attempts.prices, attempts.charged_millicredits"
// The columns begin at `first`.
absl::StatusOr<ChunkAttempt> ReadAttemptRow(const Statement& row, int first);

// A chunk and the attempt its state speaks of.
#define ENRICH_CHUNK_QUERY                                                 \
  "SELECT chunks.key, chunks.version, chunks.tenant, chunks.account, "     \
  "chunks.operation, chunks.state, chunks.create_time_us, chunks.due_us, " \
  "chunks.polls, chunks.attempt_key, chunks.attempt_count, chunks.items, " \
  "chunks.answered, chunks.settled, chunks.resend_of, "                    \
  "chunks.resent_as, chunks.identities, " ENRICH_ATTEMPT_COLUMNS           \
  " FROM chunks LEFT JOIN attempts ON attempts.key = chunks.attempt_key "
absl::StatusOr<Chunk> ReadChunkRow(const Statement& row);

// Times have the precision of their columns.
inline absl::Time ToStored(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_ROWS_H_
