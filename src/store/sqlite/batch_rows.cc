#include "store/sqlite/batch_rows.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "store/record.h"
#include "store/sqlite/rows.h"

namespace enrich {
namespace {

constexpr char kSelectBatch[] =
    "SELECT " ENRICH_BATCH_COLUMNS " FROM batches WHERE key = ?1";
constexpr char kUpdateBatch[] =
    "UPDATE batches SET state = ?2, finish_time_us = ?3, contacts_done = ?4, "
    "last_sequence = ?5, counters = ?6 WHERE key = ?1";

}  // namespace

absl::Status UpdateBatch(Connection& db, const Batch& batch) {
  const std::string counters = EncodeCounters(batch.counters);
  return db.Use(kUpdateBatch)
      .Run(batch.key, static_cast<int>(batch.state), batch.finish_time,
           batch.counters.contacts_done, batch.last_sequence,
           SqlBlob{counters});
}

absl::StatusOr<BatchRows::Row*> BatchRows::Load(int64_t key) {
  if (const auto it = rows_.find(key); it != rows_.end()) return &it->second;
  Statement query = db_.Use(kSelectBatch);
  query.Bind(key);
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return nullptr;
  ASSIGN_OR_RETURN(Batch batch, ReadBatchRow(query));
  return &rows_.emplace(key, Row{.batch = std::move(batch)}).first->second;
}

absl::StatusOr<const Batch*> BatchRows::Find(int64_t key) {
  ASSIGN_OR_RETURN(const Row* const row, Load(key));
  return row == nullptr ? nullptr : &row->batch;
}

absl::StatusOr<Batch*> BatchRows::Change(int64_t key) {
  ASSIGN_OR_RETURN(Row* const row, Load(key));
  if (row == nullptr) return nullptr;
  row->changed = true;
  ++changes_;
  return &row->batch;
}

absl::Status BatchRows::Flush() {
  for (const auto& [key, row] : rows_) {
    if (row.changed) RETURN_IF_ERROR(UpdateBatch(db_, row.batch));
  }
  rows_.clear();
  return absl::OkStatus();
}

}  // namespace enrich
