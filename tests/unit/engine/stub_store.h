#ifndef ENRICH_TESTS_UNIT_ENGINE_STUB_STORE_H_
#define ENRICH_TESTS_UNIT_ENGINE_STUB_STORE_H_

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "store/store.h"

namespace enrich {

// As much of a store as decisions touch: batches and contacts to read, and
// writes whose end is in the hands of the test.
class StubStore : public Store {
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

  // Nothing below is used by what is tested with this store.
  const std::string& store_id() const override { return id_; }
  void CreateBatch(NewBatch, StoreCallback<CreatedBatch> done) override {
    done(Unused());
  }
  void DeleteFinishedBefore(absl::Time, int,
                            StoreCallback<int64_t> done) override {
    done(Unused());
  }
  void DeleteAnswersBefore(absl::Time, absl::Time, int,
                           StoreCallback<int64_t> done) override {
    done(Unused());
  }
  absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswers(
      absl::Span<const Identity>) override {
    return Unused();
  }
  absl::StatusOr<Batch> ReadBatch(absl::string_view,
                                  absl::string_view) override {
    return Unused();
  }
  absl::StatusOr<std::vector<Batch>> ListBatches(absl::string_view, int64_t,
                                                 int) override {
    return Unused();
  }
  absl::StatusOr<AttemptRef> FindAttemptByJob(absl::string_view,
                                              absl::string_view) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<AttemptRef> FindAttempt(absl::string_view) override {
    return Unused();
  }
  absl::StatusOr<bool> HasInboxBody(int64_t, absl::string_view) override {
    return Unused();
  }
  absl::StatusOr<Chunk> ReadChunk(int64_t) override { return Unused(); }
  absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter&, int64_t,
                                              int) override {
    return Unused();
  }
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(absl::string_view, int64_t,
                                                    int) override {
    return Unused();
  }
  absl::Status VerifyAudit() override { return Unused(); }
  absl::StatusOr<std::vector<ChunkAttempt>> ReadAttempts(int64_t) override {
    return Unused();
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(absl::string_view,
                                                     std::optional<int64_t>,
                                                     int64_t, size_t) override {
    return Unused();
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(int64_t, int64_t,
                                                          size_t) override {
    return Unused();
  }
  absl::StatusOr<int64_t> LastRevision(absl::string_view) override {
    return Unused();
  }
  absl::StatusOr<int64_t> CompactedRevision(absl::string_view) override {
    return Unused();
  }
  absl::Status ReadOpenWork(absl::FunctionRef<void(OpenWork)>) override {
    return Unused();
  }
  absl::Status ReadOpenChunks(absl::FunctionRef<void(Chunk)>) override {
    return Unused();
  }
  absl::StatusOr<std::vector<InboxEvent>> ReadUnappliedInbox() override {
    return Unused();
  }
  void DeleteInboxBodies(absl::Time, int,
                         StoreCallback<int64_t> done) override {
    done(Unused());
  }
  absl::StatusOr<InboxPage> ReadInbox(const InboxFilter&, int64_t,
                                      int) override {
    return Unused();
  }
  absl::StatusOr<std::string> ReadInboxBody(int64_t) override {
    return Unused();
  }
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
  CountQuarantined() override {
    return Unused();
  }
  absl::StatusOr<std::vector<LedgerRow>> ReadLedger() override {
    return Unused();
  }

 private:
  static absl::Status Unused() {
    return absl::UnimplementedError("not part of this store");
  }
  const std::string id_ = "stub";
};

}  // namespace enrich

#endif  // ENRICH_TESTS_UNIT_ENGINE_STUB_STORE_H_
