#ifndef ENRICH_TESTS_SIM_RUNNER_JOBS_H_
#define ENRICH_TESTS_SIM_RUNNER_JOBS_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "sim/simulation.h"

namespace enrich::sim {

// Both included.
struct Seeds {
  uint64_t first = 1;
  uint64_t last = 1;
};

// Lives through the worlds in as many processes: a world may use what a process
// has one of, and may end it. `visit` gets the reports as they come, without
// hashes. A seed that ends its process fails, and the process's further seeds
// are not lived through.
void LiveInProcesses(const Seeds& seeds, int jobs,
                     absl::FunctionRef<void(const Report&)> visit);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_RUNNER_JOBS_H_
