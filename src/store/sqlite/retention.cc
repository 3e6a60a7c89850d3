#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "store/sqlite/operation.h"

namespace enrich {
namespace {

// Per call, to bound the time that other writes wait. One batch may be larger.
constexpr int64_t kMaxChunks = 1000;
constexpr int64_t kMaxContacts = 10'000;

constexpr char kSelectBatches[] =
    "SELECT key, tenant, first_contact_key, contacts FROM batches "
    "WHERE finish_time_us < ?1 ORDER BY finish_time_us LIMIT ?2";
constexpr char kCompact[] =
    "INSERT INTO tenants SELECT ?1, max(last_revision) FROM result_log "
    "WHERE batch_key = ?2 HAVING count(*) > 0 "
    "ON CONFLICT DO UPDATE SET compacted_revision = "
    "max(compacted_revision, excluded.compacted_revision)";
constexpr char kDeleteLog[] = "DELETE FROM result_log WHERE batch_key = ?1";
constexpr char kDeleteContacts[] =
    "DELETE FROM contacts WHERE first_key >= ?1 AND first_key < ?2";
constexpr char kDeleteProgress[] =
    "DELETE FROM progress WHERE contact_key >= ?1 AND contact_key < ?2";
constexpr char kDeleteBatch[] = "DELETE FROM batches WHERE key = ?1";

constexpr char kSelectChunks[] =
    "SELECT key FROM chunks WHERE state >= 6 AND create_time_us < ?1 "
    "AND NOT EXISTS (SELECT 1 FROM inbox JOIN attempts "
    "ON attempts.key = inbox.attempt_key "
    "WHERE attempts.chunk_key = chunks.key AND inbox.state = 0) "
    "ORDER BY create_time_us LIMIT ?2";
constexpr char kDeleteBodies[] =
    "DELETE FROM inbox_bodies WHERE key IN "
    "(SELECT inbox.key FROM inbox JOIN attempts "
    "ON attempts.key = inbox.attempt_key WHERE attempts.chunk_key = ?1)";
constexpr char kDeleteInbox[] =
    "DELETE FROM inbox WHERE attempt_key IN "
    "(SELECT key FROM attempts WHERE chunk_key = ?1)";
constexpr char kDeleteAttempts[] = "DELETE FROM attempts WHERE chunk_key = ?1";
constexpr char kDeleteChunk[] = "DELETE FROM chunks WHERE key = ?1";

struct OldBatch {
  int64_t key = 0;
  std::string tenant = {};
  int64_t first_contact_key = 0;
  int64_t contacts = 0;
};

class DeleteFinishedBefore final : public OperationOf<int64_t> {
 public:
  DeleteFinishedBefore(absl::Time before, int max_batches,
                       StoreCallback<int64_t> done)
      : OperationOf(std::move(done)),
        before_(before),
        max_batches_(max_batches) {}

 private:
  absl::StatusOr<int64_t> Execute(Transaction& tx) override {
    RETURN_IF_ERROR(tx.batches.Flush());
    ASSIGN_OR_RETURN(const std::vector<OldBatch> batches, FindBatches(tx));
    for (const OldBatch& batch : batches) {
      RETURN_IF_ERROR(DeleteBatch(tx.db, batch));
    }
    ASSIGN_OR_RETURN(const int64_t chunks, DeleteChunks(tx.db));
    return static_cast<int64_t>(batches.size()) + chunks;
  }

  absl::StatusOr<std::vector<OldBatch>> FindBatches(Transaction& tx) {
    std::vector<OldBatch> batches;
    int64_t contacts = 0;
    Statement query = tx.db.Use(kSelectBatches);
    query.Bind(before_, max_batches_);
    while (true) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) return batches;
      contacts += query.Int(3);
      if (contacts > kMaxContacts && !batches.empty()) return batches;
      batches.push_back({.key = query.Int(0),
                         .tenant = query.String(1),
                         .first_contact_key = query.Int(2),
                         .contacts = query.Int(3)});
    }
  }

  static absl::Status DeleteBatch(Connection& db, const OldBatch& batch) {
    const int64_t end = batch.first_contact_key + batch.contacts;
    RETURN_IF_ERROR(db.Use(kCompact).Run(batch.tenant, batch.key));
    RETURN_IF_ERROR(db.Use(kDeleteLog).Run(batch.key));
    RETURN_IF_ERROR(db.Use(kDeleteContacts).Run(batch.first_contact_key, end));
    RETURN_IF_ERROR(db.Use(kDeleteProgress).Run(batch.first_contact_key, end));
    return db.Use(kDeleteBatch).Run(batch.key);
  }

  absl::StatusOr<int64_t> DeleteChunks(Connection& db) {
    std::vector<int64_t> keys;
    Statement query = db.Use(kSelectChunks);
    query.Bind(before_, kMaxChunks);
    while (true) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      keys.push_back(query.Int(0));
    }
    for (const int64_t key : keys) {
      RETURN_IF_ERROR(db.Use(kDeleteBodies).Run(key));
      RETURN_IF_ERROR(db.Use(kDeleteInbox).Run(key));
      RETURN_IF_ERROR(db.Use(kDeleteAttempts).Run(key));
      RETURN_IF_ERROR(db.Use(kDeleteChunk).Run(key));
    }
    return static_cast<int64_t>(keys.size());
  }

  const absl::Time before_;
  const int max_batches_;
};

}  // namespace

std::unique_ptr<Operation> NewDeleteFinishedBefore(
    absl::Time before, int max_batches, StoreCallback<int64_t> done) {
  return std::make_unique<DeleteFinishedBefore>(before, max_batches,
                                                std::move(done));
}

}  // namespace enrich
