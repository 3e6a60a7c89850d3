#ifndef ENRICH_TESTS_SIM_PROVIDERS_H_
#define ENRICH_TESTS_SIM_PROVIDERS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/http_client.h"
#include "model/credits.h"
#include "sim/executors.h"
#include "sim/weather.h"
#include "sim/world.h"
#include "simulator/environment.h"
#include "simulator/provider_api.h"

namespace enrich::sim {

// An account of the gateway at one of the providers.
struct SimAccount {
  std::string name;
  // "enrow", "fullenrich", "quiet".
  std::string provider;
  std::string api_key;
};

// The providers' side of the world: enrich-simulator's own APIs, without their
// sockets. Their books are the invoice.
class Providers {
 public:
  // Pushes leave through `pushes`.
  Providers(World& world, const Weather& weather, HttpClient& pushes);
  ~Providers();

  static const std::vector<SimAccount>& Accounts();
  // Where an account's requests go: the host is the provider's name.
  static std::string BaseUrl(absl::string_view provider);

  // Entries of the invoice.
  using Booked = std::vector<simulator::Submission>;
  // What a provider makes of a request that has reached it; nothing when it
  // does not answer. `late` is how much later than others.
  struct Reply {
    std::optional<HttpResponse> response = {};
    // Without a response: whether the connection ends at once.
    bool reset = false;
    absl::Duration late = absl::ZeroDuration();
    // Of a paid request: what the provider has put into its books for it.
    Booked booked = {};
  };
  Reply Receive(const HttpRequest& request);

  // The provider that a URL belongs to.
  static std::string NameOf(absl::string_view url);
  bool IsDown(absl::string_view provider) const;
  void SetDown(const std::string& provider, bool down);
  // From now on nothing goes wrong.
  void Heal();

  // Whether results can be read for some hours at most.
  bool forgets_soon() const {
    return env_->options.results_ttl < absl::Hours(24);
  }
  const simulator::Ledger& ledger() const { return *env_->ledger; }
  const simulator::PersonOracle& oracle() const { return env_->oracle; }

 private:
  // Counts the faults that fired.
  void CountFaults();
  // What is new in the books.
  Booked ReadBooks();

  World& world_;
  SimExecutor executor_;
  std::shared_ptr<simulator::Environment> env_;
  simulator::ProviderApis apis_;
  simulator::ByProvider<bool> down_;
  size_t books_read_ = 0;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_PROVIDERS_H_
