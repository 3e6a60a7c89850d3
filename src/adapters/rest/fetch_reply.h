#ifndef ENRICH_ADAPTERS_REST_FETCH_REPLY_H_
#define ENRICH_ADAPTERS_REST_FETCH_REPLY_H_

#include <optional>
#include <string>
#include <vector>

#include "adapters/rest/job_ids.h"
#include "adapters/rest/plan.h"
#include "http/http_message.h"
#include "provider/adapter.h"

namespace enrich::rest {

// A job, as far as it is to be read: what the engine keeps of it, taken apart.
// Borrows the JobRef.
struct FetchTarget {
  FetchTarget(const OperationPlan& operation, const JobRef& job);

  // Whether there is a poll, and an id to read with it.
  bool can_fetch() const;
  // The one job this fetch is about; null when it is about all.
  const ItemJob* current() const;
  // The id of the job this fetch is about; empty when it is about several.
  absl::string_view id() const;
  // Of everything that has one.
  std::vector<absl::string_view> ids() const;

  const OperationPlan& operation;
  const JobRef& job;
  const Variant& variant;
  const Cursor cursor;
  // Of `job_per_item`: all, and those with an id.
  std::vector<ItemJob> item_jobs = {};
  std::vector<const ItemJob*> named_jobs = {};
};

// What a provider answered to a fetch. REQUIRES: target.can_fetch().
FetchReply ReadFetchReply(const Plan& plan, const FetchTarget& target,
                          const HttpResponse& response);

// The answers of contacts that were refused one by one, which no fetch brings.
std::vector<ItemAnswer> RefusedItems(const FetchTarget& target);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_FETCH_REPLY_H_
