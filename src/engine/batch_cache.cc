#include "engine/batch_cache.h"

#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace enrich {

absl::Status BatchCache::Load(absl::Span<const WorkItem> items) {
  if (infos_.size() > kMaxEntries) infos_.clear();
  std::vector<int64_t> missing;
  for (const WorkItem& item : items) {
    // Neighbours mostly share their batch.
    if (!missing.empty() && missing.back() == item.batch_key) continue;
    if (!infos_.contains(item.batch_key)) missing.push_back(item.batch_key);
  }
  if (missing.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<BatchInfo> infos,
                   store_.ReadBatchInfos(missing));
  for (BatchInfo& info : infos) {
    const int64_t key = info.key;
    infos_[key] = std::make_shared<const BatchInfo>(std::move(info));
  }
  return absl::OkStatus();
}

std::shared_ptr<const BatchInfo> BatchCache::Find(int64_t batch_key) const {
  const auto it = infos_.find(batch_key);
  return it == infos_.end() ? nullptr : it->second;
}

}  // namespace enrich
