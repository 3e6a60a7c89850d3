#ifndef ENRICH_TESTS_BENCH_PEERS_PEER_H_
#define ENRICH_TESTS_BENCH_PEERS_PEER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// Other servers that keep events and tell those who watch, as Debian has them:
// one node, on loopback, a write synced to disk before it is answered.
namespace enrich::bench {

// A connection that writes. For one thread.
class PeerWriter {
 public:
  virtual ~PeerWriter() = default;
  // Returns once all events are kept.
  virtual absl::Status Write(absl::Span<const std::string> events) = 0;
};

// A connection that watches what is written after it was made. For one thread.
class PeerWatcher {
 public:
  virtual ~PeerWatcher() = default;
  // Waits for something to come, at most a minute, and gives the events, in
  // order, to `see`. May give none.
  virtual absl::Status Read(absl::FunctionRef<void(absl::string_view)> see) = 0;
};

// A running server, which ends with this. Thread-compatible.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual absl::StatusOr<std::unique_ptr<PeerWriter>> NewWriter() = 0;
  virtual absl::StatusOr<std::unique_ptr<PeerWatcher>> NewWatcher() = 0;
};

struct PeerKind {
  std::string name = {};
  // Without it, the peer is not installed.
  std::string program = {};
  // On an empty folder, an absolute path.
  absl::StatusOr<std::unique_ptr<Peer>> (*start)(const std::string& program,
                                                 const std::string& folder);
};

// Each in a file of its own.
absl::StatusOr<std::unique_ptr<Peer>> StartRedis(const std::string& program,
                                                 const std::string& folder);
absl::StatusOr<std::unique_ptr<Peer>> StartPostgres(const std::string& program,
                                                    const std::string& folder);
absl::StatusOr<std::unique_ptr<Peer>> StartEtcd(const std::string& program,
                                                const std::string& folder);
absl::StatusOr<std::unique_ptr<Peer>> StartNats(const std::string& program,
                                                const std::string& folder);

// All of them.
std::vector<PeerKind> PeerKinds();

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PEERS_PEER_H_
