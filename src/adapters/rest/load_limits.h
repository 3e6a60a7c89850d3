#ifndef ENRICH_ADAPTERS_REST_LOAD_LIMITS_H_
#define ENRICH_ADAPTERS_REST_LOAD_LIMITS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "adapters/rest/load_context.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// `10/s`, `60/m`, `500/h`, `1000/d` or `20/2s`.
std::optional<RateLimit> ParseRate(absl::string_view text);

// Reads `limits`, null where there are none, into the plan's pace and readers.
void ReadLimits(LoadContext& context, const YamlNode* node, Plan& plan);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_LIMITS_H_
