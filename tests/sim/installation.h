#ifndef ENRICH_TESTS_SIM_INSTALLATION_H_
#define ENRICH_TESTS_SIM_INSTALLATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/caller.h"
#include "sim/checks.h"
#include "sim/gateway.h"
#include "sim/journal.h"
#include "sim/machine_clock.h"
#include "sim/network.h"
#include "sim/providers.h"
#include "sim/watcher.h"
#include "sim/weather.h"
#include "sim/world.h"

namespace enrich::sim {

// One installation of the gateway: processes that follow each other on one
// store, on a machine with a clock of its own, with its callers and the books
// that are kept of it. Others have the same accounts at the same providers.
class Installation {
 public:
  // The world around all installations; must outlive them.
  struct Surroundings {
    World& world;
    Weather& weather;
    Providers& providers;
    PushNetwork& pushes;
    // For the stores' files.
    std::string folder = {};
    // How many installations there are.
    int64_t count = 1;
  };

  // `number`: 1, 2, ...
  Installation(const Surroundings& around, int64_t number);

  // What happens here while the storm lasts.
  void PlaceOrders(absl::Duration storm);
  void PlanTroubles(absl::Duration storm);
  void StartGateway();

  // After each step: nothing grows without bounds (I8).
  void CheckBounds();
  // From now on nothing goes wrong.
  void CalmDown();
  bool AtRest();

  // At the end. What came of it is in the world's violations.
  void Check();
  // By how much balances fell beyond what this process can explain, as far as
  // it has been told.
  void ReadDrift();

  // Null while none runs.
  Gateway* gateway() { return gateway_.get(); }
  const Journal& journal() const { return journal_; }
  Credits drift() const { return drift_; }

 private:
  GatewaySetup DrawSetup(const Surroundings& around);

  void Kill(absl::string_view why);
  // Kills the process that runs now, unless it is gone by then.
  void KillSoon(absl::Duration delay, std::string why);
  // What SIGTERM does: what is under way may end, within a time.
  void Stop();
  // A process on the store of the one that runs.
  void StartSecond();
  void SetClock();
  // After a start, what is open is what was committed.
  void CheckStore();

  World& world_;
  Weather& weather_;
  Providers& providers_;
  const int64_t number_;
  // How many share the world's orders.
  const int64_t count_;
  const std::string name_;
  MachineClock clock_;
  Journal journal_;
  Checks checks_;
  ProviderNetwork network_;
  const GatewaySetup setup_;
  std::unique_ptr<Gateway> gateway_;
  Caller caller_;
  SeenLog seen_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  Credits drift_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_INSTALLATION_H_
