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
    const auto n =
        std::min<int64_t>(max_items, static_cast<int64_t>(row.items.size()));
    const bool exhausted = n == static_cast<int64_t>(row.items.size());
    taken.items.insert(taken.items.end(), row.items.begin(),
                       row.items.begin() + n);
    taken.consumed.push_back({.work_key = row.work_key,
                              .consumed = row.consumed + n,
                              .exhausted = exhausted});
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
