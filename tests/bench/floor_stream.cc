#include "bench/floor_stream.h"

#include <algorithm>
#include <utility>

#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::bench {
namespace {

constexpr int kMaxEvents = 100;

// The bytes of `frames`, kept until the slice is gone.
grpc::Slice Share(const FramesPtr& frames) {
  return grpc::Slice(
      const_cast<char*>(frames->bytes.data()), frames->bytes.size(),
      [](void* kept) { delete static_cast<FramesPtr*>(kept); },
      new FramesPtr(frames));
}

}  // namespace

void FloorStream::Start(const std::vector<FramesPtr>& history) {
  v1::WatchResultsResponse live;
  live.mutable_live();
  const grpc::Slice slice(live.SerializeAsString());
  {
    MutexLock lock(&mu_);
    writing_ = true;
    pending_.assign(history.begin(), history.end());
    message_ = grpc::ByteBuffer(&slice, 1);
  }
  StartWrite(&message_);
}

void FloorStream::Push(FramesPtr frames) {
  {
    MutexLock lock(&mu_);
    pending_.push_back(std::move(frames));
    if (!Compose()) return;
  }
  StartWrite(&message_);
}

void FloorStream::OnWriteDone(bool) {
  {
    MutexLock lock(&mu_);
    writing_ = false;
    if (!Compose()) return;
  }
  StartWrite(&message_);
}

void FloorStream::OnCancel() {
  {
    MutexLock lock(&mu_);
    ended_ = true;
  }
  Finish(grpc::Status::CANCELLED);
}

void FloorStream::OnDone() {
  owner_.Remove(this);
  delete this;
}

bool FloorStream::Compose() {
  if (writing_ || ended_ || pending_.empty()) return false;
  std::vector<grpc::Slice> slices;
  int events = 0;
  while (!pending_.empty() && events < kMaxEvents) {
    events += pending_.front()->events;
    slices.push_back(Share(pending_.front()));
    pending_.pop_front();
  }
  message_ = grpc::ByteBuffer(slices.data(), slices.size());
  writing_ = true;
  return true;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FloorStreams::Open(bool replay) {
  auto* stream = new FloorStream(*this);
  // Before it is published to.
  stream->Start(replay ? history_ : std::vector<FramesPtr>{});
  MutexLock lock(&mu_);
  streams_.push_back(stream);
  return stream;
}

void FloorStreams::Publish(const FramesPtr& frames) {
  MutexLock lock(&mu_);
  for (FloorStream* stream : streams_) stream->Push(frames);
}

void FloorStreams::Remove(const FloorStream* stream) {
  MutexLock lock(&mu_);
  streams_.erase(std::remove(streams_.begin(), streams_.end(), stream),
                 streams_.end());
}

}  // namespace enrich::bench
