// What of a job a fetch is about.

#include "adapters/rest/fetch_reply.h"
#include "adapters/rest/results.h"

namespace enrich::rest {

FetchTarget::FetchTarget(const OperationPlan& its_operation,
                         const JobRef& its_job)
    : operation(its_operation),
      job(its_job),
      variant(its_operation.VariantFor(its_job.item_count)),
      cursor(ReadCursor(its_job.cursor)) {
  if (!variant.submit.job_per_item.has_value()) return;
  item_jobs = ReadItemJobs(job.provider_job_id).value_or(item_jobs);
  for (const ItemJob& item_job : item_jobs) {
    if (item_job.state == ItemJob::State::kGiven) {
      named_jobs.push_back(&item_job);
    }
  }
}

bool FetchTarget::can_fetch() const {
  if (!variant.poll.has_value()) return false;
  return variant.submit.job_per_item.has_value() ? !named_jobs.empty()
                                                 : !job.provider_job_id.empty();
}

const ItemJob* FetchTarget::current() const {
  if (named_jobs.empty() || variant.poll->reads_all_jobs) return nullptr;
  const auto index = static_cast<size_t>(cursor.job);
  return index < named_jobs.size() ? named_jobs[index] : named_jobs.front();
}

absl::string_view FetchTarget::id() const {
  if (!variant.submit.job_per_item.has_value()) return job.provider_job_id;
  const ItemJob* const one = current();
  return one == nullptr ? "" : absl::string_view(one->id);
}

std::vector<absl::string_view> FetchTarget::ids() const {
  if (!variant.submit.job_per_item.has_value()) return {job.provider_job_id};
  std::vector<absl::string_view> all;
  for (const ItemJob* named : named_jobs) all.push_back(named->id);
  return all;
}

std::vector<ItemAnswer> RefusedItems(const FetchTarget& target) {
  std::vector<ItemAnswer> items;
  for (const ItemJob& item_job : target.item_jobs) {
    if (item_job.state != ItemJob::State::kRefused) continue;
    items.push_back(
        {.key = item_job.key,
         .fields = SameForAll(target.operation.result.fields, Outcome::kFailed,
                              FailureReason::kProviderRejected)});
  }
  return items;
}

}  // namespace enrich::rest
