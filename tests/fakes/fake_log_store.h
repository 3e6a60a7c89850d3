#ifndef ENRICH_TESTS_FAKES_FAKE_LOG_STORE_H_
#define ENRICH_TESTS_FAKES_FAKE_LOG_STORE_H_

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "fakes/delegating_store.h"
#include "model/errors.h"
#include "model/event_frame.h"

namespace enrich {

// A store in memory that has batches and their result log, jobs and the audit
// log, which the test writes; the rest of the contract is not there.
// Thread-safe.
class FakeLogStore final : public DelegatingStore {
 public:
  using OnCommit = std::function<void(const std::vector<LogSegmentPtr>&)>;

  explicit FakeLogStore(OnCommit on_commit = {})
      : on_commit_(std::move(on_commit)) {}

  Batch AddBatch(const std::string& tenant, const std::string& id) {
    MutexLock lock(&mu_);
    Batch batch{.key = static_cast<int64_t>(batches_.size()) + 1,
                .tenant = tenant,
                .id = id,
                .request_id = "request-" + id,
                .create_time = absl::FromUnixSeconds(1'790'000'000)};
    batches_.push_back(batch);
    return batch;
  }

  // Appends events to a batch as one commit.
  void Append(const std::string& batch_id,
              const std::vector<std::string>& bodies) {
    MutexLock lock(&mu_);
    Batch& batch = *Find(batch_id);
    auto segment = std::make_shared<LogSegment>();
    segment->tenant = batch.tenant;
    segment->batch_key = batch.key;
    segment->first_revision = last_revision_[batch.tenant] + 1;
    segment->first_sequence = batch.last_sequence + 1;
    for (const std::string& body : bodies) {
      AppendEventFrame(segment->frames,
                       {.revision = ++last_revision_[batch.tenant],
                        .sequence = ++batch.last_sequence},
                       body);
    }
    segment->last_revision = last_revision_[batch.tenant];
    segment->last_sequence = batch.last_sequence;
    Commit(std::move(segment));
  }

  // Appends a segment that cannot be read.
  void AppendDamaged(const std::string& batch_id) {
    MutexLock lock(&mu_);
    Batch& batch = *Find(batch_id);
    auto segment = std::make_shared<LogSegment>();
    segment->tenant = batch.tenant;
    segment->batch_key = batch.key;
    // Two revisions of which a reader may have the first: it must look inside.
    segment->first_revision = last_revision_[batch.tenant];
    segment->last_revision = ++last_revision_[batch.tenant];
    segment->first_sequence = batch.last_sequence;
    segment->last_sequence = ++batch.last_sequence;
    segment->frames = "no frame";
    Commit(std::move(segment));
  }

  // Keys grow in the order of adding.
  void AddJob(Chunk job) {
    MutexLock lock(&mu_);
    jobs_.push_back(std::move(job));
  }
  void AddAudit(AuditEntry entry) {
    MutexLock lock(&mu_);
    audit_.push_back(std::move(entry));
  }

  void Finish(const std::string& batch_id) {
    MutexLock lock(&mu_);
    Batch& batch = *Find(batch_id);
    batch.state = BatchState::kFinished;
    batch.finish_time = batch.create_time + absl::Minutes(1);
  }

  // What retention does to a batch.
  void Delete(const std::string& batch_id) {
    MutexLock lock(&mu_);
    const Batch batch = *Find(batch_id);
    std::erase_if(log_, [&](const LogSegmentPtr& segment) {
      if (segment->batch_key != batch.key) return false;
      compacted_[batch.tenant] =
          std::max(compacted_[batch.tenant], segment->last_revision);
      return true;
    });
    Find(batch_id)->tenant = "(deleted)";
  }

  // What reads fail with from now on.
  void FailWith(absl::Status status) {
    MutexLock lock(&mu_);
    status_ = std::move(status);
  }
  void FailLogReadsWith(absl::Status status) {
    MutexLock lock(&mu_);
    log_status_ = std::move(status);
  }
  // What every read of the inbox answers.
  void SetInbox(InboxPage page) {
    MutexLock lock(&mu_);
    inbox_ = std::move(page);
  }
  struct InboxRead {
    InboxFilter filter = {};
    int64_t after_key = 0;
    int limit = 0;
  };
  std::vector<InboxRead> inbox_reads() const {
    MutexLock lock(&mu_);
    return inbox_reads_;
  }
  int log_reads() const {
    MutexLock lock(&mu_);
    return log_reads_;
  }

  const std::string& store_id() const override { return store_id_; }

  absl::StatusOr<Batch> ReadBatch(absl::string_view tenant,
                                  absl::string_view batch_id) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    const Batch* batch = Find(std::string(batch_id));
    if (batch == nullptr || batch->tenant != tenant) {
      return error::BatchNotFound(batch_id);
    }
    return *batch;
  }
  absl::StatusOr<std::vector<Batch>> ListBatches(absl::string_view tenant,
                                                 int64_t before_key,
                                                 int limit) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    std::vector<Batch> found;
    for (auto it = batches_.rbegin(); it != batches_.rend(); ++it) {
      if (it->tenant != tenant) continue;
      if (before_key != 0 && it->key >= before_key) continue;
      if (static_cast<int>(found.size()) < limit) found.push_back(*it);
    }
    return found;
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(
      absl::string_view tenant, std::optional<int64_t> batch_key,
      int64_t revision, size_t max_bytes) override {
    return Select(max_bytes, [&](const LogSegment& segment) {
      return segment.tenant == tenant && segment.last_revision > revision &&
             (!batch_key || segment.batch_key == *batch_key);
    });
  }
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(
      int64_t batch_key, int64_t sequence, size_t max_bytes) override {
    return Select(max_bytes, [&](const LogSegment& segment) {
      return segment.batch_key == batch_key && segment.last_sequence > sequence;
    });
  }
  absl::StatusOr<int64_t> LastRevision(absl::string_view tenant) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    return last_revision_[std::string(tenant)];
  }
  absl::StatusOr<int64_t> CompactedRevision(absl::string_view tenant) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    return compacted_[std::string(tenant)];
  }

  absl::StatusOr<Chunk> ReadChunk(int64_t key) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    for (const Chunk& job : jobs_) {
      if (job.key == key) return job;
    }
    return absl::NotFoundError("no such chunk");
  }
  absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter& filter,
                                              int64_t before_key,
                                              int limit) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    return NewestFirst(jobs_, before_key, limit, [&](const Chunk& job) {
      return job.lane.tenant == filter.tenant &&
             (filter.account.empty() || job.lane.account == filter.account) &&
             (!filter.in_doubt || IsInDoubt(job.state));
    });
  }
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(absl::string_view tenant,
                                                    int64_t before_key,
                                                    int limit) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    return NewestFirst(audit_, before_key, limit, [&](const AuditEntry& entry) {
      return entry.tenant == tenant;
    });
  }
  absl::Status VerifyAudit() override { return absl::OkStatus(); }
  absl::StatusOr<InboxPage> ReadInbox(const InboxFilter& filter,
                                      int64_t after_key, int limit) override {
    MutexLock lock(&mu_);
    if (!status_.ok()) return status_;
    inbox_reads_.push_back({filter, after_key, limit});
    return inbox_;
  }

 private:
  template <typename Row, typename Predicate>
  static std::vector<Row> NewestFirst(const std::vector<Row>& rows,
                                      int64_t before_key, int limit,
                                      Predicate wanted) {
    std::vector<Row> found;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (static_cast<int>(found.size()) == limit) break;
      if (before_key != 0 && row->key >= before_key) continue;
      if (wanted(*row)) found.push_back(*row);
    }
    return found;
  }

  Batch* Find(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (Batch& batch : batches_) {
      if (batch.id == id) return &batch;
    }
    return nullptr;
  }

  // Under the lock, as the one writer of a real store: in order.
  void Commit(LogSegmentPtr segment) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    log_.push_back(segment);
    if (on_commit_) on_commit_({std::move(segment)});
  }

  template <typename Predicate>
  absl::StatusOr<std::vector<LogSegmentPtr>> Select(size_t max_bytes,
                                                    Predicate wanted) {
    MutexLock lock(&mu_);
    ++log_reads_;
    if (!log_status_.ok()) return log_status_;
    std::vector<LogSegmentPtr> found;
    size_t bytes = 0;
    for (const LogSegmentPtr& segment : log_) {
      if (!wanted(*segment)) continue;
      if (bytes >= max_bytes) break;
      found.push_back(segment);
      bytes += segment->frames.size();
    }
    return found;
  }

  const std::string store_id_ = "store-1";
  const OnCommit on_commit_;
  mutable Mutex mu_;
  std::vector<Batch> batches_ ABSL_GUARDED_BY(mu_);
  std::vector<LogSegmentPtr> log_ ABSL_GUARDED_BY(mu_);
  std::vector<Chunk> jobs_ ABSL_GUARDED_BY(mu_);
  std::vector<AuditEntry> audit_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> last_revision_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> compacted_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  absl::Status log_status_ ABSL_GUARDED_BY(mu_);
  int log_reads_ ABSL_GUARDED_BY(mu_) = 0;
  InboxPage inbox_ ABSL_GUARDED_BY(mu_);
  std::vector<InboxRead> inbox_reads_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_LOG_STORE_H_
