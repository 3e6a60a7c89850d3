#ifndef ENRICH_SIMULATOR_ENDPOINT_H_
#define ENRICH_SIMULATOR_ENDPOINT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace enrich::simulator {

// The providers simulated.
enum class Provider : uint8_t { kEnrow, kFullEnrich, kPronto };

inline constexpr std::array<Provider, 3> kAllProviders = {
    Provider::kEnrow, Provider::kFullEnrich, Provider::kPronto};

// Something for each provider.
template <typename T>
class ByProvider {
 public:
  T& operator[](Provider provider) { return items_[Index(provider)]; }
  const T& operator[](Provider provider) const {
    return items_[Index(provider)];
  }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }

 private:
  static size_t Index(Provider provider) {
    return static_cast<size_t>(provider);
  }
  std::array<T, kAllProviders.size()> items_ = {};
};

// "enrow", "fullenrich", "pronto": the path prefix, and the spelling in the
// ledger.
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

// The provider of that name.
inline std::optional<Provider> FindProvider(absl::string_view name) {
  for (const Provider provider : kAllProviders) {
    if (ProviderName(provider) == name) return provider;
  }
  return std::nullopt;
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
