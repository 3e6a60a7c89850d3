#ifndef ENRICH_SIMULATOR_WEBHOOK_SENDER_H_
#define ENRICH_SIMULATOR_WEBHOOK_SENDER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/crypto.h"
#include "base/executor.h"
#include "base/json.h"
#include "base/mutex.h"
#include "http/http_client.h"
#include "simulator/endpoint.h"
#include "simulator/faults.h"

namespace enrich::simulator {

// One webhook to be sent.
struct Webhook {
  std::string provider = {};
  std::string url = {};
  std::string body = {};
  // Besides the content type.
  HttpHeaders headers = {};
  // Signs the body in X-Signature-SHA1; null for none.
  std::shared_ptr<const HmacSha1> signer = {};
  // Adds what proves that the finished request is genuine, or a forgery that
  // does not; null for nothing.
  std::function<void(HttpRequest& request, bool forged)> seal = {};
  // 1 is never tried again.
  int attempts = 1;
};

struct WebhookSenderOptions {
  int max_in_flight = 64;
  absl::Duration timeout = absl::Seconds(10);
  absl::Duration retry_interval = absl::Minutes(1);
};

// Sends webhooks in the order they are given, so many at a time, and again
// with the same bytes when the answer is not 2xx. Does the webhooks' faults.
// Thread-safe.
class WebhookSender : public std::enable_shared_from_this<WebhookSender> {
 public:
  // What is borrowed must stay until Stop, `executor` as long as the sender.
  WebhookSender(HttpClient& client, Executor& executor, FaultPlan& faults,
                const WebhookSenderOptions& options)
      : client_(&client),
        executor_(executor),
        faults_(faults),
        options_(options) {}

  void Send(Webhook webhook);

  // Forgets what waits. What is on its way may still arrive.
  void Clear();
  // As Clear; and from now on nothing is sent.
  void Stop();

  // Writes the totals of one provider as members of the object open in `out`:
  // webhooks_delivered, webhooks_retried, webhooks_given_up, webhooks_lost.
  void WriteTotals(absl::string_view provider, json::Writer& out) const;

 private:
  struct Outgoing {
    std::string provider = {};
    HttpRequest request = {};
    int attempts_left = 1;
  };
  struct Totals {
    int64_t delivered = 0;
    int64_t retried = 0;
    int64_t given_up = 0;
    int64_t lost = 0;
  };

  void Dispatch(Outgoing outgoing, const std::optional<Fault>& fault)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Enqueue(Outgoing outgoing) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EnqueueAfter(absl::Duration delay, Outgoing outgoing)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ReleaseHeld(const std::string& provider)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void SendWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnAnswer(int64_t era, Outgoing outgoing, const HttpOutcome& outcome);

  mutable Mutex mu_;
  // Null once stopped.
  HttpClient* client_ ABSL_GUARDED_BY(mu_);
  Executor& executor_;
  FaultPlan& faults_;
  const WebhookSenderOptions options_;
  // Counts Clears: what was begun in an earlier era is dropped.
  int64_t era_ ABSL_GUARDED_BY(mu_) = 0;
  int in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<Outgoing> waiting_ ABSL_GUARDED_BY(mu_);
  // Kept back until their provider's next one, by provider.
  ByProvider<std::vector<Outgoing>> held_ ABSL_GUARDED_BY(mu_);
  ByProvider<Totals> totals_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_WEBHOOK_SENDER_H_
