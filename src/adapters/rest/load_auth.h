#ifndef ENRICH_ADAPTERS_REST_LOAD_AUTH_H_
#define ENRICH_ADAPTERS_REST_LOAD_AUTH_H_

#include <optional>

#include "adapters/rest/load_context.h"
#include "adapters/rest/load_request.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// Reads `auth` into `common`, which has the base URL, `plan.token` and
// `plan.redact`.
void ReadAuth(LoadContext& context, const YamlNode& node, CommonRequest& common,
              Plan& plan);

// Where a push says something: header:NAME or body:/POINTER.
std::optional<SignaturePlan::Source> ReadPlace(LoadContext& context,
                                               const YamlNode& node);

// Reads `verify` of a webhook.
std::optional<SignaturePlan> ReadVerify(LoadContext& context,
                                        const YamlNode& node);

// Whether `text` is `body:/POINTER`, as `redact` and `verify` name a place.
bool IsBodyPlace(absl::string_view text);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_LOAD_AUTH_H_
