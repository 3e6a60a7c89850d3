#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "model/errors.h"
#include "store/record.h"
#include "store/sqlite/answer_rows.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/store_impl.h"

namespace enrich {
namespace {

constexpr char kSelectBatch[] = "SELECT " ENRICH_BATCH_COLUMNS
                                " FROM batches WHERE id = ?1 AND tenant = ?2";
constexpr char kListBatches[] =
    "SELECT " ENRICH_BATCH_COLUMNS
    " FROM batches WHERE tenant = ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
constexpr char kSelectInfo[] =
    "SELECT tenant, id, first_contact_key, state, plan, create_time_us, "
    "counters FROM batches "
    "WHERE key = ?1";
constexpr char kSelectBlock[] =
    "SELECT first_key, block FROM contacts WHERE first_key <= ?1 "
    "ORDER BY first_key DESC LIMIT 1";
constexpr char kSelectProgress[] =
    "SELECT record FROM progress WHERE contact_key = ?1";
#define ATTEMPT_REF_QUERY                                          \
  "SELECT attempts.key, chunks.key, chunks.account FROM attempts " \
  "JOIN chunks ON chunks.key = attempts.chunk_key "
constexpr char kFindAttempt[] = ATTEMPT_REF_QUERY "WHERE token_hash = ?1";
constexpr char kFindAttemptByJob[] = ATTEMPT_REF_QUERY
    "WHERE provider_job_id = ?1 AND provider_job_id <> '' "
    "AND chunks.account = ?2 ORDER BY attempts.key DESC LIMIT 1";
#undef ATTEMPT_REF_QUERY
constexpr char kSelectChunk[] = ENRICH_CHUNK_QUERY "WHERE chunks.key = ?1";
constexpr char kSelectOpenChunks[] =
    ENRICH_CHUNK_QUERY "WHERE chunks.state < 6 ORDER BY chunks.key";
constexpr char kListJobs[] = ENRICH_CHUNK_QUERY
    "WHERE chunks.state < 6 AND chunks.tenant = ?1 AND chunks.key < ?2 "
    "AND (?3 = '' OR chunks.account = ?3) "
    "AND (?4 = 0 OR chunks.state IN (4, 5)) ORDER BY chunks.key DESC LIMIT ?5";
constexpr char kSelectAttempts[] =
    "SELECT " ENRICH_ATTEMPT_COLUMNS
    " FROM attempts WHERE chunk_key = ?1 ORDER BY key";
constexpr char kSelectOpenWork[] =
    "SELECT key, tenant, account, operation, enqueue_time_us, consumed, items "
    "FROM work ORDER BY key";
constexpr char kSelectLedger[] =
    "SELECT tenant, account, authorised, spent, released FROM ledger";

#define SEGMENT_QUERY                                         \
  "SELECT tenant, batch_key, first_revision, last_revision, " \
  "first_sequence, last_sequence, frames FROM result_log "
constexpr char kTenantLog[] = SEGMENT_QUERY
    "WHERE tenant = ?1 AND last_revision > ?2 ORDER BY last_revision";
constexpr char kTenantBatchLog[] = SEGMENT_QUERY
    "WHERE batch_key = ?3 AND tenant = ?1 AND last_revision > ?2 "
    "ORDER BY last_revision";
constexpr char kBatchLog[] = SEGMENT_QUERY
    "WHERE batch_key = ?1 AND last_sequence > ?2 ORDER BY last_sequence";
#undef SEGMENT_QUERY
// Retention takes the log away, but not the revisions it had.
constexpr char kLastRevision[] =
    "SELECT max("
    "ifnull((SELECT max(last_revision) FROM result_log WHERE tenant = ?1), 0), "
    "ifnull((SELECT compacted_revision FROM tenants WHERE tenant = ?1), 0))";
constexpr char kCompactedRevision[] =
    "SELECT ifnull((SELECT compacted_revision FROM tenants WHERE tenant = ?1), "
    "0)";

LogSegmentPtr ReadSegmentRow(const Statement& row) {
  return std::make_shared<LogSegment>(LogSegment{.tenant = row.String(0),
                                                 .batch_key = row.Int(1),
                                                 .first_revision = row.Int(2),
                                                 .last_revision = row.Int(3),
                                                 .first_sequence = row.Int(4),
                                                 .last_sequence = row.Int(5),
                                                 .frames = row.String(6)});
}

AttemptRef ReadAttemptRef(const Statement& row) {
  return {.attempt_key = row.Int(0),
          .chunk_key = row.Int(1),
          .account = row.String(2)};
}

absl::StatusOr<std::vector<LogSegmentPtr>> TakeSegments(Statement& query,
                                                        size_t max_bytes) {
  std::vector<LogSegmentPtr> segments;
  size_t bytes = 0;
  do {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) break;
    segments.push_back(ReadSegmentRow(query));
    bytes += segments.back()->frames.size();
  } while (bytes < max_bytes);
  return segments;
}

absl::StatusOr<int64_t> QueryRevision(Connection& db, const char* sql,
                                      absl::string_view tenant) {
  Statement query = db.Use(sql);
  query.Bind(tenant);
  RETURN_IF_ERROR(query.Step().status());
  return query.Int(0);
}

// Reads contacts, and their blocks no more often than the keys ask for.
class ContactReader {
 public:
  explicit ContactReader(Connection& db)
      : block_(db.Use(kSelectBlock)), progress_(db.Use(kSelectProgress)) {}

  // NOT_FOUND when it is gone.
  absl::StatusOr<StoredContact> Read(int64_t key) {
    StoredContact contact = {.key = key};
    ASSIGN_OR_RETURN(contact.contact, ReadContact(key));
    progress_.Bind(key);
    ASSIGN_OR_RETURN(const bool found, progress_.Step());
    if (found) {
      ASSIGN_OR_RETURN(contact.progress, DecodeProgress(progress_.Blob(0)));
    }
    return contact;
  }

 private:
  absl::StatusOr<Contact> ReadContact(int64_t key) {
    if (on_row_ && key >= first_key_ && key < first_key_ + kContactsPerBlock) {
      auto contact = DecodeContact(block_.Blob(1), key - first_key_);
      // The last block of a batch is shorter: the key may be in the next one.
      if (!absl::IsNotFound(contact.status())) return contact;
    }
    block_.Bind(key);
    ASSIGN_OR_RETURN(on_row_, block_.Step());
    if (!on_row_) return absl::NotFoundError("store: no such contact");
    first_key_ = block_.Int(0);
    return DecodeContact(block_.Blob(1), key - first_key_);
  }

  Statement block_;
  Statement progress_;
  bool on_row_ = false;
  int64_t first_key_ = 0;
};

}  // namespace

absl::StatusOr<Batch> SqliteStore::ReadBatch(absl::string_view tenant,
                                             absl::string_view batch_id) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectBatch);
  query.Bind(batch_id, tenant);
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return error::BatchNotFound(batch_id);
  return ReadBatchRow(query);
}

absl::StatusOr<std::vector<Batch>> SqliteStore::ListBatches(
    absl::string_view tenant, int64_t before_key, int limit) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kListBatches);
  query.Bind(tenant,
             before_key == 0 ? std::numeric_limits<int64_t>::max() : before_key,
             limit);
  std::vector<Batch> batches;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return batches;
    ASSIGN_OR_RETURN(Batch batch, ReadBatchRow(query));
    batches.push_back(std::move(batch));
  }
}

absl::StatusOr<std::vector<BatchInfo>> SqliteStore::ReadBatchInfos(
    absl::Span<const int64_t> batch_keys) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectInfo);
  std::vector<BatchInfo> infos;
  for (const int64_t key : batch_keys) {
    query.Bind(key);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) continue;
    const auto state = static_cast<BatchState>(query.Int(3));
    ASSIGN_OR_RETURN(BatchPlan plan, DecodePlan(query.Blob(4)));
    BatchCounters counters;
    if (!plan.ceilings.empty()) {
      RETURN_IF_ERROR(DecodeCounters(query.Blob(6), counters));
    }
    infos.push_back({.key = key,
                     .tenant = query.String(0),
                     .id = query.String(1),
                     .first_contact_key = query.Int(2),
                     .create_time = query.Time(5),
                     .cancelled = state == BatchState::kCancelling ||
                                  state == BatchState::kCancelled,
                     .plan = std::move(plan),
                     .funds = std::move(counters.funds)});
  }
  return infos;
}

absl::StatusOr<std::vector<StoredContact>> SqliteStore::ReadContacts(
    absl::Span<const int64_t> contact_keys) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  ContactReader reader(*db);
  std::vector<StoredContact> contacts;
  contacts.reserve(contact_keys.size());
  for (const int64_t key : contact_keys) {
    absl::StatusOr<StoredContact> contact = reader.Read(key);
    if (absl::IsNotFound(contact.status())) continue;
    RETURN_IF_ERROR(contact.status());
    contacts.push_back(*std::move(contact));
  }
  return contacts;
}

absl::StatusOr<std::vector<BoughtAnswer>> SqliteStore::ReadAnswers(
    absl::Span<const Identity> identities) {
  const std::vector<AnswerPlace> recent = answer_index_->FindRecent(identities);
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  return ReadAnswerRows(*db, identities, recent);
}

absl::StatusOr<AttemptRef> SqliteStore::FindAttempt(
    absl::string_view token_hash) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kFindAttempt);
  query.Bind(SqlBlob{token_hash});
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return absl::NotFoundError("store: no attempt with this token");
  return ReadAttemptRef(query);
}

absl::StatusOr<AttemptRef> SqliteStore::FindAttemptByJob(
    absl::string_view account, absl::string_view provider_job_id) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kFindAttemptByJob);
  query.Bind(provider_job_id, account);
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return absl::NotFoundError("store: no attempt with this job");
  return ReadAttemptRef(query);
}

absl::StatusOr<Chunk> SqliteStore::ReadChunk(int64_t chunk_key) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectChunk);
  query.Bind(chunk_key);
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return absl::NotFoundError("store: no such chunk");
  return ReadChunkRow(query);
}

absl::StatusOr<std::vector<Chunk>> SqliteStore::ListJobs(
    const JobFilter& filter, int64_t before_key, int limit) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kListJobs);
  query.Bind(filter.tenant,
             before_key == 0 ? std::numeric_limits<int64_t>::max() : before_key,
             filter.account, filter.in_doubt ? 1 : 0, limit);
  std::vector<Chunk> jobs;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return jobs;
    ASSIGN_OR_RETURN(Chunk job, ReadChunkRow(query));
    jobs.push_back(std::move(job));
  }
}

absl::StatusOr<std::vector<ChunkAttempt>> SqliteStore::ReadAttempts(
    int64_t chunk_key) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectAttempts);
  query.Bind(chunk_key);
  std::vector<ChunkAttempt> attempts;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return attempts;
    ASSIGN_OR_RETURN(ChunkAttempt attempt, ReadAttemptRow(query, 0));
    attempts.push_back(std::move(attempt));
  }
}

absl::StatusOr<std::vector<LogSegmentPtr>> SqliteStore::ReadLog(
    absl::string_view tenant, std::optional<int64_t> batch_key,
    int64_t revision, size_t max_bytes) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  if (!batch_key.has_value()) {
    Statement query = db->Use(kTenantLog);
    query.Bind(tenant, revision);
    return TakeSegments(query, max_bytes);
  }
  Statement query = db->Use(kTenantBatchLog);
  query.Bind(tenant, revision, *batch_key);
  return TakeSegments(query, max_bytes);
}

absl::StatusOr<std::vector<LogSegmentPtr>> SqliteStore::ReadBatchLog(
    int64_t batch_key, int64_t sequence, size_t max_bytes) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kBatchLog);
  query.Bind(batch_key, sequence);
  return TakeSegments(query, max_bytes);
}

absl::StatusOr<int64_t> SqliteStore::LastRevision(absl::string_view tenant) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  return QueryRevision(*db, kLastRevision, tenant);
}

absl::StatusOr<int64_t> SqliteStore::CompactedRevision(
    absl::string_view tenant) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  return QueryRevision(*db, kCompactedRevision, tenant);
}

absl::Status SqliteStore::ReadOpenWork(
    absl::FunctionRef<void(OpenWork)> visit) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectOpenWork);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::vector<WorkItem> items,
                     DecodeWorkItems(query.Blob(6)));
    const int64_t consumed = query.Int(5);
    if (consumed > static_cast<int64_t>(items.size())) {
      return absl::DataLossError("store: more work consumed than there was");
    }
    items.erase(items.begin(), items.begin() + consumed);
    visit({.work_key = query.Int(0),
           .lane = {query.String(1), query.String(2), query.String(3)},
           .items = std::move(items),
           .consumed = consumed,
           .enqueue_time = query.Time(4)});
  }
}

absl::Status SqliteStore::ReadOpenChunks(absl::FunctionRef<void(Chunk)> visit) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectOpenChunks);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    ASSIGN_OR_RETURN(Chunk chunk, ReadChunkRow(query));
    visit(std::move(chunk));
  }
}

absl::StatusOr<std::vector<LedgerRow>> SqliteStore::ReadLedger() {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectLedger);
  std::vector<LedgerRow> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return rows;
    rows.push_back({.tenant = query.String(0),
                    .account = query.String(1),
                    .authorised = Credits{query.Int(2)},
                    .spent = Credits{query.Int(3)},
                    .released = Credits{query.Int(4)}});
  }
}

}  // namespace enrich
