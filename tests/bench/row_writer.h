#ifndef ENRICH_TESTS_BENCH_ROW_WRITER_H_
#define ENRICH_TESTS_BENCH_ROW_WRITER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/mutex.h"
#include "store/sqlite/connection.h"

namespace enrich::bench {

// The bare limit of a durable store: blobs into one SQLite table, as durable as
// the gateway's store is.
class RowTable {
 public:
  static absl::StatusOr<std::unique_ptr<RowTable>> Open(
      const std::string& path);

  // One transaction around what is inserted between the two.
  absl::Status Begin() { return db_->Use("BEGIN IMMEDIATE").Run(); }
  absl::Status Insert(const std::string& row);
  absl::Status Commit() { return db_->Use("COMMIT").Run(); }

 private:
  explicit RowTable(std::unique_ptr<Connection> db) : db_(std::move(db)) {}
  std::unique_ptr<Connection> db_;
};

// Commits in groups: whatever waits goes into the next transaction. Ends the
// process when the disk fails. Thread-safe.
class RowWriter {
 public:
  struct Job {
    std::vector<std::string> rows = {};
    // Whether watchers are to see them.
    bool publish = false;
    // Called on the writer's thread once the rows are durable.
    absl::AnyInvocable<void()> done = {};
  };
  // Called with all jobs of a group before their `done`, on the writer's
  // thread.
  using OnCommit = absl::AnyInvocable<void(absl::Span<const Job>)>;

  RowWriter(std::unique_ptr<RowTable> table, OnCommit on_commit);
  ~RowWriter();

  void Write(Job job);

 private:
  void Loop();
  std::vector<Job> TakeQueued();

  std::unique_ptr<RowTable> table_;
  OnCommit on_commit_;
  Mutex mu_;
  CondVar wake_;
  std::vector<Job> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_ROW_WRITER_H_
