#ifndef ENRICH_ENGINE_LANES_H_
#define ENRICH_ENGINE_LANES_H_

#include <cstdint>
#include <list>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "model/chunk.h"
#include "store/store.h"

namespace enrich {

// The work waiting for one lane: the in-memory image of the store's work rows,
// each of which is of one batch. Not thread-safe.
//
// Within a batch it goes in the order it came; the batches take turns, and each
// gets the same share of a request: one of a single contact does not stand
// behind one of a hundred thousand, and requests are filled from all of them.
//
// A row that was taken in part is not touched again until what was taken is
// committed (Settle): the row says how many of its first items are gone, so
// takes must be committed in their order. Its batch rests so long.
class Lane {
 public:
  // What was taken, and what that means for the rows.
  struct Taken {
    std::vector<WorkItem> items = {};
    std::vector<WorkConsumption> consumed = {};
    // Batches that rest until this is settled.
    std::vector<int64_t> resting = {};
  };
  // How many of the first of these, all of one batch, may be taken. When it is
  // not all of them, the batch is put on hold until Resume.
  using Admit = absl::FunctionRef<int64_t(absl::Span<const WorkItem>)>;

  Lane() = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void Add(OpenWork work);

  int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // What can be taken now: of batches that neither rest nor are on hold.
  int64_t ready() const { return ready_; }
  // When the oldest row of those was enqueued. REQUIRES: ready() > 0.
  absl::Time oldest() const { return *fronts_.begin(); }

  // Every batch, with how much of it waits.
  void ForEachBatch(
      absl::FunctionRef<void(int64_t batch_key, int64_t size)> visit) const;

  // Takes up to `max_items`.
  Taken Take(int64_t max_items, Admit admit);
  Taken Take(int64_t max_items);
  // Likewise, of one batch, on hold or not; nothing while it rests.
  Taken TakeOf(int64_t batch_key, int64_t max_items, Admit admit);
  // What was taken is committed.
  void Settle(const Taken& taken);

  // The batches on hold that do not rest, each with its next item.
  std::vector<WorkItem> OnHold() const;
  void Resume(int64_t batch_key);
  void ResumeAll();

  // Takes every row of the batch out of the lane, whole; not the one that waits
  // for Settle.
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
  struct Queue {
    int64_t batch_key = 0;
    std::list<Row> rows = {};
    int64_t size = 0;
    // Its first row was taken in part, and that is not committed yet.
    bool unsettled = false;
    bool on_hold = false;
  };
  using QueueIt = std::list<Queue>::iterator;
  struct Share {
    QueueIt queue = {};
    int64_t items = 0;
  };

  // Of the batches whose turn it is, in their order.
  std::vector<Share> SharesOf(int64_t max_items);
  // Returns how many were taken. REQUIRES: the queue is not in the ring.
  int64_t Extract(Queue& queue, int64_t max_items, Admit admit, Taken& taken);
  void LeaveRing(QueueIt queue);
  // Puts a queue where it belongs: at the end of the ring, aside, or away.
  void Place(QueueIt queue);

  // Of which something can be taken, the next one first.
  std::list<Queue> ring_;
  std::list<Queue> aside_;
  absl::flat_hash_map<int64_t, QueueIt> queues_;
  // When the first row of each queue in the ring was enqueued.
  absl::btree_multiset<absl::Time> fronts_;
  int64_t size_ = 0;
  int64_t ready_ = 0;
  int64_t on_hold_ = 0;
};

// When a lane should be sent: at once when a request is full, after `linger`
// otherwise; InfiniteFuture when nothing can be taken.
absl::Time LaneReady(const Lane& lane, int64_t max_items,
                     absl::Duration linger);

}  // namespace enrich

#endif  // ENRICH_ENGINE_LANES_H_
