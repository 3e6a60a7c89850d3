#ifndef ENRICH_TESTS_SCALE_ONLOOKER_H_
#define ENRICH_TESTS_SCALE_ONLOOKER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "integration/gateway_client.h"
#include "scale/result_stream.h"

namespace enrich::scale {

// A client that looks at batches while others load the gateway: reads one and
// its results, cancels some, opens streams that end with the history. What it
// reads is held to the rules. Looks on a thread of its own until it is deleted.
class Onlooker {
 public:
  explicit Onlooker(int port);
  ~Onlooker();

  // Tells it of a batch.
  void Add(std::string batch_id);
  int64_t looks() const { return looks_; }
  // The first that was wrong.
  absl::Status status() const;

 private:
  void Run();
  absl::Status Look(int64_t number);
  absl::Status ReadBatch(const std::string& batch_id);
  absl::Status ReadHistory(v1::WatchResultsRequest request, bool whole);
  std::string TakeBatch();

  const std::unique_ptr<GatewayClient> client_;
  const Connections connections_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> looks_{0};
  // Only of the thread. Somewhere in the log.
  std::string token_ = {};
  mutable Mutex mu_;
  std::deque<std::string> batches_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace enrich::scale

#endif  // ENRICH_TESTS_SCALE_ONLOOKER_H_
