#ifndef ENRICH_TESTS_BENCH_PUSH_PLAN_H_
#define ENRICH_TESTS_BENCH_PUSH_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "bench/fake_provider.h"

namespace enrich::bench {

// Contacts in each job, as many as FullEnrich takes.
inline constexpr int kJobContacts = 100;
// What FullEnrich starts for one account before it wants a pause.
inline constexpr int kJobsPerAccount = 60;
// How many accounts that takes.
constexpr int AccountsFor(int jobs) { return (jobs - 1) / kJobsPerAccount + 1; }

// The results of jobs, each contact once, as pushes that one server takes.
struct Pushes {
  std::vector<std::string> requests = {};
  // The index of the first contact of each.
  std::vector<int64_t> contacts = {};
  // The first are for warming up.
  size_t warm_up = 0;
  // What each watcher sees of the first and of the rest.
  int64_t warm_up_events = 0;
  int64_t events = 0;
};

// With `contacts` in each push: 1, or all of a job, which then says that it has
// finished. The gateway also tells its watchers when a batch ends.
Pushes PlanGatewayPushes(int contacts, absl::Span<const StartedJob> jobs);
// The floor's contacts are named in the body as the gateway's are in events.
Pushes PlanFloorPushes(int contacts, absl::Span<const StartedJob> jobs,
                       const std::string& path);

// Jobs that the gateway could have started.
std::vector<StartedJob> InventJobs(int count);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PUSH_PLAN_H_
