#include "store/sqlite/work_rows.h"

#include "store/record.h"

namespace enrich {
namespace {

constexpr char kInsertWork[] =
    "INSERT INTO work VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)";
constexpr char kUpsertProgress[] =
    "INSERT INTO progress VALUES (?1, ?2) "
    "ON CONFLICT DO UPDATE SET record = excluded.record";
constexpr char kDeleteProgress[] =
    "DELETE FROM progress WHERE contact_key = ?1";

}  // namespace

absl::Status InsertWork(Transaction& tx, int64_t key, const NewWork& work,
                        absl::string_view items) {
  return tx.db.Use(kInsertWork)
      .Run(key, work.lane.tenant, work.lane.account, work.lane.operation,
           work.enqueue_time, SqlBlob{items});
}

absl::Status WriteProgress(Transaction& tx, int64_t contact_key,
                           absl::string_view record, int64_t sequence) {
  if (record.empty()) return tx.db.Use(kDeleteProgress).Run(contact_key);
  if (sequence == 0) {
    return tx.db.Use(kUpsertProgress).Run(contact_key, SqlBlob{record});
  }
  std::string with_sequence(record);
  AppendProgressSequence(with_sequence, sequence);
  return tx.db.Use(kUpsertProgress).Run(contact_key, SqlBlob{with_sequence});
}

std::string EncodeProgressChange(const ProgressChange& change) {
  if (change.progress.fields.empty()) return "";
  return EncodeProgress(change.progress);
}

}  // namespace enrich
