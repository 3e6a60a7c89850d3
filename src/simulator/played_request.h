#ifndef ENRICH_SIMULATOR_PLAYED_REQUEST_H_
#define ENRICH_SIMULATOR_PLAYED_REQUEST_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "adapters/rest/plan.h"
#include "base/json.h"
#include "simulator/exchange_template.h"
#include "simulator/provider_api.h"
#include "simulator/provider_script.h"

// Requests to a played provider, held against what its file sends.
namespace enrich::simulator {

// The JSON of a body; of a form, an object of texts; null for anything else.
json::Document BodyDocument(absl::string_view body);

// A submission of a variant.
struct PlayedCall {
  const PlayedVariant* variant = nullptr;
  RequestedContacts requested = {};
};

// What a submission is, or why it is none that the file sends. Nothing is said
// of credentials.
absl::StatusOr<PlayedCall> ReadSubmission(const ProviderScript& script,
                                          const ApiCall& call);

// Whether the call is of the request's method and goes to its path.
bool IsCallOf(const rest::RequestPlan& request, absl::string_view method,
              absl::string_view path);

// Whether the call has what the request has besides its expressions: the
// headers, the credentials in query and body, and `token` when it is not empty.
bool HasCredentials(const rest::RequestPlan& request, const ApiCall& call,
                    absl::string_view token);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PLAYED_REQUEST_H_
