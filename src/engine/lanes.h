#ifndef ENRICH_ENGINE_LANES_H_
#define ENRICH_ENGINE_LANES_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "model/chunk.h"
#include "store/store.h"

namespace enrich {

// The work waiting for one lane, in the order it came: the in-memory image of
// the store's work rows. Not thread-safe.
class Lane {
 public:
  // What was taken off the front, and what that means for the rows.
  struct Taken {
    std::vector<WorkItem> items = {};
    std::vector<WorkConsumption> consumed = {};
  };

  void Add(OpenWork work);

  int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // When the oldest item was enqueued. REQUIRES: !empty().
  absl::Time oldest() const { return rows_.front().enqueue_time; }

  // Takes up to `max_items` items from the front.
  Taken Take(int64_t max_items);
  // Takes every row that holds work of the batch out of the lane, whole.
  std::vector<OpenWork> ExtractRowsOf(int64_t batch_key);

 private:
  std::deque<OpenWork> rows_;
  int64_t size_ = 0;
};

// When a lane should be sent: at once when a request is full, after `linger`
// otherwise; InfiniteFuture when empty.
absl::Time LaneReady(const Lane& lane, int64_t max_items,
                     absl::Duration linger);

}  // namespace enrich

#endif  // ENRICH_ENGINE_LANES_H_
