#ifndef ENRICH_SERVER_RETENTION_H_
#define ENRICH_SERVER_RETENTION_H_

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "store/store.h"

namespace enrich {

// Deletes finished batches once they are older than `keep`, a few at a time so
// that nobody waits for it. Ends with the executor; all arguments must outlive
// that.
void StartRetention(absl::Duration keep, const Clock& clock, Store& store,
                    Executor& executor);

// Likewise the bodies of webhooks, once they came longer ago than `keep`.
void StartInboxRetention(absl::Duration keep, const Clock& clock, Store& store,
                         Executor& executor);

}  // namespace enrich

#endif  // ENRICH_SERVER_RETENTION_H_
