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
//
// A row that was taken in part is not touched again until what was taken is
// committed (Settle): the row says how many of its first items are gone, so
// takes must be committed in their order.
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
  // Whether something can be taken now.
  bool available() const { return size_ > 0 && !unsettled_; }
  // When the oldest item was enqueued. REQUIRES: !empty().
  absl::Time oldest() const { return rows_.front().work.enqueue_time; }

  // Takes up to `max_items` items from the front. REQUIRES: available().
  Taken Take(int64_t max_items);
  // What was taken is committed.
  void Settle(const Taken& taken);

  // Takes every row that holds work of the batch out of the lane, whole; not
  // the one that waits for Settle.
  std::vector<OpenWork> ExtractRowsOf(int64_t batch_key);

 private:
  struct Row {
    OpenWork work = {};
    // Items at the front that were taken since.
    int64_t taken = 0;

    int64_t left() const {
      return static_cast<int64_t>(work.items.size()) - taken;
    }
  };

  std::deque<Row> rows_;
  int64_t size_ = 0;
  // The first row was taken in part, and that is not committed yet.
  bool unsettled_ = false;
};

// When a lane should be sent: at once when a request is full, after `linger`
// otherwise; InfiniteFuture when nothing can be taken.
absl::Time LaneReady(const Lane& lane, int64_t max_items,
                     absl::Duration linger);

}  // namespace enrich

#endif  // ENRICH_ENGINE_LANES_H_
