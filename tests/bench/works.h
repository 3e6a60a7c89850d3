#ifndef ENRICH_TESTS_BENCH_WORKS_H_
#define ENRICH_TESTS_BENCH_WORKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/stage.h"
#include "enrich/v1/enrichment_service.pb.h"

// What a round consists of: each function measures the works of one kind that
// are wanted, the gateway and its limits in turn.
namespace enrich::bench {

// From exec to serving, and what a million open lookups cost.
absl::Status RunStartWorks(Stage& stage);
// EnrichBatch, of many sizes; how well single contacts share requests.
absl::Status RunAcceptWorks(Stage& stage);
// From a push to the watchers.
absl::Status RunPushWorks(Stage& stage);
// Streams without news, and one with all that ever was.
absl::Status RunWatchWorks(Stage& stage);
// The listener for pushes, with nothing behind it.
absl::Status RunIngressWorks(Stage& stage);

// Other servers on works of the same names.
absl::Status RunPeerWorks(Stage& stage);

// Accepts of `contacts` each.
struct AcceptWork {
  std::string name = {};
  int contacts = 1;
  int callers = 1;
  int calls = 1;
  // Whether to tell what each of the gateway's threads has used.
  bool by_thread = false;
};

// What `subject` makes of the work, after a warm-up: rate, processor time and
// latencies.
absl::Status MeasureAccept(Stage& stage, const Child& server,
                           const std::string& subject, const AcceptWork& work,
                           const v1::EnrichBatchRequest& request);

// Gives the gateway a million contacts from `first_contact` on, whose lookups
// stay open: `account` must have no room for them. Returns how many it was, by
// the scale.
absl::StatusOr<int64_t> AcceptMillion(Stage& stage, const Child& gateway,
                                      const std::string& account,
                                      int64_t first_contact);

// Durable transactions of `rows_per_commit`, one after the other, without a
// server.
absl::Status MeasureBareSqlite(Stage& stage, const std::string& work,
                               int rows_per_commit, size_t row_bytes);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_WORKS_H_
