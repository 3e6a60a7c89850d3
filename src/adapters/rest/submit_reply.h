#ifndef ENRICH_ADAPTERS_REST_SUBMIT_REPLY_H_
#define ENRICH_ADAPTERS_REST_SUBMIT_REPLY_H_

#include "adapters/rest/plan.h"
#include "http/http_message.h"
#include "provider/adapter.h"

namespace enrich::rest {

// What a provider answered to a submission of `operation`. Rejected and
// RateLimited are only what a rule of the file lists as such.
SubmitReply ReadSubmitReply(const Plan& plan, const OperationPlan& operation,
                            const SubmitRequest& request,
                            const HttpResponse& response);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_SUBMIT_REPLY_H_
