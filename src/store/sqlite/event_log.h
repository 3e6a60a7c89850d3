#ifndef ENRICH_STORE_SQLITE_EVENT_LOG_H_
#define ENRICH_STORE_SQLITE_EVENT_LOG_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "model/batch.h"
#include "store/sqlite/operation.h"
#include "store/store.h"

namespace enrich {

// Appends events to the log of their batches and counts them. A batch whose
// last contact they close gets its terminal event and ends at `now`. Returns
// the sequence of each event, 0 for those of batches that are gone.
absl::StatusOr<std::vector<int64_t>> AppendEvents(
    Transaction& tx, absl::Span<const NewEvent> events, absl::Time now);

// Likewise for a batch just inserted, which the events belong to whatever key
// they name; a batch without contacts ends too. Updates `batch`.
absl::StatusOr<std::vector<int64_t>> AppendFirstEvents(
    Transaction& tx, absl::Span<const NewEvent> events, absl::Time now,
    Batch& batch);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_EVENT_LOG_H_
