#ifndef ENRICH_STORE_SQLITE_STORE_IMPL_H_
#define ENRICH_STORE_SQLITE_STORE_IMPL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/file_lock.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writer.h"
#include "store/store.h"

namespace enrich {

// The embedded store: a writer and a pool of readers on one file.
class SqliteStore final : public Store {
 public:
  SqliteStore(std::string store_id, FileLock lock,
              std::unique_ptr<AnswerIndex> answer_index,
              std::unique_ptr<Writer> writer,
              std::unique_ptr<ReaderPool> readers)
      : store_id_(std::move(store_id)),
        lock_(std::move(lock)),
        answer_index_(std::move(answer_index)),
        writer_(std::move(writer)),
        readers_(std::move(readers)) {}
  // The readers go first: the writer's connection, closed last, then leaves
  // one file behind, without a log beside it.
  ~SqliteStore() override { writer_->Stop(); }

  const std::string& store_id() const override { return store_id_; }

  void CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done) override {
    writer_->Enqueue(NewCreateBatch(std::move(batch), std::move(done)));
  }
  void Apply(Write write, StoreCallback<Written> done) override {
    writer_->Enqueue(NewApply(std::move(write), std::move(done)));
  }
  void DeleteFinishedBefore(absl::Time before, int max_batches,
                            StoreCallback<int64_t> done) override {
    writer_->Enqueue(
        NewDeleteFinishedBefore(before, max_batches, std::move(done)));
  }
  void DeleteInboxBodies(absl::Time before, int max_bodies,
                         StoreCallback<int64_t> done) override {
    writer_->Enqueue(NewDeleteInboxBodies(before, max_bodies, std::move(done)));
  }

  void DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                           int max_answers,
                           StoreCallback<int64_t> done) override {
    writer_->Enqueue(
        NewDeleteAnswersBefore(found, not_found, max_answers, std::move(done)));
  }

  absl::StatusOr<Batch> ReadBatch(absl::string_view tenant,
                                  absl::string_view batch_id) override;
  absl::StatusOr<std::vector<Batch>> ListBatches(absl::string_view tenant,
                                                 int64_t before_key,
                                                 int limit) override;
  absl::StatusOr<std::vector<BatchInfo>> ReadBatchInfos(
      absl::Span<const int64_t> batch_keys) override;
  absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) override;
  absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswers(
      absl::Span<const Identity> identities) override;
  absl::StatusOr<AttemptRef> FindAttempt(absl::string_view token_hash) override;
  absl::StatusOr<AttemptRef> FindAttemptByJob(
      absl::string_view account, absl::string_view provider_job_id) override;
  absl::StatusOr<bool> HasInboxBody(int64_t attempt_key,
                                    absl::string_view body_hash) override;
  absl::StatusOr<Chunk> ReadChunk(int64_t chunk_key) override;
  absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter& filter,
                                              int64_t before_key,
                                              int limit) override;
  absl::StatusOr<std::vector<ChunkAttempt>> ReadAttempts(
      int64_t chunk_key) override;
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(absl::string_view tenant,
                                                    int64_t before_key,
                                                    int limit) override;
  absl::Status VerifyAudit() override;
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(
      absl::string_view tenant, std::optional<int64_t> batch_key,
      int64_t revision, size_t max_bytes) override;
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(
      int64_t batch_key, int64_t sequence, size_t max_bytes) override;
  absl::StatusOr<int64_t> LastRevision(absl::string_view tenant) override;
  absl::StatusOr<int64_t> CompactedRevision(absl::string_view tenant) override;
  absl::Status ReadOpenWork(absl::FunctionRef<void(OpenWork)> visit) override;
  absl::Status ReadOpenChunks(absl::FunctionRef<void(Chunk)> visit) override;
  absl::StatusOr<std::vector<InboxEvent>> ReadUnappliedInbox() override;
  absl::StatusOr<InboxPage> ReadInbox(const InboxFilter& filter,
                                      int64_t after_key, int limit) override;
  absl::StatusOr<std::string> ReadInboxBody(int64_t key) override;
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
  CountQuarantined() override;
  absl::StatusOr<std::vector<LedgerRow>> ReadLedger() override;

 private:
  const std::string store_id_;
  const FileLock lock_;
  const std::unique_ptr<AnswerIndex> answer_index_;
  const std::unique_ptr<Writer> writer_;
  const std::unique_ptr<ReaderPool> readers_;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_STORE_IMPL_H_
