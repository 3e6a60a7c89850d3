#include "engine/lanes.h"

#include <algorithm>
#include <utility>

namespace enrich {
namespace {

int64_t AdmitAll(absl::Span<const WorkItem> items) {
  return static_cast<int64_t>(items.size());
}

}  // namespace

void Lane::Add(OpenWork work) {
  if (work.items.empty()) return;
  const auto added = static_cast<int64_t>(work.items.size());
  const int64_t batch_key = work.items.front().batch_key;
  size_ += added;
  const auto known = queues_.find(batch_key);
  if (known != queues_.end()) {
    Queue& queue = *known->second;
    queue.rows.push_back({.work = std::move(work)});
    queue.size += added;
    if (!queue.unsettled && !queue.on_hold) ready_ += added;
    return;
  }
  aside_.push_back({.batch_key = batch_key, .size = added});
  aside_.back().rows.push_back({.work = std::move(work)});
  const QueueIt queue = std::prev(aside_.end());
  queues_.emplace(batch_key, queue);
  Place(queue);
}

void Lane::ForEachBatch(
    absl::FunctionRef<void(int64_t batch_key, int64_t size)> visit) const {
  for (const auto& [batch_key, queue] : queues_) visit(batch_key, queue->size);
}

void Lane::LeaveRing(QueueIt queue) {
  fronts_.erase(fronts_.find(queue->rows.front().work.enqueue_time));
  ready_ -= queue->size;
  aside_.splice(aside_.end(), ring_, queue);
}

void Lane::Place(QueueIt queue) {
  if (queue->size == 0) {
    on_hold_ -= queue->on_hold ? 1 : 0;
    queues_.erase(queue->batch_key);
    aside_.erase(queue);
  } else if (!queue->unsettled && !queue->on_hold) {
    fronts_.insert(queue->rows.front().work.enqueue_time);
    ready_ += queue->size;
    ring_.splice(ring_.end(), aside_, queue);
  }
}

std::vector<Lane::Share> Lane::SharesOf(int64_t max_items) {
  std::vector<Share> shares;
  for (auto it = ring_.begin(); it != ring_.end(); ++it) {
    if (static_cast<int64_t>(shares.size()) == max_items) break;
    shares.push_back({.queue = it});
  }
  // Equal shares; what one does not need is shared among the others.
  auto wanting = static_cast<int64_t>(shares.size());
  while (max_items > 0 && wanting > 0) {
    const int64_t each = std::max<int64_t>(max_items / wanting, 1);
    wanting = 0;
    for (Share& share : shares) {
      const int64_t more =
          std::min({each, max_items, share.queue->size - share.items});
      share.items += more;
      max_items -= more;
      if (share.items < share.queue->size) ++wanting;
    }
  }
  return shares;
}

int64_t Lane::Extract(Queue& queue, int64_t max_items, Admit admit,
                      Taken& taken) {
  int64_t extracted = 0;
  while (extracted < max_items && !queue.rows.empty() && !queue.on_hold) {
    Row& row = queue.rows.front();
    const int64_t wanted = std::min(max_items - extracted, row.left());
    const WorkItem* const first = row.work.items.data() + row.taken;
    const int64_t n = admit({first, static_cast<size_t>(wanted)});
    if (n < wanted) {
      queue.on_hold = true;
      ++on_hold_;
    }
    if (n == 0) break;
    taken.items.insert(taken.items.end(), first, first + n);
    row.taken += n;
    extracted += n;
    const bool exhausted = row.left() == 0;
    taken.consumed.push_back({.work_key = row.work.work_key,
                              .consumed = row.work.consumed + row.taken,
                              .exhausted = exhausted});
    if (exhausted) {
      queue.rows.pop_front();
    } else {
      queue.unsettled = true;
      taken.resting.push_back(queue.batch_key);
      break;
    }
  }
  queue.size -= extracted;
  size_ -= extracted;
  return extracted;
}

Lane::Taken Lane::Take(int64_t max_items, Admit admit) {
  Taken taken;
  // Where not all of a share could be taken, the others get more.
  while (max_items > 0 && !ring_.empty()) {
    for (const Share& share : SharesOf(max_items)) {
      LeaveRing(share.queue);
      max_items -= Extract(*share.queue, share.items, admit, taken);
      Place(share.queue);
    }
  }
  return taken;
}

Lane::Taken Lane::Take(int64_t max_items) { return Take(max_items, AdmitAll); }

Lane::Taken Lane::TakeOf(int64_t batch_key, int64_t max_items, Admit admit) {
  Taken taken;
  Resume(batch_key);
  const auto it = queues_.find(batch_key);
  if (it == queues_.end() || it->second->unsettled) return taken;
  LeaveRing(it->second);
  Extract(*it->second, max_items, admit, taken);
  Place(it->second);
  return taken;
}

void Lane::Settle(const Taken& taken) {
  for (const int64_t batch_key : taken.resting) {
    const QueueIt queue = queues_.at(batch_key);
    queue->unsettled = false;
    Place(queue);
  }
}

std::vector<WorkItem> Lane::OnHold() const {
  std::vector<WorkItem> next;
  if (on_hold_ == 0) return next;
  for (const Queue& queue : aside_) {
    if (!queue.on_hold || queue.unsettled) continue;
    const Row& row = queue.rows.front();
    next.push_back(row.work.items[static_cast<size_t>(row.taken)]);
  }
  return next;
}

void Lane::Resume(int64_t batch_key) {
  const auto it = queues_.find(batch_key);
  if (it == queues_.end() || !it->second->on_hold) return;
  it->second->on_hold = false;
  --on_hold_;
  Place(it->second);
}

void Lane::ResumeAll() {
  for (const WorkItem& item : OnHold()) Resume(item.batch_key);
}

std::vector<OpenWork> Lane::ExtractRowsOf(int64_t batch_key) {
  std::vector<OpenWork> extracted;
  const auto it = queues_.find(batch_key);
  if (it == queues_.end()) return extracted;
  const QueueIt queue = it->second;
  if (!queue->unsettled && !queue->on_hold) LeaveRing(queue);
  auto row = queue->rows.begin();
  if (queue->unsettled) ++row;
  while (row != queue->rows.end()) {
    queue->size -= row->left();
    size_ -= row->left();
    row->work.items.erase(row->work.items.begin(),
                          row->work.items.begin() + row->taken);
    row->work.consumed += row->taken;
    extracted.push_back(std::move(row->work));
    row = queue->rows.erase(row);
  }
  Place(queue);
  return extracted;
}

absl::Time LaneReady(const Lane& lane, int64_t max_items,
                     absl::Duration linger) {
  if (lane.ready() == 0) return absl::InfiniteFuture();
  if (lane.ready() >= max_items) return absl::InfinitePast();
  return lane.oldest() + linger;
}

}  // namespace enrich
