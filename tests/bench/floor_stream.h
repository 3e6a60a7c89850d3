#ifndef ENRICH_TESTS_BENCH_FLOOR_STREAM_H_
#define ENRICH_TESTS_BENCH_FLOOR_STREAM_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace enrich::bench {

// Events in the form the stream carries them, shared by all streams.
struct Frames {
  int events = 0;
  std::string bytes = {};
};
using FramesPtr = std::shared_ptr<const Frames>;

class FloorStreams;

// One stream: sends at once when nothing is under way, packs up to 100 events
// into a message otherwise. Deletes itself.
class FloorStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit FloorStream(FloorStreams& owner) : owner_(owner) {}

  // Says that the stream is open; `history` follows.
  void Start(const std::vector<FramesPtr>& history);
  void Push(FramesPtr frames);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Whether there is something to write now.
  bool Compose() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  FloorStreams& owner_;
  Mutex mu_;
  std::deque<FramesPtr> pending_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  grpc::ByteBuffer message_;
};

// All open streams. Thread-safe.
class FloorStreams {
 public:
  // `history` is what a replay consists of.
  explicit FloorStreams(std::vector<FramesPtr> history)
      : history_(std::move(history)) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Open(bool replay);
  void Publish(const FramesPtr& frames);
  void Remove(const FloorStream* stream);

 private:
  const std::vector<FramesPtr> history_;
  Mutex mu_;
  std::vector<FloorStream*> streams_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_FLOOR_STREAM_H_
