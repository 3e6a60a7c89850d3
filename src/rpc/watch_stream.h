#ifndef ENRICH_RPC_WATCH_STREAM_H_
#define ENRICH_RPC_WATCH_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "engine/result_feed.h"
#include "enrich/v1/enrichment_service.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"
#include "rpc/event_queue.h"
#include "rpc/tokens.h"
#include "rpc/watch_hub.h"

namespace enrich {

// One call of WatchResults. Replays the log, then lives on the feed. At most
// one write and one read of the store are under way; while a write is, what the
// feed brings stays in the feed's bounded buffer. Keeps itself alive until the
// call is over. Thread-safe; no gRPC call is made under the lock.
class WatchStream final : public WatchHub::Reactor,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  // REQUIRES: `request` has a position. `context` lives as long as the call.
  WatchStream(std::shared_ptr<WatchHub> hub,
              grpc::CallbackServerContext* context, std::string tenant,
              v1::WatchResultsRequest request);

  // Called once, after the stream was added to the hub.
  void Start();

  // Ends the stream with a `handover` message, after the write under way.
  void HandOver(absl::string_view reason) ABSL_LOCKS_EXCLUDED(mu_);

  // Looks at what is due: a heartbeat, the end of patience, old age.
  void OnSweep(int64_t now) ABSL_LOCKS_EXCLUDED(mu_);

  const std::string& tenant() const { return tenant_; }

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // What to do once the lock is released.
  struct Step {
    bool write = false;
    bool read = false;
    std::optional<grpc::Status> finish = {};
  };

  // On the pool: finds the position and joins the feed.
  void Open();
  absl::Status OpenReader() ABSL_LOCKS_EXCLUDED(mu_);
  // The revision to begin after.
  absl::StatusOr<int64_t> FindPosition();
  // On the pool: reads more of the log.
  void ReadLog();
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadSegments(int64_t revision);
  // Whether the log after `revision` is still complete.
  absl::Status CheckStillKept(int64_t revision);
  // On the pool: prepares a heartbeat of a batch-scoped stream.
  void ReadProgress();

  // Does what can be done now.
  void Pump() ABSL_LOCKS_EXCLUDED(mu_);
  Step NextStep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Puts the next message into `message_`; returns whether there is one. May
  // set `end_` instead.
  bool Compose() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Fills the queue from the feed, if that is where the stream stands.
  void TakeFromFeed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Chooses the signal of a message; returns whether there is one.
  bool SetSignal(bool has_events, v1::WatchResultsResponse& head)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool BatchEnded() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Ends a call whose reader takes nothing.
  void Abort(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mu_);

  const std::shared_ptr<WatchHub> hub_;
  grpc::CallbackServerContext* const context_;
  const std::string tenant_;
  const v1::WatchResultsRequest request_;
  const TokenCodec tokens_;
  const int64_t start_;
  const int64_t max_age_;
  // Set by Open, before the reader.
  std::optional<int64_t> batch_key_;
  // What retention had deleted when a stream from the oldest event began.
  int64_t accepted_loss_ = 0;
  std::shared_ptr<WatchStream> self_;

  Mutex mu_;
  // Null until the stream is open.
  std::unique_ptr<ResultFeed::Reader> reader_ ABSL_GUARDED_BY(mu_);
  std::optional<EventQueue> queue_ ABSL_GUARDED_BY(mu_);
  grpc::ByteBuffer message_ ABSL_GUARDED_BY(mu_);
  // Whether the log must be read before the feed is of use.
  bool behind_ ABSL_GUARDED_BY(mu_) = true;
  // Whether the batch had ended before the log was read.
  bool batch_ended_ ABSL_GUARDED_BY(mu_) = false;
  bool live_marked_ ABSL_GUARDED_BY(mu_) = false;
  bool heartbeat_asked_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<v1::WatchResultsResponse::Heartbeat> heartbeat_
      ABSL_GUARDED_BY(mu_);
  std::optional<std::string> handover_ ABSL_GUARDED_BY(mu_);
  // How the call ends, once no write is under way.
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  int64_t last_write_ ABSL_GUARDED_BY(mu_);
  // While set, the call is not finished: its context is in use.
  bool aborting_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace enrich

#endif  // ENRICH_RPC_WATCH_STREAM_H_
