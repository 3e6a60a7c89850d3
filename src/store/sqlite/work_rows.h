#ifndef ENRICH_STORE_SQLITE_WORK_ROWS_H_
#define ENRICH_STORE_SQLITE_WORK_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "store/sqlite/operation.h"
#include "store/store.h"

namespace enrich {

// Rows that more than one operation writes.

// Inserts a work row with `items` encoded, under `key`.
absl::Status InsertWork(Transaction& tx, int64_t key, const NewWork& work,
                        absl::string_view items);

// Writes a contact's progress, an EncodeProgressChange. `sequence` is that of
// the event that reports it, 0 for none.
absl::Status WriteProgress(Transaction& tx, int64_t contact_key,
                           absl::string_view record, int64_t sequence);

// The record of a change, empty for one that deletes.
std::string EncodeProgressChange(const ProgressChange& change);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_WORK_ROWS_H_
