#ifndef ENRICH_RPC_EVENT_QUEUE_H_
#define ENRICH_RPC_EVENT_QUEUE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/slice.h"
#include "store/store.h"

namespace enrich {

// How much goes into one message. One event always fits.
struct PackLimits {
  int64_t events = 100;
  size_t bytes = 64 * 1024;
};

// Cuts log segments into runs of events to send, without gap or repeat. Large
// runs are sent from the segment's own memory, which lives until they are gone.
// Not thread-safe.
class EventQueue {
 public:
  // Events up to `revision` are skipped. With `watch_for_end`, looks into each
  // event for the end of a batch.
  EventQueue(int64_t revision, bool watch_for_end)
      : revision_(revision), watch_for_end_(watch_for_end) {}

  // In the order of revisions.
  void Push(LogSegmentPtr segment);

  bool empty() const { return segments_.empty(); }

  // Moves the next events into `out`, in the form of `repeated ResultEvent
  // events = 1`. Nothing when all were to be skipped. DATA_LOSS when a segment
  // cannot be read.
  absl::Status Pack(PackLimits limits, std::vector<grpc::Slice>* out);

  // Of the last event packed.
  int64_t revision() const { return revision_; }

  // Whether the end of a batch was packed.
  bool saw_end() const { return saw_end_; }

 private:
  class Packer;

  // Takes all of the first segment, if that needs no look into it.
  bool TakeWhole(Packer& packer);
  // Takes events of the first segment while there is room.
  absl::Status TakeFrames(Packer& packer);

  std::deque<LogSegmentPtr> segments_;
  // What is left of the first segment; empty without one.
  absl::string_view rest_;
  int64_t revision_;
  const bool watch_for_end_;
  bool saw_end_ = false;
};

// Whether `message`, a serialised ResultEvent, says that a batch has ended.
bool IsBatchFinished(absl::string_view message);

}  // namespace enrich

#endif  // ENRICH_RPC_EVENT_QUEUE_H_
