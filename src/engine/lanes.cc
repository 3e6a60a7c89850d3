#include "engine/lanes.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"

namespace enrich {

void Lane::Add(OpenWork work) {
  size_ += static_cast<int64_t>(work.items.size());
  if (!work.items.empty()) rows_.push_back({.work = std::move(work)});
}

Lane::Taken Lane::Take(int64_t max_items) {
  Taken taken;
  while (max_items > 0 && !rows_.empty()) {
    Row& row = rows_.front();
    const int64_t n = std::min(max_items, row.left());
    const bool exhausted = n == row.left();
    const auto first = row.work.items.begin() + row.taken;
    taken.items.insert(taken.items.end(), first, first + n);
    row.taken += n;
    taken.consumed.push_back({.work_key = row.work.work_key,
                              .consumed = row.work.consumed + row.taken,
                              .exhausted = exhausted});
    if (exhausted) rows_.pop_front();
    unsettled_ = !exhausted;
    size_ -= n;
    max_items -= n;
  }
  return taken;
}

void Lane::Settle(const Taken& taken) {
  if (!taken.consumed.empty() && !taken.consumed.back().exhausted) {
    unsettled_ = false;
  }
}

std::vector<OpenWork> Lane::ExtractRowsOf(int64_t batch_key) {
  std::vector<OpenWork> extracted;
  std::deque<Row> kept;
  for (Row& row : rows_) {
    const bool held = unsettled_ && &row == &rows_.front();
    const bool concerned = absl::c_any_of(
        row.work.items,
        [&](const WorkItem& item) { return item.batch_key == batch_key; });
    if (held || !concerned) {
      kept.push_back(std::move(row));
      continue;
    }
    size_ -= row.left();
    row.work.items.erase(row.work.items.begin(),
                         row.work.items.begin() + row.taken);
    row.work.consumed += row.taken;
    extracted.push_back(std::move(row.work));
  }
  rows_ = std::move(kept);
  return extracted;
}

absl::Time LaneReady(const Lane& lane, int64_t max_items,
                     absl::Duration linger) {
  if (!lane.available()) return absl::InfiniteFuture();
  if (lane.size() >= max_items) return absl::InfinitePast();
  return lane.oldest() + linger;
}

}  // namespace enrich
