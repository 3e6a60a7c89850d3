#ifndef ENRICH_ENGINE_BATCH_CACHE_H_
#define ENRICH_ENGINE_BATCH_CACHE_H_

#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/chunk.h"
#include "store/store.h"

namespace enrich {

// What running batches are worked with, read once and kept. Bounded. Not
// thread-safe.
class BatchCache {
 public:
  explicit BatchCache(Store& store) : store_(store) {}

  // Makes Find answer for the batches of `items`, until the next call.
  absl::Status Load(absl::Span<const WorkItem> items);

  // Null when the batch no longer exists. REQUIRES: loaded.
  std::shared_ptr<const BatchInfo> Find(int64_t batch_key) const;

  // The batch changed: it is read again.
  void Forget(int64_t batch_key) { infos_.erase(batch_key); }

 private:
  static constexpr size_t kMaxEntries = 10'000;

  Store& store_;
  absl::flat_hash_map<int64_t, std::shared_ptr<const BatchInfo>> infos_;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_BATCH_CACHE_H_
