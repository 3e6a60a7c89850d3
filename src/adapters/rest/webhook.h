#ifndef ENRICH_ADAPTERS_REST_WEBHOOK_H_
#define ENRICH_ADAPTERS_REST_WEBHOOK_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/rest/fetch_reply.h"
#include "adapters/rest/plan.h"
#include "provider/adapter.h"

namespace enrich::rest {

// What a push about a job says. Events of other jobs, and those that the file
// has no use for, are left out. INVALID_ARGUMENT for a body that cannot be read
// at all, or when the operation has no webhook.
absl::StatusOr<WebhookAnswer> ReadWebhook(const Plan& plan,
                                          const FetchTarget& target,
                                          absl::string_view body);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_WEBHOOK_H_
