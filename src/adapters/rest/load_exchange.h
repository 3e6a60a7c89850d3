#ifndef ENRICH_ADAPTERS_REST_LOAD_EXCHANGE_H_
#define ENRICH_ADAPTERS_REST_LOAD_EXCHANGE_H_

#include <optional>

#include "adapters/rest/load_context.h"
#include "adapters/rest/load_request.h"
#include "adapters/rest/plan.h"

// The exchanges of an operation, each by itself; load_operation.h checks that
// they fit together.
namespace enrich::rest {

std::optional<SubmitPlan> ReadSubmit(LoadContext& context, const YamlNode& node,
                                     const CommonRequest& common);

std::optional<WebhookPlan> ReadWebhook(LoadContext& context,
                                       const YamlNode& node);

// Puts the times of `node` over those of `times`.
std::optional<PollPlan> ReadPoll(LoadContext& context, const YamlNode& node,
                                 const CommonRequest& common, PollSpec& times);

std::optional<BalancePlan> ReadBalance(LoadContext& context,
                                       const YamlNode& node,
                                       const CommonRequest& common);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_EXCHANGE_H_
