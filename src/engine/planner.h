#ifndef ENRICH_ENGINE_PLANNER_H_
#define ENRICH_ENGINE_PLANNER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/account.h"
#include "engine/engine.h"
#include "engine/event_encoder.h"
#include "model/batch.h"
#include "store/store.h"

// From a request to what is stored and to what it would cost. Pure.
namespace enrich {

// The waterfalls of a request: those it names, or the configured ones.
// INVALID_ARGUMENT for a provider that does not exist (error::UnknownProvider),
// and for a ceiling on one, or on money without the price of every credit;
// FAILED_PRECONDITION (error::NoProvider) when a field that a valid contact
// asks for has no provider.
absl::StatusOr<BatchPlan> MakePlan(const BatchRequest& request,
                                   const Accounts& accounts,
                                   const std::vector<Waterfall>& configured);

// What is stored for the request: contacts, the first work of each, and the
// results that are known at once.
NewBatch MakeBatch(BatchRequest request, BatchPlan plan,
                   const Accounts& accounts, const EventEncoder& encoder,
                   std::string batch_id, absl::Time now);

// What the request would do at worst, step by step.
EnrichPlan Estimate(const BatchRequest& request, const BatchPlan& plan,
                    const Accounts& accounts);

// An upper bound for `contacts` contacts to pass through an operation of the
// account, from its declared limits.
absl::Duration TimeFor(const Account& account, const OperationSpec& operation,
                       int64_t contacts);

}  // namespace enrich

#endif  // ENRICH_ENGINE_PLANNER_H_
