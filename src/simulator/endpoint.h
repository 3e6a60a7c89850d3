#ifndef ENRICH_SIMULATOR_ENDPOINT_H_
#define ENRICH_SIMULATOR_ENDPOINT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace enrich::simulator {

// The providers that are simulated natively. Others come from provider files.
enum class Provider : uint8_t { kEnrow, kFullEnrich, kPronto };

inline constexpr std::array<Provider, 3> kAllProviders = {
    Provider::kEnrow, Provider::kFullEnrich, Provider::kPronto};

// Something for each provider, by its name: the path prefix, and the spelling
// in the ledger.
template <typename T>
using ByProvider = std::map<std::string, T, std::less<>>;

// "enrow", "fullenrich", "pronto".
inline absl::string_view ProviderName(Provider provider) {
  switch (provider) {
    case Provider::kEnrow:
      return "enrow";
    case Provider::kFullEnrich:
      return "fullenrich";
    case Provider::kPronto:
      return "pronto";
  }
  return "";
}

// The names of all that are simulated natively.
inline std::vector<std::string> NativeProviders() {
  std::vector<std::string> names;
  names.reserve(kAllProviders.size());
  for (const Provider provider : kAllProviders) {
    names.emplace_back(ProviderName(provider));
  }
  return names;
}

// What a call is for; faults are planned per kind.
enum class EndpointKind : uint8_t {
  // Starts a job: costs credits.
  kSubmit,
  // Reads a job.
  kFetch,
  // Balance and key checks, and everything unknown.
  kAccount,
  // A push from the simulator.
  kWebhook,
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_ENDPOINT_H_
