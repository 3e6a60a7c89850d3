#ifndef ENRICH_TESTS_BENCH_PEERS_PEER_LOAD_H_
#define ENRICH_TESTS_BENCH_PEERS_PEER_LOAD_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/peers/peer.h"

namespace enrich::bench {

struct PeerLoad {
  // Connections, each with one write under way.
  int writers = 1;
  int writes = 1;
  int events_per_write = 1;
  int event_bytes = 500;
  // 0 for nobody: then it ends with the last write.
  int watchers = 1;
  // Writes a second; 0 for as fast as they are answered.
  double rate = 0;
};

struct PeerResult {
  // Until every watcher has every event.
  absl::Duration duration;
  // Of each event, from when its write was due until a watcher had it.
  std::vector<absl::Duration> latencies = {};
};

// Writes all events and waits for the watchers. An error when a write fails,
// or an event does not come as it was written; the first watcher also tells
// when one comes twice.
absl::StatusOr<PeerResult> RunPeerLoad(Peer& peer, const PeerLoad& load);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PEERS_PEER_LOAD_H_
