#ifndef ENRICH_ADAPTERS_REST_LOAD_ERRORS_H_
#define ENRICH_ADAPTERS_REST_LOAD_ERRORS_H_

#include <vector>

#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// Adds the rules of `node` to `rules`. Null where there are none. A rule that
// the ones before it leave nothing for is a mistake when it stands in the same
// list.
void ReadErrorRules(LoadContext& context, const YamlNode* node,
                    std::vector<ErrorRule>& rules);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_ERRORS_H_
