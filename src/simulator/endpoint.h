#ifndef ENRICH_SIMULATOR_ENDPOINT_H_
#define ENRICH_SIMULATOR_ENDPOINT_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace enrich::simulator {

// The providers simulated.
enum class Provider : uint8_t { kEnrow, kFullEnrich };

// "enrow", "fullenrich": the path prefix, and the spelling in the ledger.
inline absl::string_view ProviderName(Provider provider) {
  return provider == Provider::kEnrow ? "enrow" : "fullenrich";
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
