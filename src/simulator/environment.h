#ifndef ENRICH_SIMULATOR_ENVIRONMENT_H_
#define ENRICH_SIMULATOR_ENVIRONMENT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "simulator/faults.h"
#include "simulator/ledger.h"
#include "simulator/options.h"
#include "simulator/person_oracle.h"
#include "simulator/replayable_random.h"
#include "simulator/webhook_sender.h"

namespace enrich::simulator {

// What the simulated providers share. Held by whoever still uses it: a timer
// may go off while the simulator is being destroyed.
struct Environment {
  Environment(const SimulatorOptions& simulator_options, Clock& the_clock,
              Executor& the_executor, std::vector<std::string> providers)
      : options(simulator_options),
        clock(the_clock),
        executor(the_executor),
        random(simulator_options.seed),
        oracle(simulator_options.seed),
        faults(random, std::move(providers)) {}

  // A provider's period in real time.
  absl::Duration Scaled(absl::Duration period) const {
    return period / options.time_scale;
  }
  // How long one contact takes.
  absl::Duration DrawLatency() {
    return options.latency * (0.5 + random.Uniform());
  }

  const SimulatorOptions options;
  Clock& clock;
  Executor& executor;
  ReplayableRandom random;
  const PersonOracle oracle;
  FaultPlan faults;
  std::unique_ptr<Ledger> ledger = {};
  std::shared_ptr<WebhookSender> webhooks = {};
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_ENVIRONMENT_H_
