#ifndef ENRICH_STORE_SQLITE_BATCH_ROWS_H_
#define ENRICH_STORE_SQLITE_BATCH_ROWS_H_

#include <cstdint>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/batch.h"
#include "store/sqlite/connection.h"

namespace enrich {

// Writes the columns of a batch that change.
absl::Status UpdateBatch(Connection& db, const Batch& batch);

// The batches that a transaction works with. Each is read once and written
// once, however many operations of the group add to it: single results of one
// batch are what a group is often made of.
class BatchRows {
 public:
  explicit BatchRows(Connection& db) : db_(db) {}

  // The batch as the transaction sees it; null when there is none. Valid until
  // Flush.
  absl::StatusOr<const Batch*> Find(int64_t key);
  // The same, for changing.
  absl::StatusOr<Batch*> Change(int64_t key);

  // Writes what was changed and forgets it. Must come before the commit, and
  // before anything else looks at the columns that change, or deletes rows.
  absl::Status Flush();

  // How often Change gave out a batch.
  int64_t changes() const { return changes_; }

 private:
  struct Row {
    Batch batch = {};
    bool changed = false;
  };

  absl::StatusOr<Row*> Load(int64_t key);

  Connection& db_;
  absl::node_hash_map<int64_t, Row> rows_;
  int64_t changes_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_BATCH_ROWS_H_
