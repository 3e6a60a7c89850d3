#ifndef ENRICH_ENGINE_OPERATION_QUEUE_H_
#define ENRICH_ENGINE_OPERATION_QUEUE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/executor.h"
#include "store/store.h"

namespace enrich {

// A row of the store that a decision is made from.
struct RowKey {
  // kLookup has no row until it is asked; its key is a hash.
  enum class Kind : uint8_t { kChunk, kContact, kWork, kBatch, kLookup };
  Kind kind = Kind::kChunk;
  int64_t key = 0;

  bool operator==(const RowKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const RowKey& row) {
    return H::combine(std::move(h), row.kind, row.key);
  }
};

// Runs read-decide-commit cycles. A write is decided from rows that are read
// and locked first, so that two decisions never start from the same state; the
// commit is waited for without blocking. What a crash interrupts was not
// committed and is decided again from the store.
//
// Lives on one executor; not thread-safe.
class OperationQueue {
  // Who holds a row: the number of a decision.
  using Holders = absl::flat_hash_map<RowKey, int64_t>;

 public:
  // The locks of one operation.
  class Locks {
   public:
    // False when another operation holds the row: decide must then return
    // Decision::Blocked().
    bool Acquire(RowKey row);

   private:
    friend class OperationQueue;
    Locks(Holders& holders, int64_t holder)
        : holders_(holders), holder_(holder) {}
    Holders& holders_;
    const int64_t holder_;
    std::vector<RowKey> acquired_;
    // The row that was taken.
    RowKey blocked_on_ = {};
  };

  struct Decision {
    enum class Kind { kNothing, kBlocked, kFailed, kCommit };
    Kind kind = Kind::kNothing;
    Write write = {};
    absl::Status status = absl::OkStatus();

    // There is nothing to write.
    static Decision Nothing() { return {}; }
    // Another operation holds a row: again when it has ended.
    static Decision Blocked() { return {.kind = Kind::kBlocked}; }
    // The store could not be read: as a commit that failed with `status`.
    static Decision Failed(absl::Status status) {
      return {.kind = Kind::kFailed, .status = std::move(status)};
    }
    static Decision Commit(Write write) {
      return {.kind = Kind::kCommit, .write = std::move(write)};
    }
  };

  struct Operation {
    // May be called more than once, each time from the state as it then is.
    absl::AnyInvocable<Decision(Locks&)> decide;
    // Called once, after the commit or after Nothing (then with an empty
    // Written), before anything else is decided from the rows.
    absl::AnyInvocable<void(const Written&)> committed;
    // Optional, for operations that have something set aside for what follows
    // the commit. Called when the operation is put off: gives that back, and
    // has `again` called once it is set aside anew, after `pause`; or drops it,
    // which ends the operation.
    absl::AnyInvocable<void(absl::Duration pause, Task again)> put_off = {};
  };

  struct RetryPauses {
    absl::Duration first = absl::Seconds(1);
    absl::Duration longest = absl::Seconds(30);
  };

  // `on_fatal` is called once, when the store fails in a way that waiting does
  // not mend. Nothing is decided from then on: the process is expected to exit
  // and re-read.
  OperationQueue(Store& store, Executor& executor, RetryPauses pauses,
                 std::function<void(const absl::Status&)> on_fatal)
      : store_(store),
        executor_(executor),
        pauses_(pauses),
        on_fatal_(std::move(on_fatal)) {}

  // What failed changed nothing. After UNAVAILABLE (store away),
  // RESOURCE_EXHAUSTED (disk full) and NOT_FOUND (the chunk was deleted just
  // now) the operation is decided again, with growing pauses, for as long as it
  // takes. Any other status is fatal.
  void Run(Operation operation);

  // Whether every operation has ended, but for those put off by what they need.
  bool idle() const { return unfinished_ == 0; }
  // How many have not.
  int64_t unfinished() const { return unfinished_; }

 private:
  struct Running {
    Operation operation;
    int failures_in_row = 0;
  };
  using RunningPtr = std::shared_ptr<Running>;
  void Try(const RunningPtr& running);
  void Fail(const RunningPtr& running, const absl::Status& status);
  void Finish(const RunningPtr& running, const std::vector<RowKey>& acquired,
              const absl::StatusOr<Written>& written);
  void Release(const std::vector<RowKey>& acquired);
  void RetryWaiters(const std::vector<RowKey>& released);

  Store& store_;
  Executor& executor_;
  const RetryPauses pauses_;
  const std::function<void(const absl::Status&)> on_fatal_;
  Holders holders_;
  int64_t last_holder_ = 0;
  // Blocked operations by the row they wait for, in the order they came.
  absl::flat_hash_map<RowKey, std::deque<RunningPtr>> waiting_;
  int64_t unfinished_ = 0;
  // The store has failed for good.
  bool stopped_ = false;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_OPERATION_QUEUE_H_
