#ifndef ENRICH_SERVER_RETENTION_H_
#define ENRICH_SERVER_RETENTION_H_

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "model/bought_answer.h"
#include "store/store.h"

namespace enrich {

// How long things are kept.
struct RetentionOptions {
  // Finished batches.
  absl::Duration batches = absl::Hours(720);
  // Bodies of webhooks, after they came.
  absl::Duration bodies = absl::Hours(24 * 7);
  // Answers that were bought; an hour longer, for lookups that were accepted
  // while they were good and whose turn has not come.
  AnswerLifetimes answers = {};
};

// Deletes finished batches, bodies of webhooks and answers once they are too
// old, a few at a time so that nobody waits for it. Ends with the executor; all
// references must outlive that.
void StartRetention(const RetentionOptions& options, const Clock& clock,
                    Store& store, Executor& executor);

}  // namespace enrich

#endif  // ENRICH_SERVER_RETENTION_H_
