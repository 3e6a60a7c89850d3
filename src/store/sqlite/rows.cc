#include "store/sqlite/rows.h"

#include "base/status_macros.h"
#include "store/record.h"

namespace enrich {
namespace {

std::optional<Credits> ReadCredits(const Statement& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return Credits{row.Int(column)};
}

}  // namespace

absl::StatusOr<Batch> ReadBatchRow(const Statement& row) {
  Batch batch;
  batch.key = row.Int(0);
  batch.tenant = row.String(1);
  batch.id = row.String(2);
  batch.request_id = row.String(3);
  batch.display_name = row.String(4);
  batch.state = static_cast<BatchState>(row.Int(5));
  batch.create_time = row.Time(6);
  if (!row.IsNull(7)) batch.finish_time = row.Time(7);
  batch.first_contact_key = row.Int(8);
  batch.counters.contacts = row.Int(9);
  batch.counters.contacts_done = row.Int(10);
  batch.last_sequence = row.Int(11);
  RETURN_IF_ERROR(DecodeCounters(row.Blob(12), batch.counters));
  return batch;
}

absl::StatusOr<ChunkAttempt> ReadAttemptRow(const Statement& row, int first) {
  ChunkAttempt attempt = {
      .key = row.Int(first),
      .chunk_key = row.Int(first + 1),
      .reference = row.String(first + 2),
      .token_hash = row.String(first + 3),
      .state = static_cast<AttemptState>(row.Int(first + 4)),
      .start_time = row.Time(first + 5),
      .max_cost = Credits{row.Int(first + 6)},
      .charged = Credits{row.Int(first + 11)},
      .debited = ReadCredits(row, first + 7),
      .spent = ReadCredits(row, first + 8),
      .provider_job_id = row.String(first + 9)};
  ASSIGN_OR_RETURN(attempt.prices, DecodePrices(row.Blob(first + 10)));
  return attempt;
}

absl::StatusOr<Chunk> ReadChunkRow(const Statement& row) {
  Chunk chunk = {.key = row.Int(0),
                 .version = row.Int(1),
                 .lane = {row.String(2), row.String(3), row.String(4)},
                 .state = static_cast<ChunkState>(row.Int(5)),
                 .identities = DecodeIdentities(row.Blob(16)),
                 .answered = DecodeFieldSets(row.Blob(12)),
                 .settled = DecodeFieldSets(row.Blob(13)),
                 .attempt_count = static_cast<int>(row.Int(10)),
                 .due = row.IsNull(7) ? absl::InfiniteFuture() : row.Time(7),
                 .polls = static_cast<int>(row.Int(8)),
                 .create_time = row.Time(6),
                 .resend_of = row.IsNull(14) ? 0 : row.Int(14),
                 .resent_as = row.IsNull(15) ? 0 : row.Int(15)};
  ASSIGN_OR_RETURN(chunk.items, DecodeWorkItems(row.Blob(11)));
  if (!row.IsNull(9)) {
    ASSIGN_OR_RETURN(chunk.attempt, ReadAttemptRow(row, 17));
  }
  return chunk;
}

}  // namespace enrich
