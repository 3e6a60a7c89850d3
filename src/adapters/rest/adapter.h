#ifndef ENRICH_ADAPTERS_REST_ADAPTER_H_
#define ENRICH_ADAPTERS_REST_ADAPTER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "adapters/rest/plan.h"
#include "provider/account_config.h"
#include "provider/adapter.h"

namespace enrich::rest {

// The adapter of any provider that a file describes (docs/provider-files.md).
// INVALID_ARGUMENT with every mistake in `config.definition`.
absl::StatusOr<std::unique_ptr<ProviderAdapter>> CreateAdapter(
    const AccountConfig& config);

// Likewise, from a file that is compiled already.
std::unique_ptr<ProviderAdapter> NewAdapter(std::shared_ptr<const Plan> plan);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_ADAPTER_H_
