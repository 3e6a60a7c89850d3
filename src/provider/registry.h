#ifndef ENRICH_PROVIDER_REGISTRY_H_
#define ENRICH_PROVIDER_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provider/account_config.h"
#include "provider/adapter.h"

namespace enrich {

// INVALID_ARGUMENT, naming the key, when the configuration does not suit.
using AdapterFactory =
    std::function<absl::StatusOr<std::unique_ptr<ProviderAdapter>>(
        const AccountConfig&)>;

// The adapters this binary has. Filled once at start.
class AdapterRegistry {
 public:
  // REQUIRES: `name` is not registered.
  void Register(absl::string_view name, AdapterFactory factory);

  // NOT_FOUND, listing what there is, for an unknown adapter.
  absl::StatusOr<std::unique_ptr<ProviderAdapter>> Create(
      const AccountConfig& config) const;

 private:
  std::map<std::string, AdapterFactory> factories_;
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_REGISTRY_H_
