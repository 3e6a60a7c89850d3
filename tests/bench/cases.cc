#include "bench/cases.h"

#include <iostream>

#include "base/status_macros.h"
#include "bench/works.h"

namespace enrich::bench {

absl::Status RunAll(const BenchOptions& options, Measurements& out) {
  Stage stage(options, out);
  for (int round = 0; round < options.rounds; ++round) {
    std::cerr << "round " << round + 1 << " of " << options.rounds << "\n";
    stage.Add("machine", "spin", "ms", absl::ToDoubleMilliseconds(Spin()));
    for (const auto run : {RunStartWorks, RunAcceptWorks, RunPushWorks,
                           RunWatchWorks, RunIngressWorks}) {
      RETURN_IF_ERROR(run(stage));
    }
    if (options.peers) RETURN_IF_ERROR(RunPeerWorks(stage));
  }
  return absl::OkStatus();
}

}  // namespace enrich::bench
