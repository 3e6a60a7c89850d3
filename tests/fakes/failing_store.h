#ifndef ENRICH_TESTS_FAKES_FAILING_STORE_H_
#define ENRICH_TESTS_FAKES_FAILING_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "store/store.h"

namespace enrich {

// A store whose changes and reads fail while the test wants them to; everything
// else is done by another store.
class FailingStore final : public Store {
 public:
  explicit FailingStore(std::unique_ptr<Store> store)
      : store_(std::move(store)) {}

  // What Apply and ReadContacts fail with; OK for not at all.
  absl::Status apply_error = absl::OkStatus();
  absl::Status read_error = absl::OkStatus();

  // The store that does what succeeds.
  Store& inner() { return *store_; }

  void Apply(Write write, StoreCallback<Written> done) override {
    if (!apply_error.ok()) return done(apply_error);
    store_->Apply(std::move(write), std::move(done));
  }
  absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) override {
    if (!read_error.ok()) return read_error;
    return store_->ReadContacts(contact_keys);
  }

  const std::string& store_id() const override { return store_->store_id(); }
  void CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done) override {
    store_->CreateBatch(std::move(batch), std::move(done));
  }
  void DeleteFinishedBefore(absl::Time before, int max_batches,
                            StoreCallback<int64_t> done) override {
    store_->DeleteFinishedBefore(before, max_batches, std::move(done));
  }
  void DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                           int max_answers,
                           StoreCallback<int64_t> done) override {
    store_->DeleteAnswersBefore(found, not_found, max_answers, std::move(done));
  }
  absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswers(
      absl::Span<const Identity> identities) override {
    return store_->ReadAnswers(identities);
  }
  absl::StatusOr<Batch> ReadBatch(absl::string_view tenant,
                                  absl::string_view batch_id) override {
    return store_->ReadBatch(tenant, batch_id);
  }
  absl::StatusOr<std::vector<Batch>> ListBatches(absl::string_view tenant,
                                                 int64_t before_key,
                                                 int limit) override {
    return store_->ListBatches(tenant, before_key, limit);
  }
  absl::StatusOr<std::vector<BatchInfo>> ReadBatchInfos(
      absl::Span<const int64_t> batch_keys) override {
    return store_->ReadBatchInfos(batch_keys);
  }
  absl::StatusOr<AttemptRef> FindAttemptByJob(absl::string_view account,
                                              absl::string_view job) override {
    return store_->FindAttemptByJob(account, job);
  }
  absl::StatusOr<AttemptRef> FindAttempt(
      absl::string_view token_hash) override {
    return store_->FindAttempt(token_hash);
  }
  absl::StatusOr<bool> HasInboxBody(int64_t attempt_key,
                                    absl::string_view body_hash) override {
    return store_->HasInboxBody(attempt_key, body_hash);
  }
  absl::StatusOr<Chunk> ReadChunk(int64_t chunk_key) override {
    return store_->ReadChunk(chunk_key);
  }
  absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter& filter,
                                              int64_t before_key,
                                              int limit) override {
    return store_->ListJobs(filter, before_key, limit);
  }
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(absl::string_view tenant,
                                                    int64_t before_key,
                                                    int limit) override {
    return store_->ListAudit(tenant, before_key, limit);
  }
  absl::Status VerifyAudit() override { return store_->VerifyAudit(); }
  absl::StatusOr<std::vector<ChunkAttempt>> ReadAttempts(
      int64_t chunk_key) override {
    return store_->ReadAttempts(chunk_key);
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(
      absl::string_view tenant, std::optional<int64_t> batch_key,
      int64_t revision, size_t max_bytes) override {
    return store_->ReadLog(tenant, batch_key, revision, max_bytes);
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(
      int64_t batch_key, int64_t sequence, size_t max_bytes) override {
    return store_->ReadBatchLog(batch_key, sequence, max_bytes);
  }
  absl::StatusOr<int64_t> LastRevision(absl::string_view tenant) override {
    return store_->LastRevision(tenant);
  }
  absl::StatusOr<int64_t> CompactedRevision(absl::string_view tenant) override {
    return store_->CompactedRevision(tenant);
  }
  absl::Status ReadOpenWork(absl::FunctionRef<void(OpenWork)> visit) override {
    return store_->ReadOpenWork(visit);
  }
  absl::Status ReadOpenChunks(absl::FunctionRef<void(Chunk)> visit) override {
    return store_->ReadOpenChunks(visit);
  }
  absl::StatusOr<std::vector<InboxEvent>> ReadUnappliedInbox() override {
    return store_->ReadUnappliedInbox();
  }
  void DeleteInboxBodies(absl::Time before, int max_bodies,
                         StoreCallback<int64_t> done) override {
    store_->DeleteInboxBodies(before, max_bodies, std::move(done));
  }
  absl::StatusOr<InboxPage> ReadInbox(const InboxFilter& filter,
                                      int64_t after_key, int limit) override {
    return store_->ReadInbox(filter, after_key, limit);
  }
  absl::StatusOr<std::string> ReadInboxBody(int64_t key) override {
    return store_->ReadInboxBody(key);
  }
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
  CountQuarantined() override {
    return store_->CountQuarantined();
  }
  absl::StatusOr<std::vector<LedgerRow>> ReadLedger() override {
    return store_->ReadLedger();
  }

 private:
  const std::unique_ptr<Store> store_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAILING_STORE_H_
