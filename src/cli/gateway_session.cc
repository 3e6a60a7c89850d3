#include "cli/gateway_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/rich_error.h"

namespace enrich::cli {
namespace {

// The events of one batch over several streams, each given on once.
class EventCursor {
 public:
  EventCursor(StreamPosition position, SessionObserver& observer)
      : position_(std::move(position)),
        sequence_known_(position_.resume_token.empty() ||
                        position_.sequence > 0),
        observer_(observer) {}

  absl::Status Take(const v1::WatchResultsResponse& message) {
    for (const v1::ResultEvent& event : message.events()) {
      if (sequence_known_ && event.sequence() <= position_.sequence) continue;
      if (sequence_known_ && event.sequence() > position_.sequence + 1) {
        return absl::DataLossError(absl::StrCat(
            "events ", position_.sequence + 1, " to ", event.sequence() - 1,
            " of batch ", event.batch_id(), " are missing from the stream"));
      }
      position_.sequence = event.sequence();
      sequence_known_ = true;
      finished_ = finished_ || event.has_batch_finished();
      observer_.OnEvent(event);
    }
    if (!message.resume_token().empty()) {
      position_.resume_token = message.resume_token();
    }
    observer_.OnPosition(position_);
    if (message.heartbeat().has_progress()) {
      observer_.OnProgress(message.heartbeat().progress());
    }
    return absl::OkStatus();
  }

  bool finished() const { return finished_; }
  const StreamPosition& position() const { return position_; }

 private:
  StreamPosition position_;
  bool sequence_known_;
  bool finished_ = false;
  SessionObserver& observer_;
};

v1::WatchResultsRequest RequestFrom(const std::string& batch_id,
                                    const StreamPosition& position) {
  v1::WatchResultsRequest request;
  request.set_batch_id(batch_id);
  if (position.resume_token.empty()) {
    request.mutable_from_oldest();
  } else {
    request.set_resume_token(position.resume_token);
  }
  return request;
}

absl::Status Stopped() { return absl::CancelledError("interrupted"); }

}  // namespace

absl::Status GatewaySession::WaitToRetry(const absl::Status& why,
                                         Backoff& backoff, std::stop_token stop,
                                         SessionObserver& observer) const {
  if (stop.stop_requested()) return Stopped();
  const RichError error = RichErrorOf(why);
  if (!error.reason.empty()) patience_.Answered();
  if (!IsTransient(why) || patience_.Exhausted()) return why;
  absl::Duration delay = backoff.Next(random_);
  if (error.retry_delay.has_value()) {
    delay = std::max(delay, std::min(*error.retry_delay, policy_.max_wait));
  }
  observer.OnRetry(why, delay);
  return WaitUnlessStopped(delay, std::move(stop)) ? absl::OkStatus()
                                                   : Stopped();
}

absl::StatusOr<v1::EnrichBatchResponse> GatewaySession::Submit(
    const v1::EnrichBatchRequest& request, std::stop_token stop,
    SessionObserver& observer) const {
  Backoff backoff(policy_);
  while (true) {
    auto response = client_.EnrichBatch(request, stop);
    if (response.ok()) {
      patience_.SignOfLife();
      return response;
    }
    RETURN_IF_ERROR(WaitToRetry(response.status(), backoff, stop, observer));
  }
}

absl::Status GatewaySession::Watch(const std::string& batch_id,
                                   StreamPosition position,
                                   std::stop_token stop,
                                   SessionObserver& observer) const {
  Backoff backoff(policy_);
  EventCursor cursor(std::move(position), observer);
  while (true) {
    bool handover = false;
    absl::Status status =
        client_.WatchResults(RequestFrom(batch_id, cursor.position()), stop,
                             [&](const v1::WatchResultsResponse& message) {
                               patience_.SignOfLife();
                               backoff.Reset();
                               handover = message.has_handover();
                               return cursor.Take(message);
                             });
    if (cursor.finished()) return absl::OkStatus();
    if (stop.stop_requested()) return Stopped();
    if (status.ok() && handover) continue;
    if (status.ok()) {
      status = FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE,
                                     "the stream ended early"));
    }
    RETURN_IF_ERROR(WaitToRetry(status, backoff, stop, observer));
  }
}

}  // namespace enrich::cli
