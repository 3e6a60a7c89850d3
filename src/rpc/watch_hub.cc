#include "rpc/watch_hub.h"

#include <utility>
#include <vector>

#include "model/errors.h"
#include "rpc/status.h"
#include "rpc/watch_stream.h"

namespace enrich {
namespace {

// Lives until its call is done with it.
class RefusedStream final : public WatchHub::Reactor {
 public:
  explicit RefusedStream(const absl::Status& status) : self_(this) {
    Finish(ToGrpcStatus(status));
  }
  void OnDone() override { self_.reset(); }

 private:
  std::unique_ptr<RefusedStream> self_;
};

absl::Status CheckPosition(const v1::WatchResultsRequest& request) {
  if (request.position_case() != v1::WatchResultsRequest::POSITION_NOT_SET) {
    return absl::OkStatus();
  }
  return error::InvalidRequest(
      {{"position",
        "one of from_oldest, from_now and resume_token is required"}});
}

}  // namespace

WatchHub::WatchHub(WatchOptions options, WatchSources sources)
    : options_(options), sources_(sources) {}

WatchHub::Reactor* WatchHub::Refuse(const absl::Status& status) {
  return new RefusedStream(status);
}

WatchHub::Reactor* WatchHub::Watch(grpc::CallbackServerContext* context,
                                   std::string tenant,
                                   const v1::WatchResultsRequest& request) {
  if (absl::Status status = CheckPosition(request); !status.ok()) {
    return Refuse(status);
  }
  auto stream = std::make_shared<WatchStream>(shared_from_this(), context,
                                              std::move(tenant), request);
  if (absl::Status status = Add(stream); !status.ok()) return Refuse(status);
  stream->Start();
  return stream.get();
}

void WatchHub::Drain(absl::string_view reason) {
  {
    MutexLock lock(&mu_);
    draining_ = true;
  }
  for (const auto& stream : LiveStreams()) stream->HandOver(reason);
}

int64_t WatchHub::Sweeps(absl::Duration duration) const {
  return absl::ToInt64Nanoseconds(duration + options_.sweep -
                                  absl::Nanoseconds(1)) /
         absl::ToInt64Nanoseconds(options_.sweep);
}

absl::Status WatchHub::Add(const std::shared_ptr<WatchStream>& stream) {
  bool schedule = false;
  {
    MutexLock lock(&mu_);
    if (draining_) return error::ShuttingDown();
    int64_t& count = streams_of_tenant_[stream->tenant()];
    if (count >= options_.max_streams_per_tenant) {
      return error::TooManyStreams(options_.max_streams_per_tenant);
    }
    ++count;
    streams_.emplace(stream.get(), stream);
    schedule = !std::exchange(sweeping_, true);
  }
  if (schedule) ScheduleSweep();
  return absl::OkStatus();
}

void WatchHub::Remove(const WatchStream& stream) {
  MutexLock lock(&mu_);
  streams_.erase(&stream);
  const auto count = streams_of_tenant_.find(stream.tenant());
  if (--count->second == 0) streams_of_tenant_.erase(count);
}

void WatchHub::ScheduleSweep() {
  sources_.executor.PostAfter(options_.sweep, [weak = weak_from_this()] {
    if (const auto hub = weak.lock()) hub->Sweep();
  });
}

void WatchHub::Sweep() {
  const int64_t now = sweeps_.fetch_add(1, std::memory_order_relaxed) + 1;
  for (const auto& stream : LiveStreams()) stream->OnSweep(now);
  {
    MutexLock lock(&mu_);
    sweeping_ = !streams_.empty();
    if (!sweeping_) return;
  }
  ScheduleSweep();
}

std::vector<std::shared_ptr<WatchStream>> WatchHub::LiveStreams() const {
  std::vector<std::shared_ptr<WatchStream>> streams;
  MutexLock lock(&mu_);
  streams.reserve(streams_.size());
  for (const auto& [pointer, weak] : streams_) {
    if (auto stream = weak.lock()) streams.push_back(std::move(stream));
  }
  return streams;
}

}  // namespace enrich
