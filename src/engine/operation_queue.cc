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
  return false;
}

void OperationQueue::Run(Operation operation) {
  auto shared = std::make_shared<Operation>(std::move(operation));
  if (!Try(shared)) blocked_.push_back(std::move(shared));
}

bool OperationQueue::Try(const OperationPtr& operation) {
  Locks locks(held_);
  Decision decision = operation->decide(locks);
  if (decision.kind != Decision::Kind::kCommit) Release(locks.acquired_);
  switch (decision.kind) {
    case Decision::Kind::kBlocked:
      return false;
    case Decision::Kind::kRetry:
      TryLater(operation);
      return true;
    case Decision::Kind::kNothing:
      operation->committed({});
      return true;
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
  return true;
}

void OperationQueue::Finish(const OperationPtr& operation,
                            const std::vector<RowKey>& acquired,
                            const absl::StatusOr<Written>& written) {
  Release(acquired);
  if (written.ok()) {
    operation->committed(*written);
  } else {
    log::Error("commit failed; will try again", {{"status", written.status()}});
    TryLater(operation);
  }
  RetryBlocked();
}

void OperationQueue::TryLater(const OperationPtr& operation) {
  executor_.PostAfter(retry_pause_, [this, operation] {
    if (!Try(operation)) blocked_.push_back(operation);
  });
}

void OperationQueue::Release(const std::vector<RowKey>& acquired) {
  for (const RowKey& row : acquired) held_.erase(row);
}

void OperationQueue::RetryBlocked() {
  std::deque<OperationPtr> waiting = std::exchange(blocked_, {});
  for (OperationPtr& operation : waiting) {
    if (!Try(operation)) blocked_.push_back(std::move(operation));
  }
}

}  // namespace enrich
