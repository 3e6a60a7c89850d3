#ifndef ENRICH_TESTS_FAKES_DELEGATING_STORE_H_
#define ENRICH_TESTS_FAKES_DELEGATING_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "store/store.h"

namespace enrich {

// What a fake store does not do itself: another store does it, or, when there
// is none, it fails as UNIMPLEMENTED. Thread-safe if the other store is.
class DelegatingStore : public Store {
 public:
  // The store that does what is not overridden. REQUIRES: there is one.
  Store& inner() { return *inner_; }

  const std::string& store_id() const override {
    return inner_ == nullptr ? no_id_ : inner_->store_id();
  }

  void CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done) override {
    if (inner_ == nullptr) return done(Missing());
    inner_->CreateBatch(std::move(batch), std::move(done));
  }
  void Apply(Write write, StoreCallback<Written> done) override {
    if (inner_ == nullptr) return done(Missing());
    inner_->Apply(std::move(write), std::move(done));
  }
  void DeleteFinishedBefore(absl::Time before, int max_batches,
                            StoreCallback<int64_t> done) override {
    if (inner_ == nullptr) return done(Missing());
    inner_->DeleteFinishedBefore(before, max_batches, std::move(done));
  }
  void DeleteInboxBodies(absl::Time before, int max_bodies,
                         StoreCallback<int64_t> done) override {
    if (inner_ == nullptr) return done(Missing());
    inner_->DeleteInboxBodies(before, max_bodies, std::move(done));
  }
  void DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                           int max_answers,
                           StoreCallback<int64_t> done) override {
    if (inner_ == nullptr) return done(Missing());
    inner_->DeleteAnswersBefore(found, not_found, max_answers, std::move(done));
  }

  absl::StatusOr<Batch> ReadBatch(absl::string_view tenant,
                                  absl::string_view batch_id) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadBatch(tenant, batch_id);
  }
  absl::StatusOr<std::vector<Batch>> ListBatches(absl::string_view tenant,
                                                 int64_t before_key,
                                                 int limit) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ListBatches(tenant, before_key, limit);
  }
  absl::StatusOr<std::vector<BatchInfo>> ReadBatchInfos(
      absl::Span<const int64_t> batch_keys) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadBatchInfos(batch_keys);
  }
  absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadContacts(contact_keys);
  }
  absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswers(
      absl::Span<const Identity> identities) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadAnswers(identities);
  }
  absl::StatusOr<AttemptRef> FindAttempt(
      absl::string_view token_hash) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->FindAttempt(token_hash);
  }
  absl::StatusOr<AttemptRef> FindAttemptByJob(absl::string_view account,
                                              absl::string_view job) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->FindAttemptByJob(account, job);
  }
  absl::StatusOr<bool> HasInboxBody(int64_t attempt_key,
                                    absl::string_view body_hash) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->HasInboxBody(attempt_key, body_hash);
  }
  absl::StatusOr<Chunk> ReadChunk(int64_t chunk_key) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadChunk(chunk_key);
  }
  absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter& filter,
                                              int64_t before_key,
                                              int limit) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ListJobs(filter, before_key, limit);
  }
  absl::StatusOr<std::vector<ChunkAttempt>> ReadAttempts(
      int64_t chunk_key) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadAttempts(chunk_key);
  }
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(absl::string_view tenant,
                                                    int64_t before_key,
                                                    int limit) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ListAudit(tenant, before_key, limit);
  }
  absl::Status VerifyAudit() override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->VerifyAudit();
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(
      absl::string_view tenant, std::optional<int64_t> batch_key,
      int64_t revision, size_t max_bytes) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadLog(tenant, batch_key, revision, max_bytes);
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(
      int64_t batch_key, int64_t sequence, size_t max_bytes) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadBatchLog(batch_key, sequence, max_bytes);
  }
  absl::StatusOr<int64_t> LastRevision(absl::string_view tenant) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->LastRevision(tenant);
  }
  absl::StatusOr<int64_t> CompactedRevision(absl::string_view tenant) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->CompactedRevision(tenant);
  }
  absl::Status ReadOpenWork(absl::FunctionRef<void(OpenWork)> visit) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadOpenWork(visit);
  }
  absl::Status ReadOpenChunks(absl::FunctionRef<void(Chunk)> visit) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadOpenChunks(visit);
  }
  absl::StatusOr<std::vector<InboxEvent>> ReadUnappliedInbox() override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadUnappliedInbox();
  }
  absl::StatusOr<InboxPage> ReadInbox(const InboxFilter& filter,
                                      int64_t after_key, int limit) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadInbox(filter, after_key, limit);
  }
  absl::StatusOr<std::string> ReadInboxBody(int64_t key) override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadInboxBody(key);
  }
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
  CountQuarantined() override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->CountQuarantined();
  }
  absl::StatusOr<std::vector<LedgerRow>> ReadLedger() override {
    RETURN_IF_ERROR(ReadFault());
    return inner_->ReadLedger();
  }

 protected:
  explicit DelegatingStore(std::unique_ptr<Store> inner = nullptr)
      : inner_(std::move(inner)) {}

  // For who can open the other store only when it exists itself.
  void set_inner(std::unique_ptr<Store> inner) { inner_ = std::move(inner); }

  // The error of a read that is not passed on. An override must not return OK
  // when there is no other store.
  virtual absl::Status ReadFault() {
    return inner_ == nullptr ? Missing() : absl::OkStatus();
  }

 private:
  static absl::Status Missing() {
    return absl::UnimplementedError("not in this fake");
  }

  const std::string no_id_ = "fake";
  std::unique_ptr<Store> inner_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_DELEGATING_STORE_H_
