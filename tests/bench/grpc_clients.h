#ifndef ENRICH_TESTS_BENCH_GRPC_CLIENTS_H_
#define ENRICH_TESTS_BENCH_GRPC_CLIENTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "enrich/v1/enrichment_service.pb.h"

// The load on the gRPC side. Works on bytes: what the client costs, the server
// does not have.
namespace enrich::bench {

// ---- EnrichBatch ------------------------------------------------------------

struct AcceptLoad {
  // All calls but their request ids.
  v1::EnrichBatchRequest request = {};
  int calls = 1;
  // Callers, each with one call under way.
  int callers = 1;
  // Unless negative, call i has also the contact of this index plus i.
  int64_t first_contact = -1;
};

struct AcceptResult {
  absl::Duration duration;
  // One per call.
  std::vector<absl::Duration> latencies = {};
};

// Makes the calls. Request ids begin with `prefix`. The error of the first call
// that failed.
absl::StatusOr<AcceptResult> RunAccept(int port, const AcceptLoad& load,
                                       const std::string& prefix);

// ---- WatchResults -----------------------------------------------------------

struct WatchLoad {
  int watchers = 1;
  // Note when the event of each contact "r<index>" arrives, for indexes below
  // this. Costs the client the parsing of every event.
  int64_t tracked_contacts = 0;
  // Unless 0, begin with the oldest event, and count to this many from the
  // start.
  int64_t replayed_events = 0;
};

// Streams of everything that is recorded from now on, or ever was.
class Watchers {
 public:
  // Returns once all of them are live, or at once for a replay.
  static absl::StatusOr<std::unique_ptr<Watchers>> Open(int port,
                                                        const WatchLoad& load);
  // Ends them.
  ~Watchers();
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  // From now on, counts to this many events over all streams.
  void Expect(int64_t events) ABSL_LOCKS_EXCLUDED(mu_);
  // When they were there. An error when they do not come.
  absl::StatusOr<absl::Time> Wait() ABSL_LOCKS_EXCLUDED(mu_);

  // Of all messages so far.
  int64_t bytes() const { return bytes_; }

  // When the contact's event came; REQUIRES: Wait has returned.
  absl::Time ArrivalOf(int64_t contact) const {
    return absl::FromUnixNanos(arrivals_[static_cast<size_t>(contact)]);
  }

 private:
  class Stream;

  Watchers() = default;
  void OnMessage(const Stream& stream, int64_t events) ABSL_LOCKS_EXCLUDED(mu_);
  void OnEnd() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status WaitForLive(int count) ABSL_LOCKS_EXCLUDED(mu_);

  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<int64_t> arrivals_;
  std::atomic<int64_t> missing_{0};
  std::atomic<int64_t> bytes_{0};

  Mutex mu_;
  CondVar changed_;
  int live_ ABSL_GUARDED_BY(mu_) = 0;
  int ended_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<absl::Time> complete_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_GRPC_CLIENTS_H_
