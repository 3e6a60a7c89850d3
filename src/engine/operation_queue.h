#ifndef ENRICH_ENGINE_OPERATION_QUEUE_H_
#define ENRICH_ENGINE_OPERATION_QUEUE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/executor.h"
#include "store/store.h"

namespace enrich {

// A row of the store that a decision is made from.
struct RowKey {
  enum class Kind : uint8_t { kChunk, kContact, kWork, kBatch };
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
 public:
  // The locks of one operation.
  class Locks {
   public:
    // False when another operation holds the row: decide must then return
    // Decision::Blocked().
    bool Acquire(RowKey row);

   private:
    friend class OperationQueue;
    explicit Locks(absl::flat_hash_set<RowKey>& held) : held_(held) {}
    absl::flat_hash_set<RowKey>& held_;
    std::vector<RowKey> acquired_;
    // The row that was taken.
    RowKey blocked_on_ = {};
  };

  struct Decision {
    enum class Kind { kNothing, kBlocked, kRetry, kCommit };
    Kind kind = Kind::kNothing;
    Write write = {};

    // There is nothing to write.
    static Decision Nothing() { return {}; }
    // Another operation holds a row: again when it has ended.
    static Decision Blocked() { return {.kind = Kind::kBlocked}; }
    // The store could not be read: again after a pause.
    static Decision Retry() { return {.kind = Kind::kRetry}; }
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
  };

  OperationQueue(Store& store, Executor& executor, absl::Duration retry_pause)
      : store_(store), executor_(executor), retry_pause_(retry_pause) {}

  // A failed commit (disk full, store away) changed nothing: the operation is
  // decided again after a pause, for as long as it takes.
  void Run(Operation operation);

  // Whether every operation has ended.
  bool idle() const { return unfinished_ == 0; }

 private:
  using OperationPtr = std::shared_ptr<Operation>;
  void Try(const OperationPtr& operation);
  void TryLater(const OperationPtr& operation);
  void Finish(const OperationPtr& operation,
              const std::vector<RowKey>& acquired,
              const absl::StatusOr<Written>& written);
  void Release(const std::vector<RowKey>& acquired);
  void RetryWaiters(const std::vector<RowKey>& released);

  Store& store_;
  Executor& executor_;
  const absl::Duration retry_pause_;
  absl::flat_hash_set<RowKey> held_;
  // Blocked operations by the row they wait for, in the order they came.
  absl::flat_hash_map<RowKey, std::deque<OperationPtr>> waiting_;
  int64_t unfinished_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_OPERATION_QUEUE_H_
