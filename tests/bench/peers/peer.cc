#include "bench/peers/peer.h"

namespace enrich::bench {

std::vector<PeerKind> PeerKinds() {
  return {
      {"Redis", "/usr/bin/redis-server", StartRedis},
  };
}

}  // namespace enrich::bench
