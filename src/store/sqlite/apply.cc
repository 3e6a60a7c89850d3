#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/record.h"
#include "store/sqlite/answer_rows.h"
#include "store/sqlite/audit_rows.h"
#include "store/sqlite/event_log.h"
#include "store/sqlite/inbox_rows.h"
#include "store/sqlite/operation.h"
#include "store/sqlite/work_rows.h"

namespace enrich {
namespace {

constexpr char kSelectVersion[] = "SELECT version FROM chunks WHERE key = ?1";
constexpr char kInsertChunk[] =
    "INSERT INTO chunks VALUES "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, NULL, "
    "?16)";
constexpr char kLinkResend[] =
    "UPDATE chunks SET resent_as = ?2 WHERE key = ?1";
constexpr char kUpdateChunk[] =
    "UPDATE chunks SET version = ?2, state = ?3, due_us = ?4, polls = ?5, "
    "attempt_key = ?6, attempt_count = ?7, items = ?8, answered = ?9, "
    "settled = ?10, identities = ?11 WHERE key = ?1";
constexpr char kInsertAttempt[] =
    "INSERT INTO attempts (key, chunk_key, reference, token_hash, state, "
    "start_time_us, max_millicredits, debited_millicredits, "
    "spent_millicredits, provider_job_id, prices, charged_millicredits) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
constexpr char kUpdateAttempt[] =
    "UPDATE attempts SET state = ?2, start_time_us = ?3, "
    "max_millicredits = ?4, debited_millicredits = ?5, "
    "spent_millicredits = ?6, provider_job_id = ?7, "
    "charged_millicredits = ?8 WHERE key = ?1";
constexpr char kAddToLedger[] =
    "INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
    "authorised = authorised + excluded.authorised, "
    "spent = spent + excluded.spent, released = released + excluded.released";
constexpr char kConsume[] = "UPDATE work SET consumed = ?2 WHERE key = ?1";
constexpr char kExhaust[] = "DELETE FROM work WHERE key = ?1";

std::optional<int64_t> Milli(const std::optional<Credits>& credits) {
  if (!credits.has_value()) return std::nullopt;
  return credits->milli;
}

bool HasAttempt(const Chunk& chunk) { return !chunk.attempt.reference.empty(); }

// The blob columns of a chunk.
struct ChunkRecord {
  std::string items = {};
  std::string answered = {};
  std::string settled = {};
  std::string identities = {};
};

ChunkRecord EncodeChunk(const Chunk& chunk) {
  return {.items = EncodeWorkItems(chunk.items),
          .answered = EncodeFieldSets(chunk.answered),
          .settled = EncodeFieldSets(chunk.settled),
          .identities = EncodeIdentities(chunk.identities)};
}

class Apply final : public OperationOf<Written> {
 public:
  Apply(Write write, StoreCallback<Written> done)
      : OperationOf(std::move(done)),
        write_(std::move(write)),
        answers_(MakeAnswerBlocks(write_.answers)) {
    if (const Chunk* chunk = TheChunk(); chunk != nullptr) {
      chunk_ = EncodeChunk(*chunk);
      // Of an attempt that is known, they stand.
      if (chunk->attempt.key == 0) {
        prices_ = EncodePrices(chunk->attempt.prices);
      }
    }
    if (write_.resend.has_value()) resend_ = EncodeChunk(*write_.resend);
    for (const NewWork& work : write_.work) {
      work_items_.push_back(EncodeWorkItems(work.items));
    }
    for (const ProgressChange& change : write_.progress) {
      progress_.push_back(EncodeProgressChange(change));
    }
  }

 private:
  absl::StatusOr<Written> Execute(Transaction& tx) override {
    Written written;
    RETURN_IF_ERROR(WriteChunk(tx, written));
    RETURN_IF_ERROR(WriteResend(tx, written));
    RETURN_IF_ERROR(WriteAudit(tx, written));
    RETURN_IF_ERROR(WriteWork(tx, written));
    for (const InboxChange& change : write_.inbox) {
      RETURN_IF_ERROR(WriteInbox(tx, change, write_.now));
    }
    RETURN_IF_ERROR(Cancel(tx));
    // Before the events: the last one of a batch tells what it came to.
    RETURN_IF_ERROR(WriteLedger(tx));
    ASSIGN_OR_RETURN(const std::vector<int64_t> sequences,
                     AppendEvents(tx, write_.events, write_.now));
    RETURN_IF_ERROR(WriteAllProgress(tx, sequences));
    for (const AnswerBlock& block : answers_) {
      RETURN_IF_ERROR(WriteAnswerBlock(tx, block));
    }
    RETURN_IF_ERROR(NoteEnded(tx, written));
    return written;
  }

  const Chunk* TheChunk() const {
    if (write_.new_chunk.has_value()) return &*write_.new_chunk;
    return write_.chunk.has_value() ? &*write_.chunk : nullptr;
  }

  absl::Status WriteChunk(Transaction& tx, Written& written) {
    const Chunk* chunk = TheChunk();
    if (chunk == nullptr) return absl::OkStatus();
    written.chunk_version = chunk->version + 1;
    if (write_.new_chunk.has_value()) {
      written.chunk_key = tx.NewKey();
      written.attempt_key = HasAttempt(*chunk) ? tx.NewKey() : 0;
      RETURN_IF_ERROR(InsertChunk(tx, *chunk, chunk_, written));
    } else {
      RETURN_IF_ERROR(CheckVersion(tx, *chunk));
      written.chunk_key = chunk->key;
      written.attempt_key = chunk->attempt.key != 0 ? chunk->attempt.key
                            : HasAttempt(*chunk)    ? tx.NewKey()
                                                    : 0;
      RETURN_IF_ERROR(UpdateChunk(tx, *chunk, written));
    }
    return WriteAttempt(tx, *chunk, written);
  }

  absl::Status WriteResend(Transaction& tx, Written& written) {
    if (!write_.resend.has_value()) return absl::OkStatus();
    written.resend_key = tx.NewKey();
    RETURN_IF_ERROR(InsertChunk(tx, *write_.resend, resend_,
                                {.chunk_key = written.resend_key,
                                 .chunk_version = write_.resend->version + 1}));
    return tx.db.Use(kLinkResend).Run(written.chunk_key, written.resend_key);
  }

  absl::Status WriteAudit(Transaction& tx, const Written& written) {
    if (!write_.audit.has_value()) return absl::OkStatus();
    AuditEntry entry = *write_.audit;
    entry.resend_key = written.resend_key;
    return AppendAudit(tx, std::move(entry));
  }

  absl::Status CheckVersion(Transaction& tx, const Chunk& chunk) {
    Statement query = tx.db.Use(kSelectVersion);
    query.Bind(chunk.key);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) return absl::NotFoundError("store: no such chunk");
    if (query.Int(0) == chunk.version) return absl::OkStatus();
    return absl::AbortedError(absl::StrCat("store: chunk ", chunk.key,
                                           " is not at version ", chunk.version,
                                           " any more"));
  }

  static absl::Status InsertChunk(Transaction& tx, const Chunk& chunk,
                                  const ChunkRecord& record,
                                  const Written& written) {
    std::optional<int64_t> resend_of;
    if (chunk.resend_of != 0) resend_of = chunk.resend_of;
    return tx.db.Use(kInsertChunk)
        .Run(written.chunk_key, written.chunk_version, chunk.lane.tenant,
             chunk.lane.account, chunk.lane.operation,
             static_cast<int>(chunk.state), chunk.create_time, Due(chunk),
             chunk.polls, AttemptKey(written), chunk.attempt_count,
             SqlBlob{record.items}, SqlBlob{record.answered},
             SqlBlob{record.settled}, resend_of, SqlBlob{record.identities});
  }

  absl::Status UpdateChunk(Transaction& tx, const Chunk& chunk,
                           const Written& written) {
    return tx.db.Use(kUpdateChunk)
        .Run(chunk.key, written.chunk_version, static_cast<int>(chunk.state),
             Due(chunk), chunk.polls, AttemptKey(written), chunk.attempt_count,
             SqlBlob{chunk_.items}, SqlBlob{chunk_.answered},
             SqlBlob{chunk_.settled}, SqlBlob{chunk_.identities});
  }

  static std::optional<absl::Time> Due(const Chunk& chunk) {
    if (chunk.due == absl::InfiniteFuture()) return std::nullopt;
    return chunk.due;
  }
  static std::optional<int64_t> AttemptKey(const Written& written) {
    if (written.attempt_key == 0) return std::nullopt;
    return written.attempt_key;
  }

  absl::Status WriteAttempt(Transaction& tx, const Chunk& chunk,
                            const Written& written) {
    const ChunkAttempt& attempt = chunk.attempt;
    if (written.attempt_key == 0) return absl::OkStatus();
    if (attempt.key != 0) {
      return tx.db.Use(kUpdateAttempt)
          .Run(attempt.key, static_cast<int>(attempt.state), attempt.start_time,
               attempt.max_cost.milli, Milli(attempt.debited),
               Milli(attempt.spent), attempt.provider_job_id,
               attempt.charged.milli);
    }
    std::optional<SqlBlob> token_hash;
    if (!attempt.token_hash.empty()) token_hash = SqlBlob{attempt.token_hash};
    return tx.db.Use(kInsertAttempt)
        .Run(written.attempt_key, written.chunk_key, attempt.reference,
             token_hash, static_cast<int>(attempt.state), attempt.start_time,
             attempt.max_cost.milli, Milli(attempt.debited),
             Milli(attempt.spent), attempt.provider_job_id, SqlBlob{prices_},
             attempt.charged.milli);
  }

  absl::Status WriteWork(Transaction& tx, Written& written) {
    for (const WorkConsumption& taken : write_.consumed) {
      RETURN_IF_ERROR(taken.exhausted ? tx.db.Use(kExhaust).Run(taken.work_key)
                                      : tx.db.Use(kConsume).Run(
                                            taken.work_key, taken.consumed));
    }
    for (size_t i = 0; i < write_.work.size(); ++i) {
      written.work_keys.push_back(tx.NewKey());
      RETURN_IF_ERROR(InsertWork(tx, written.work_keys.back(), write_.work[i],
                                 work_items_[i]));
    }
    return absl::OkStatus();
  }

  absl::Status Cancel(Transaction& tx) {
    if (!write_.cancel_batch.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(Batch * batch, tx.batches.Change(*write_.cancel_batch));
    if (batch != nullptr && batch->state == BatchState::kRunning) {
      batch->state = BatchState::kCancelling;
    }
    return absl::OkStatus();
  }

  absl::Status WriteLedger(Transaction& tx) {
    const LedgerChange& ledger = write_.ledger;
    if (ledger.empty()) return absl::OkStatus();
    for (const auto& [batch_key, change] : ledger.batches) {
      ASSIGN_OR_RETURN(Batch * batch, tx.batches.Change(batch_key));
      if (batch != nullptr) batch->counters.funds[ledger.account] += change;
    }
    const Funds total = ledger.Total();
    return tx.db.Use(kAddToLedger)
        .Run(ledger.tenant, ledger.account, total.authorised.milli,
             total.spent.milli, total.released.milli);
  }

  absl::Status NoteEnded(Transaction& tx, Written& written) {
    int64_t last = 0;
    for (const NewEvent& event : write_.events) {
      // Neighbours mostly share their batch.
      if (std::exchange(last, event.batch_key) == event.batch_key) continue;
      ASSIGN_OR_RETURN(const Batch* const batch,
                       tx.batches.Find(event.batch_key));
      if (batch != nullptr && batch->finish_time.has_value()) {
        written.ended_batches.push_back(batch->key);
      }
    }
    return absl::OkStatus();
  }

  absl::Status WriteAllProgress(Transaction& tx,
                                const std::vector<int64_t>& sequences) {
    for (size_t i = 0; i < progress_.size(); ++i) {
      const ProgressChange& change = write_.progress[i];
      int64_t sequence = 0;
      if (change.event_index.has_value()) {
        sequence = sequences.at(*change.event_index);
        // The batch is gone, and the contact with it.
        if (sequence == 0) continue;
      }
      RETURN_IF_ERROR(
          WriteProgress(tx, change.contact_key, progress_[i], sequence));
    }
    return absl::OkStatus();
  }

  const Write write_;
  const std::vector<AnswerBlock> answers_;
  // Encoded parts of `write_`, in its order.
  ChunkRecord chunk_;
  ChunkRecord resend_;
  std::string prices_;
  std::vector<std::string> work_items_;
  std::vector<std::string> progress_;
};

}  // namespace

std::unique_ptr<Operation> NewApply(Write write, StoreCallback<Written> done) {
  return std::make_unique<Apply>(std::move(write), std::move(done));
}

}  // namespace enrich
