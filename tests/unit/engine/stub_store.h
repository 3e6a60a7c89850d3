#ifndef ENRICH_TESTS_UNIT_ENGINE_STUB_STORE_H_
#define ENRICH_TESTS_UNIT_ENGINE_STUB_STORE_H_

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fakes/delegating_store.h"

namespace enrich {

// As much of a store as decisions touch: batches and contacts to read, and
// writes whose end is in the hands of the test.
class StubStore : public DelegatingStore {
 public:
  struct PendingWrite {
    Write write = {};
    StoreCallback<Written> done = {};
  };

  std::map<int64_t, BatchInfo> batches = {};
  std::map<int64_t, StoredContact> contacts = {};
  std::deque<PendingWrite> writes = {};
  // What reads answer when it is not OK.
  absl::Status read_error = absl::OkStatus();
  // The batch keys of each ReadBatchInfos.
  std::vector<std::vector<int64_t>> batch_reads = {};

  // Ends the oldest write.
  void Complete(absl::StatusOr<Written> written = Written()) {
    PendingWrite pending = std::move(writes.front());
    writes.pop_front();
    pending.done(std::move(written));
  }

  void Apply(Write write, StoreCallback<Written> done) override {
    writes.push_back({std::move(write), std::move(done)});
  }
  absl::StatusOr<std::vector<BatchInfo>> ReadBatchInfos(
      absl::Span<const int64_t> batch_keys) override {
    batch_reads.emplace_back(batch_keys.begin(), batch_keys.end());
    if (!read_error.ok()) return read_error;
    std::vector<BatchInfo> found;
    for (const int64_t key : batch_keys) {
      if (const auto it = batches.find(key); it != batches.end()) {
        found.push_back(it->second);
      }
    }
    return found;
  }
  absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) override {
    if (!read_error.ok()) return read_error;
    std::vector<StoredContact> found;
    for (const int64_t key : contact_keys) {
      if (const auto it = contacts.find(key); it != contacts.end()) {
        found.push_back(it->second);
      }
    }
    return found;
  }
};

}  // namespace enrich

#endif  // ENRICH_TESTS_UNIT_ENGINE_STUB_STORE_H_
