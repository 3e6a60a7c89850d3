#ifndef ENRICH_ADAPTERS_ACCOUNT_OPTIONS_H_
#define ENRICH_ADAPTERS_ACCOUNT_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provider/account_config.h"
#include "provider/adapter.h"

// What every adapter makes of an account's configuration. Errors are
// INVALID_ARGUMENT and begin with the key at fault.
namespace enrich {

// Checks that the API key is there and can be sent in a header.
absl::Status CheckApiKey(const AccountConfig& config);

// Returns the account's base URL without a slash at its end, or `public_url`
// when the account has none.
absl::StatusOr<std::string> BaseUrlOf(const AccountConfig& config,
                                      absl::string_view public_url);

// Puts the account's prices, limits and poll times over those of the provider.
// A request may not hold more contacts than any operation takes; a smaller
// operation keeps its own limit.
absl::Status ApplyOverrides(const AccountConfig& config,
                            Capabilities& capabilities);

// Returns `text` with everything but letters, digits, '-', '_' and '.'
// percent-encoded, for a path segment or a query value.
std::string EscapeUrlPart(absl::string_view text);

}  // namespace enrich

#endif  // ENRICH_ADAPTERS_ACCOUNT_OPTIONS_H_
