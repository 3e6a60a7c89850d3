#include "server/retention.h"

#include "base/log.h"

namespace enrich {
namespace {

constexpr int kBatchesAtOnce = 20;
constexpr absl::Duration kPause = absl::Minutes(1);
constexpr absl::Duration kBetweenPortions = absl::Milliseconds(100);

}  // namespace

void StartRetention(absl::Duration keep, const Clock& clock, Store& store,
                    Executor& executor) {
  store.DeleteFinishedBefore(
      clock.Now() - keep, kBatchesAtOnce,
      [=, &clock, &store, &executor](absl::StatusOr<int64_t> deleted) {
        if (!deleted.ok()) {
          log::Error("retention failed", {{"status", deleted.status()}});
        } else if (*deleted > 0) {
          log::Info("deleted finished batches", {{"batches", *deleted}});
        }
        const bool more = deleted.ok() && *deleted == kBatchesAtOnce;
        executor.PostAfter(more ? kBetweenPortions : kPause,
                           [=, &clock, &store, &executor] {
                             StartRetention(keep, clock, store, executor);
                           });
      });
}

}  // namespace enrich
