#ifndef ENRICH_ADAPTERS_FULLENRICH_ADAPTER_H_
#define ENRICH_ADAPTERS_FULLENRICH_ADAPTER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "provider/account_config.h"
#include "provider/adapter.h"

namespace enrich::fullenrich {

// FullEnrich v2 (app.fullenrich.com): any mix of work e-mail, phone and
// personal e-mail for up to 100 contacts. Operation "enrich". Webhooks carry
// the results and are signed with the API key.
absl::StatusOr<std::unique_ptr<ProviderAdapter>> CreateAdapter(
    const AccountConfig& config);

}  // namespace enrich::fullenrich

#endif  // ENRICH_ADAPTERS_FULLENRICH_ADAPTER_H_
