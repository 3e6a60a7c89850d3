#ifndef ENRICH_ADAPTERS_ENROW_ADAPTER_H_
#define ENRICH_ADAPTERS_ENROW_ADAPTER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "provider/account_config.h"
#include "provider/adapter.h"

namespace enrich::enrow {

// Enrow (api.enrow.io): work e-mail and phone, single and bulk. Operations
// "work_email" and "phone". Bulk webhooks carry no data: they ask for a fetch.
absl::StatusOr<std::unique_ptr<ProviderAdapter>> CreateAdapter(
    const AccountConfig& config);

}  // namespace enrich::enrow

#endif  // ENRICH_ADAPTERS_ENROW_ADAPTER_H_
