#ifndef ENRICH_ADAPTERS_REST_LOAD_OPERATION_H_
#define ENRICH_ADAPTERS_REST_LOAD_OPERATION_H_

#include "adapters/rest/load_context.h"
#include "adapters/rest/load_request.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// Reads `operations` into the plan and its capabilities. `errors` are the rules
// of every operation; null where there are none.
void ReadOperations(LoadContext& context, const YamlNode& node,
                    const YamlNode* errors, const CommonRequest& common,
                    Plan& plan);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_OPERATION_H_
