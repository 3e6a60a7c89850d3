#include "engine/lanes.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"

namespace enrich {

void Lane::Add(OpenWork work) {
  size_ += static_cast<int64_t>(work.items.size());
  if (!work.items.empty()) rows_.push_back(std::move(work));
}

Lane::Taken Lane::Take(int64_t max_items) {
  Taken taken;
  while (max_items > 0 && !rows_.empty()) {
    OpenWork& row = rows_.front();
    const auto n = std::min<int64_t>(max_items,
                                     static_cast<int64_t>(row.items.size()));
    const bool exhausted = n == static_cast<int64_t>(row.items.size());
    OpenWork origin = {.work_key = row.work_key,
                       .lane = row.lane,
                       .items = {row.items.begin(), row.items.begin() + n},
                       .consumed = row.consumed,
                       .enqueue_time = row.enqueue_time};
    taken.items.insert(taken.items.end(), origin.items.begin(),
                       origin.items.end());
    taken.consumed.push_back({.work_key = row.work_key,
                              .consumed = row.consumed + n,
                              .exhausted = exhausted});
    taken.origin.push_back(std::move(origin));
    if (exhausted) {
      rows_.pop_front();
    } else {
      row.items.erase(row.items.begin(), row.items.begin() + n);
      row.consumed += n;
    }
    size_ -= n;
    max_items -= n;
  }
  return taken;
}

void Lane::Return(Taken taken) {
  for (auto it = taken.origin.rbegin(); it != taken.origin.rend(); ++it) {
    size_ += static_cast<int64_t>(it->items.size());
    if (!rows_.empty() && rows_.front().work_key == it->work_key) {
      OpenWork& row = rows_.front();
      row.items.insert(row.items.begin(), it->items.begin(), it->items.end());
      row.consumed = it->consumed;
    } else {
      rows_.push_front(std::move(*it));
    }
  }
}

std::vector<OpenWork> Lane::ExtractRowsOf(int64_t batch_key) {
  std::vector<OpenWork> extracted;
  std::deque<OpenWork> kept;
  for (OpenWork& row : rows_) {
    const bool concerned = absl::c_any_of(row.items, [&](const WorkItem& item) {
      return item.batch_key == batch_key;
    });
    if (concerned) {
      size_ -= static_cast<int64_t>(row.items.size());
      extracted.push_back(std::move(row));
    } else {
      kept.push_back(std::move(row));
    }
  }
  rows_ = std::move(kept);
  return extracted;
}

absl::Time LaneReady(const Lane& lane, int64_t max_items,
                     absl::Duration linger) {
  if (lane.empty()) return absl::InfiniteFuture();
  if (lane.size() >= max_items) return absl::InfinitePast();
  return lane.oldest() + linger;
}

}  // namespace enrich
