#ifndef ENRICH_CLI_BATCH_TASK_H_
#define ENRICH_CLI_BATCH_TASK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "cli/gateway_session.h"
#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::cli {

// What happened to a batch since it was last asked.
struct BatchUpdate {
  struct Arrival {
    v1::ContactResult result = {};
    // Replaces an earlier result of the same contact.
    bool correction = false;
  };

  // Empty until it is accepted.
  std::string batch_id = {};
  std::vector<Arrival> arrivals = {};
  // After the arrivals.
  StreamPosition position = {};
  std::optional<absl::Duration> time_left = {};
  // Once it has ended: thousandths that were not charged, by provider.
  std::map<std::string, int64_t> saved_millicredits = {};
  // Why the gateway is waited for; empty when it answers.
  std::string waiting = {};
  // Nothing more comes; `status` says why.
  bool done = false;
  absl::Status status = absl::OkStatus();
};

// A batch on its way: a thread submits it and follows it to its end. A batch
// that the gateway refuses because none of its contacts is valid ends well,
// with results that say so.
class BatchTask final : private SessionObserver {
 public:
  // Starts. `notify` is called on the thread after every change; it and
  // `session` must outlive the task.
  BatchTask(v1::EnrichBatchRequest request, StreamPosition start,
            const GatewaySession& session, std::function<void()> notify);

  // Ends the calls at once and waits for the thread. The gateway goes on.
  ~BatchTask() override = default;

  // Ends the calls and waits for the thread. To end many, request it of all
  // first.
  void RequestStop() { thread_.request_stop(); }
  void Join() { thread_.join(); }

  // Takes the news. Arrivals are given once.
  BatchUpdate Take() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run(std::stop_token stop);
  absl::Status SubmitAndWatch(std::stop_token stop);
  void MoveArrivals() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnEvent(const v1::ResultEvent& event) override;
  void OnPosition(const StreamPosition& position) override;
  void OnProgress(const v1::BatchProgress& progress) override;
  void OnRetry(const absl::Status& why, absl::Duration delay) override;

  const v1::EnrichBatchRequest request_;
  const StreamPosition start_;
  const GatewaySession& session_;
  const std::function<void()> notify_;
  // Events whose message is not complete; the thread's own.
  std::vector<BatchUpdate::Arrival> pending_;
  Mutex mu_;
  BatchUpdate update_ ABSL_GUARDED_BY(mu_);
  // Last: it uses all of the above.
  std::jthread thread_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_BATCH_TASK_H_
