#ifndef ENRICH_STORE_SQLITE_INBOX_ROWS_H_
#define ENRICH_STORE_SQLITE_INBOX_ROWS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "store/sqlite/operation.h"
#include "store/store.h"

namespace enrich {

// Keeps a webhook body with what became of it, or notes that of one that is
// kept. NOT_FOUND when its attempt is gone.
absl::Status WriteInbox(Transaction& tx, const InboxChange& change,
                        absl::Time now);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_INBOX_ROWS_H_
