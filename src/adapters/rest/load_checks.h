#ifndef ENRICH_ADAPTERS_REST_LOAD_CHECKS_H_
#define ENRICH_ADAPTERS_REST_LOAD_CHECKS_H_

#include "absl/strings/string_view.h"
#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// Reports what does not fit together in an operation whose parts are good by
// themselves: results that nothing would read, pushes that anybody could send,
// requests that nobody sends. `node` is where the
// operation stands.
void CheckExchanges(LoadContext& context, const YamlNode& node,
                    const OperationPlan& plan, int max_contacts);
// Likewise of `result`, with exchanges that were good.
void CheckMatch(LoadContext& context, const YamlNode& node,
                const OperationPlan& plan, int max_contacts);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_CHECKS_H_
