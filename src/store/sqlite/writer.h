#ifndef ENRICH_STORE_SQLITE_WRITER_H_
#define ENRICH_STORE_SQLITE_WRITER_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/mutex.h"
#include "store/sqlite/checkpointer.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/operation.h"

namespace enrich {

// The one thread that writes. It takes all that waits, runs it in one
// transaction, commits, and then completes each operation: the more callers,
// the more share the price of a sync, and nobody waits for a timer.
class Writer {
 public:
  // `checkpoints` is another connection to the same file. `heads` are those in
  // the database. `answer_index` is kept up to date and must outlive the
  // writer.
  Writer(std::unique_ptr<Connection> db,
         std::unique_ptr<Connection> checkpoints, StoreHooks hooks, Heads heads,
         AnswerIndex& answer_index);
  // Stops.
  ~Writer();

  // Thread-safe.
  void Enqueue(std::unique_ptr<Operation> operation) ABSL_LOCKS_EXCLUDED(mu_);

  // Completes what is queued, and what that queues, and ends the thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Group = std::vector<std::unique_ptr<Operation>>;
  enum class Outcome {
    // Committed or failed, and completed.
    kSettled,
    // Rolled back because of one of them: to be tried one by one.
    kRunAlone,
    // Nobody knows.
    kFatal,
  };

  void Loop() ABSL_LOCKS_EXCLUDED(mu_);
  // Waits for work. Empty when there will be none.
  Group TakeQueued() ABSL_LOCKS_EXCLUDED(mu_);
  Outcome RunGroup(absl::Span<const std::unique_ptr<Operation>> group);
  // Runs the operations inside the open transaction. An error means that it
  // must be rolled back.
  absl::Status RunInside(absl::Span<const std::unique_ptr<Operation>> group,
                         Transaction& tx, std::vector<absl::Status>& statuses);
  absl::Status SaveHeads(const Transaction& tx);
  absl::Status Commit();
  Outcome RollBack(absl::Span<const std::unique_ptr<Operation>> group,
                   const absl::Status& cause);
  Outcome Fatal(const absl::Status& cause);

  const std::unique_ptr<Connection> db_;
  const Checkpointer checkpointer_;
  const StoreHooks hooks_;
  // Of the last commit. Only the thread touches it.
  Heads heads_;
  AnswerIndex& answer_index_;

  Mutex mu_;
  CondVar wake_;
  Group queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  // Last: it uses all of the above.
  std::thread thread_;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_WRITER_H_
