#include "server/retention.h"

#include <functional>
#include <utility>

#include "base/log.h"

namespace enrich {
namespace {

constexpr int kBatchesAtOnce = 20;
constexpr int kBodiesAtOnce = 200;
constexpr absl::Duration kPause = absl::Minutes(1);
constexpr absl::Duration kBetweenPortions = absl::Milliseconds(100);

// Something that is deleted portion by portion.
struct Portions {
  // For logs, such as "finished batches".
  const char* what = "";
  int size = 0;
  // Deletes what is older than a time, `size` of it at most.
  std::function<void(absl::Time, int, StoreCallback<int64_t>)> remove = {};
};

void KeepDeleting(Portions portions, absl::Duration keep, const Clock& clock,
                  Executor& executor) {
  auto remove = portions.remove;
  const int size = portions.size;
  auto done = [portions = std::move(portions), keep, &clock,
               &executor](absl::StatusOr<int64_t> deleted) mutable {
    if (!deleted.ok()) {
      log::Error("retention failed",
                 {{"what", portions.what}, {"status", deleted.status()}});
    } else if (*deleted > 0) {
      log::Info("deleted", {{"what", portions.what}, {"count", *deleted}});
    }
    const bool more = deleted.ok() && *deleted == portions.size;
    executor.PostAfter(
        more ? kBetweenPortions : kPause,
        [portions = std::move(portions), keep, &clock, &executor]() mutable {
          KeepDeleting(std::move(portions), keep, clock, executor);
        });
  };
  remove(clock.Now() - keep, size, std::move(done));
}

}  // namespace

void StartRetention(absl::Duration keep, const Clock& clock, Store& store,
                    Executor& executor) {
  KeepDeleting(
      {.what = "finished batches",
       .size = kBatchesAtOnce,
       .remove =
           [&store](absl::Time before, int size, StoreCallback<int64_t> done) {
             store.DeleteFinishedBefore(before, size, std::move(done));
           }},
      keep, clock, executor);
}

void StartInboxRetention(absl::Duration keep, const Clock& clock, Store& store,
                         Executor& executor) {
  KeepDeleting(
      {.what = "webhook bodies",
       .size = kBodiesAtOnce,
       .remove =
           [&store](absl::Time before, int size, StoreCallback<int64_t> done) {
             store.DeleteInboxBodies(before, size, std::move(done));
           }},
      keep, clock, executor);
}

}  // namespace enrich
