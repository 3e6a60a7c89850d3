#include "server/retention.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/log.h"

namespace enrich {
namespace {

// Of small ones; the store takes fewer that are large.
constexpr int kBatchesAtOnce = 200;
constexpr int kAnswersAtOnce = 1000;
constexpr int kBodiesAtOnce = 200;
constexpr absl::Duration kPause = absl::Minutes(1);
constexpr absl::Duration kBetweenPortions = absl::Milliseconds(100);
constexpr absl::Duration kGrace = absl::Hours(1);

// Deletes a portion, and the next one soon or, when there was none, later.
template <typename Delete>
void DeletePortions(absl::string_view what, Delete delete_some,
                    Executor& executor) {
  delete_some([=, &executor](absl::StatusOr<int64_t> deleted) {
    if (!deleted.ok()) {
      log::Error("retention failed", {{"status", deleted.status()}});
    } else if (*deleted > 0) {
      log::Info("deleted what is too old",
                {{"what", what}, {"count", *deleted}});
    }
    const bool more = deleted.ok() && *deleted > 0;
    executor.PostAfter(more ? kBetweenPortions : kPause, [=, &executor] {
      DeletePortions(what, delete_some, executor);
    });
  });
}

}  // namespace

void StartRetention(const RetentionOptions& options, const Clock& clock,
                    Store& store, Executor& executor) {
  DeletePortions(
      "batches and jobs",
      [keep = options.batches, &clock, &store](StoreCallback<int64_t> done) {
        store.DeleteFinishedBefore(clock.Now() - keep, kBatchesAtOnce,
                                   std::move(done));
      },
      executor);
  DeletePortions(
      "webhook bodies",
      [keep = options.bodies, &clock, &store](StoreCallback<int64_t> done) {
        store.DeleteInboxBodies(clock.Now() - keep, kBodiesAtOnce,
                                std::move(done));
      },
      executor);
  DeletePortions(
      "answers",
      [keep = options.answers, &clock, &store](StoreCallback<int64_t> done) {
        const absl::Time now = clock.Now() - kGrace;
        store.DeleteAnswersBefore(now - keep.found, now - keep.not_found,
                                  kAnswersAtOnce, std::move(done));
      },
      executor);
}

}  // namespace enrich
