#include "rpc/watch_stream.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "grpc/grpc.h"
#include "model/errors.h"
#include "rpc/message.h"
#include "rpc/status.h"
#include "rpc/to_proto.h"

namespace enrich {
namespace {

constexpr PackLimits kLiveLimits = {.events = 100, .bytes = 64 * 1024};
// A replay has the time to fill larger messages.
constexpr PackLimits kReplayLimits = {.events = 1000, .bytes = 256 * 1024};

// A fraction of one tenth around the limit.
absl::Duration Jittered(absl::Duration max_age, Random& random) {
  return max_age * (0.9 + 0.2 * random.Uniform());
}

}  // namespace

WatchStream::WatchStream(std::shared_ptr<WatchHub> hub,
                         grpc::CallbackServerContext* context,
                         std::string tenant, v1::WatchResultsRequest request)
    : hub_(std::move(hub)),
      context_(context),
      tenant_(std::move(tenant)),
      request_(std::move(request)),
      tokens_(TokenKind::kResume, hub_->sources().store.store_id(), tenant_),
      start_(hub_->now()),
      max_age_(hub_->Sweeps(
          Jittered(hub_->options().max_age, hub_->sources().random))),
      last_write_(start_) {}

void WatchStream::Start() {
  self_ = shared_from_this();
  hub_->sources().pool.Post([self = self_] { self->Open(); });
}

void WatchStream::HandOver(absl::string_view reason) {
  {
    MutexLock lock(&mu_);
    if (!handover_) handover_ = std::string(reason);
  }
  Pump();
}

void WatchStream::OnSweep(int64_t now) {
  const WatchOptions& options = hub_->options();
  std::optional<absl::Status> abort;
  bool read_progress = false;
  {
    MutexLock lock(&mu_);
    if (finished_ || cancelled_ || aborting_) return;
    if (now - start_ >= max_age_ && !handover_) {
      handover_ = "the stream has reached its age limit";
    }
    const int64_t silent = now - last_write_;
    if (writing_) {
      if (silent < hub_->Sweeps(options.write_stall)) return;
      aborting_ = true;
      abort = error::SlowReader(options.write_stall);
      end_ = abort;
    } else if (reader_ != nullptr && !heartbeat_asked_ &&
               silent >= hub_->Sweeps(options.heartbeat)) {
      heartbeat_asked_ = true;
      read_progress = batch_key_.has_value();
      if (!read_progress) heartbeat_.emplace();
    }
  }
  if (abort) return Abort(*abort);
  if (read_progress) {
    hub_->sources().pool.Post(
        [self = shared_from_this()] { self->ReadProgress(); });
  }
  Pump();
}

void WatchStream::OnWriteDone(bool ok) {
  {
    MutexLock lock(&mu_);
    writing_ = false;
    message_.Clear();
    cancelled_ |= !ok;
  }
  Pump();
}

void WatchStream::OnCancel() {
  {
    MutexLock lock(&mu_);
    cancelled_ = true;
  }
  Pump();
}

void WatchStream::OnDone() {
  hub_->Remove(*this);
  self_.reset();
}

void WatchStream::Open() {
  if (absl::Status status = OpenReader(); !status.ok()) {
    MutexLock lock(&mu_);
    end_ = std::move(status);
  }
  Pump();
}

absl::Status WatchStream::OpenReader() {
  const WatchSources& sources = hub_->sources();
  bool batch_ended = false;
  if (!request_.batch_id().empty()) {
    // Before the log is read: what ends afterwards is seen there.
    ASSIGN_OR_RETURN(const Batch batch,
                     sources.store.ReadBatch(tenant_, request_.batch_id()));
    batch_key_ = batch.key;
    batch_ended = batch.finish_time.has_value();
  }
  ASSIGN_OR_RETURN(const int64_t revision, FindPosition());
  auto reader = sources.feed.Open(
      {.tenant = tenant_, .batch_key = batch_key_}, revision,
      hub_->options().max_buffer_bytes, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self == nullptr) return;
        // Not here: the store's thread has commits to make.
        self->hub_->sources().executor.Post([self] { self->Pump(); });
      });
  MutexLock lock(&mu_);
  reader_ = std::move(reader);
  queue_.emplace(revision, batch_key_.has_value());
  batch_ended_ = batch_ended;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> WatchStream::FindPosition() {
  Store& store = hub_->sources().store;
  if (request_.has_from_oldest()) {
    ASSIGN_OR_RETURN(accepted_loss_, store.CompactedRevision(tenant_));
    return 0;
  }
  if (request_.has_from_now()) return store.LastRevision(tenant_);
  ASSIGN_OR_RETURN(const int64_t revision,
                   tokens_.Decode(request_.resume_token()));
  ASSIGN_OR_RETURN(const int64_t last, store.LastRevision(tenant_));
  if (revision > last) {
    return error::InvalidResumeToken(
        "it is ahead of the log, which may have been restored from a copy");
  }
  return revision;
}

void WatchStream::ReadLog() {
  int64_t cursor = 0;
  {
    MutexLock lock(&mu_);
    cursor = reader_->cursor();
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> segments = ReadSegments(cursor);
  {
    MutexLock lock(&mu_);
    reading_ = false;
    if (segments.ok()) {
      for (LogSegmentPtr& segment : *segments) {
        cursor = std::max(cursor, segment->last_revision);
        queue_->Push(std::move(segment));
      }
      behind_ = !reader_->Advance(cursor);
    } else if (!end_) {
      end_ = std::move(segments).status();
    }
  }
  Pump();
}

absl::StatusOr<std::vector<LogSegmentPtr>> WatchStream::ReadSegments(
    int64_t revision) {
  ASSIGN_OR_RETURN(std::vector<LogSegmentPtr> segments,
                   hub_->sources().store.ReadLog(tenant_, batch_key_, revision,
                                                 kReplayLimits.bytes));
  // After the read: what was deleted before it is missing from it.
  RETURN_IF_ERROR(CheckStillKept(revision));
  return segments;
}

absl::Status WatchStream::CheckStillKept(int64_t revision) {
  Store& store = hub_->sources().store;
  ASSIGN_OR_RETURN(const int64_t compacted, store.CompactedRevision(tenant_));
  if (batch_key_) {
    // A batch is deleted whole: while it is there, so are its events.
    absl::Status status =
        store.ReadBatch(tenant_, request_.batch_id()).status();
    if (!absl::IsNotFound(status)) return status;
  } else if (compacted <= std::max(revision, accepted_loss_)) {
    return absl::OkStatus();
  }
  return error::HistoryGone(tokens_.Encode(compacted));
}

void WatchStream::ReadProgress() {
  const WatchSources& sources = hub_->sources();
  v1::WatchResultsResponse::Heartbeat heartbeat;
  const absl::StatusOr<Batch> batch =
      sources.store.ReadBatch(tenant_, request_.batch_id());
  // Without its progress it is still a sign of life.
  if (batch.ok()) {
    ToProto(*batch, sources.engine.TimeLeft(*batch),
            *heartbeat.mutable_progress());
  }
  {
    MutexLock lock(&mu_);
    heartbeat_ = std::move(heartbeat);
  }
  Pump();
}

void WatchStream::Pump() {
  Step step;
  const grpc::ByteBuffer* message = nullptr;
  {
    MutexLock lock(&mu_);
    step = NextStep();
    message = &message_;
  }
  if (step.read) {
    hub_->sources().pool.Post([self = shared_from_this()] { self->ReadLog(); });
  }
  if (step.write) StartWrite(message);
  // Last: once finished, the call may be gone.
  if (step.finish) Finish(*step.finish);
}

WatchStream::Step WatchStream::NextStep() {
  Step step;
  if (finished_ || aborting_) return step;
  if (!writing_ && !cancelled_ && !end_ && reader_ != nullptr) {
    step.write = Compose();
    writing_ = step.write;
  }
  if (!writing_ && (cancelled_ || end_)) {
    finished_ = true;
    step.finish = end_ ? ToGrpcStatus(*end_) : grpc::Status::CANCELLED;
    return step;
  }
  if (reader_ != nullptr && behind_ && queue_->empty() && !reading_ && !end_) {
    reading_ = true;
    step.read = true;
  }
  return step;
}

bool WatchStream::Compose() {
  v1::WatchResultsResponse head;
  std::vector<grpc::Slice> slices;
  if (!handover_) {
    TakeFromFeed();
    const absl::Status status =
        queue_->Pack(behind_ ? kReplayLimits : kLiveLimits, &slices);
    if (!status.ok()) {
      end_ = status;
      return false;
    }
  }
  const bool has_signal = SetSignal(!slices.empty(), head);
  if (slices.empty() && !has_signal) {
    if (BatchEnded() && !behind_) end_ = absl::OkStatus();
    return false;
  }
  head.set_resume_token(tokens_.Encode(queue_->revision()));
  slices.emplace_back(head.SerializeAsString());
  message_ = grpc::ByteBuffer(slices.data(), slices.size());
  last_write_ = hub_->now();
  heartbeat_.reset();
  heartbeat_asked_ = false;
  return true;
}

void WatchStream::TakeFromFeed() {
  // The mark stands before the first event that came by the feed.
  const bool past_history = live_marked_ || BatchEnded();
  if (behind_ || !past_history || !queue_->empty()) return;
  for (LogSegmentPtr& segment : reader_->Take(kLiveLimits.bytes, &behind_)) {
    queue_->Push(std::move(segment));
  }
}

bool WatchStream::SetSignal(bool has_events, v1::WatchResultsResponse& head) {
  if (handover_) {
    head.mutable_handover()->set_reason(*handover_);
    end_ = absl::OkStatus();
    return true;
  }
  const bool history_ended = !behind_ && queue_->empty();
  if (history_ended && !live_marked_ && !BatchEnded()) {
    live_marked_ = true;
    head.mutable_live();
    return true;
  }
  if (has_events || !heartbeat_) return false;
  *head.mutable_heartbeat() = *std::move(heartbeat_);
  return true;
}

bool WatchStream::BatchEnded() const {
  return batch_ended_ || queue_->saw_end();
}

void WatchStream::Abort(const absl::Status& status) {
  // Trailers of an ordinary Finish would wait behind the data that the reader
  // does not take.
  grpc_call_cancel_with_status(context_->c_call(), GRPC_STATUS_ABORTED,
                               std::string(status.message()).c_str(), nullptr);
  {
    MutexLock lock(&mu_);
    aborting_ = false;
  }
  Pump();
}

}  // namespace enrich
