#include "bench/peers/peer.h"

namespace enrich::bench {

std::vector<PeerKind> PeerKinds() {
  return {
      {"Redis", "/usr/bin/redis-server", StartRedis},
      {"PostgreSQL", "/usr/lib/postgresql/15/bin/postgres", StartPostgres},
      {"etcd", "/usr/bin/etcd", StartEtcd},
      {"NATS", "/usr/sbin/nats-server", StartNats},
  };
}

}  // namespace enrich::bench
