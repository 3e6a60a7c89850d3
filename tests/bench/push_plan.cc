#include "bench/push_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bench/payloads.h"
#include "bench/push_client.h"

namespace enrich::bench {
namespace {

// `path` for all jobs, or empty for the path and the keys of each.
Pushes Plan(int contacts, absl::Span<const StartedJob> jobs,
            const std::string& path) {
  Pushes pushes;
  // Round and round the jobs, so that those at work at once are many.
  for (int first = 0; first < kJobContacts; first += contacts) {
    for (const StartedJob& job : jobs) {
      std::vector<std::string> keys;
      for (int item = first; item < first + contacts; ++item) {
        keys.push_back(path.empty()
                           ? job.keys[static_cast<size_t>(item)]
                           : absl::StrCat("r", job.first_contact + item));
      }
      const bool finished = contacts == kJobContacts;
      pushes.requests.push_back(
          MakePush(path.empty() ? job.webhook_path : path,
                   MakeBody(BodyKind::kFullEnrich, job.id, finished, keys)));
      pushes.contacts.push_back(job.first_contact + first);
    }
  }
  // Of single contacts, too few to end a job.
  pushes.warm_up = contacts == kJobContacts
                       ? std::max<size_t>(1, jobs.size() / 10)
                       : 5 * jobs.size();
  pushes.warm_up_events = static_cast<int64_t>(pushes.warm_up) * contacts;
  pushes.events =
      static_cast<int64_t>(jobs.size()) * kJobContacts - pushes.warm_up_events;
  return pushes;
}

}  // namespace

Pushes PlanGatewayPushes(int contacts, absl::Span<const StartedJob> jobs) {
  Pushes pushes = Plan(contacts, jobs, "");
  const auto ended = contacts == kJobContacts
                         ? static_cast<int64_t>(pushes.warm_up)
                         : int64_t{0};
  pushes.warm_up_events += ended;
  pushes.events += static_cast<int64_t>(jobs.size()) - ended;
  return pushes;
}

Pushes PlanFloorPushes(int contacts, absl::Span<const StartedJob> jobs,
                       const std::string& path) {
  return Plan(contacts, jobs, path);
}

std::vector<StartedJob> InventJobs(int count) {
  std::vector<StartedJob> jobs;
  for (int i = 0; i < count; ++i) {
    jobs.push_back({.id = absl::StrCat("job-", i),
                    .first_contact = int64_t{i} * kJobContacts});
  }
  return jobs;
}

}  // namespace enrich::bench
