#include <filesystem>
#include <iostream>
#include <string>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "bench/peers/peer.h"
#include "bench/peers/peer_load.h"
#include "bench/works.h"

namespace enrich::bench {
namespace {

// The work of the same name, with a write for each push or call.
struct PeerWork {
  std::string name = {};
  PeerLoad load = {};
};

absl::Status MeasurePeer(Stage& stage, Peer& peer, const std::string& subject,
                         const PeerWork& work) {
  PeerLoad load = work.load;
  load.writes = stage.Scaled(work.load.writes / 10);
  RETURN_IF_ERROR(RunPeerLoad(peer, load).status());
  load.writes = stage.Scaled(work.load.writes);
  ASSIGN_OR_RETURN(const PeerResult result, RunPeerLoad(peer, load));
  if (load.rate > 0) {
    stage.Add(work.name, subject, kP50, PercentileMs(result.latencies, 0.5));
    stage.Add(work.name, subject, kP99, PercentileMs(result.latencies, 0.99));
    return absl::OkStatus();
  }
  stage.Add(work.name, subject, kRate,
            static_cast<double>(load.writes) * load.events_per_write /
                absl::ToDoubleSeconds(result.duration));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunPeerWorks(Stage& stage) {
  const PeerWork works[] = {
      {"accept 1000",
       {.writers = 8,
        .writes = 200,
        .events_per_write = 1'000,
        .event_bytes = 150,
        .watchers = 0}},
      {"push 1", {.writers = 64, .writes = 10'000}},
      {"push 100", {.writers = 16, .writes = 300, .events_per_write = 100}},
      {"push 1 at 2000/s", {.writers = 32, .writes = 6'000, .rate = 2000}},
      {"push 100 to 100 watchers",
       {.writers = 16,
        .writes = 120,
        .events_per_write = 100,
        .watchers = 100}},
  };
  for (const PeerKind& kind : PeerKinds()) {
    if (!std::filesystem::exists(kind.program)) {
      std::cerr << kind.name << " is skipped: there is no " << kind.program
                << "\n";
      continue;
    }
    stage.EmptyFolder();
    ASSIGN_OR_RETURN(
        const auto peer,
        kind.start(kind.program,
                   std::filesystem::absolute(stage.folder()).string()));
    for (const PeerWork& work : works) {
      if (!stage.Wanted(work.name)) continue;
      RETURN_IF_ERROR(MeasurePeer(stage, *peer, kind.name, work));
    }
  }
  return absl::OkStatus();
}

}  // namespace enrich::bench
