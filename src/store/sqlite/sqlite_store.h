#ifndef ENRICH_STORE_SQLITE_SQLITE_STORE_H_
#define ENRICH_STORE_SQLITE_SQLITE_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/random.h"
#include "store/store.h"

namespace enrich {

struct SqliteOptions {
  // The database file; its folder must exist. A second process on the same file
  // is refused.
  std::string path = {};
  // Connections for reads.
  int readers = 2;
  // Size the database may grow to; 0 for no limit. Writes past it fail as on a
  // full disk.
  int64_t max_bytes = 0;
};

// Opens the embedded store, creating it or bringing its schema up to date.
// FAILED_PRECONDITION when the file has a newer schema, is in use by another
// process, or is no database of ours. Must be closed (destroyed) before
// `random`; destruction completes what is queued.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(
    const SqliteOptions& options, StoreHooks hooks, Random& random);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_SQLITE_STORE_H_
