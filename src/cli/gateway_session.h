#ifndef ENRICH_CLI_GATEWAY_SESSION_H_
#define ENRICH_CLI_GATEWAY_SESSION_H_

#include <cstdint>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "cli/gateway_client.h"
#include "cli/retry.h"

namespace enrich::cli {

// A place in a batch's stream; default: its beginning.
struct StreamPosition {
  std::string resume_token = {};
  // Of the last event before it; 0 with a token: not known.
  int64_t sequence = 0;

  bool operator==(const StreamPosition&) const = default;
};

// Follows a call that may take long. Called on the thread of the call.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;

  // An event, each once and in order.
  virtual void OnEvent(const v1::ResultEvent& event) { (void)event; }
  // All events up to `position` were given.
  virtual void OnPosition(const StreamPosition& position) { (void)position; }
  virtual void OnProgress(const v1::BatchProgress& progress) { (void)progress; }
  // The call broke and is tried again after `delay`.
  virtual void OnRetry(const absl::Status& why, absl::Duration delay) {
    (void)why;
    (void)delay;
  }
};

// The gateway's calls, repeated for as long as patience lasts. Everything
// repeated is idempotent. What must outlive it: its arguments. Thread-safe.
class GatewaySession {
 public:
  GatewaySession(const GatewayClient& client, Patience& patience,
                 Random& random, const RetryPolicy& policy)
      : client_(client),
        patience_(patience),
        random_(random),
        policy_(policy) {}

  // EnrichBatch. CANCELLED once `stop` is requested; else the gateway's own
  // error, the last one when patience ran out.
  absl::StatusOr<v1::EnrichBatchResponse> Submit(
      const v1::EnrichBatchRequest& request, std::stop_token stop,
      SessionObserver& observer) const;

  // Follows a batch from `position` to its BatchFinished, over any number of
  // streams. Errors as of Submit, and DATA_LOSS when an event is missing.
  absl::Status Watch(const std::string& batch_id, StreamPosition position,
                     std::stop_token stop, SessionObserver& observer) const;

 private:
  absl::Status WaitToRetry(const absl::Status& why, Backoff& backoff,
                           std::stop_token stop,
                           SessionObserver& observer) const;

  const GatewayClient& client_;
  Patience& patience_;
  Random& random_;
  const RetryPolicy policy_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_GATEWAY_SESSION_H_
