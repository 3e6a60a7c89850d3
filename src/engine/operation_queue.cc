#include "engine/operation_queue.h"

#include <utility>

#include "base/log.h"

namespace enrich {

bool OperationQueue::Locks::Acquire(RowKey row) {
  if (held_.insert(row).second) {
    acquired_.push_back(row);
    return true;
  }
  // Taken: by this very operation, or by another one.
  for (const RowKey& mine : acquired_) {
    if (mine == row) return true;
  }
  blocked_on_ = row;
  return false;
}

void OperationQueue::Run(Operation operation) {
  ++unfinished_;
  Try(std::make_shared<Operation>(std::move(operation)));
}

void OperationQueue::Try(const OperationPtr& operation) {
  Locks locks(held_);
  Decision decision = operation->decide(locks);
  if (decision.kind != Decision::Kind::kCommit) Release(locks.acquired_);
  switch (decision.kind) {
    case Decision::Kind::kBlocked:
      waiting_[locks.blocked_on_].push_back(operation);
      return;
    case Decision::Kind::kRetry:
      return TryLater(operation);
    case Decision::Kind::kNothing:
      --unfinished_;
      return operation->committed({});
    case Decision::Kind::kCommit:
      break;
  }
  // Captured apart from `this`: the queue may be gone when the store answers,
  // and the executor then drops the task.
  Executor& executor = executor_;
  store_.Apply(
      std::move(decision.write),
      [this, &executor, operation, acquired = std::move(locks.acquired_)](
          absl::StatusOr<Written> written) mutable {
        executor.Post([this, operation, acquired = std::move(acquired),
                       written = std::move(written)]() mutable {
          Finish(operation, acquired, written);
        });
      });
}

void OperationQueue::Finish(const OperationPtr& operation,
                            const std::vector<RowKey>& acquired,
                            const absl::StatusOr<Written>& written) {
  Release(acquired);
  if (written.ok()) {
    --unfinished_;
    operation->committed(*written);
  } else {
    log::Error("commit failed; will try again", {{"status", written.status()}});
    TryLater(operation);
  }
  RetryWaiters(acquired);
}

void OperationQueue::TryLater(const OperationPtr& operation) {
  executor_.PostAfter(retry_pause_, [this, operation] { Try(operation); });
}

void OperationQueue::Release(const std::vector<RowKey>& acquired) {
  for (const RowKey& row : acquired) held_.erase(row);
}

// Every waiter of a row is tried: the first may turn out to need nothing.
void OperationQueue::RetryWaiters(const std::vector<RowKey>& released) {
  for (const RowKey& row : released) {
    const auto it = waiting_.find(row);
    if (it == waiting_.end()) continue;
    const std::deque<OperationPtr> waiters = std::move(it->second);
    waiting_.erase(it);
    for (const OperationPtr& operation : waiters) Try(operation);
  }
}

}  // namespace enrich
