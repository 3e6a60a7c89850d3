#include "engine/operation_queue.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace enrich {
namespace {

// Whether the cause may go away by itself.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsNotFound(status);
}

}  // namespace

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
  Try(std::make_shared<Running>(Running{.operation = std::move(operation)}));
}

void OperationQueue::Try(const RunningPtr& running) {
  if (stopped_) return;
  Locks locks(held_);
  Decision decision = running->operation.decide(locks);
  if (decision.kind != Decision::Kind::kCommit) Release(locks.acquired_);
  switch (decision.kind) {
    case Decision::Kind::kBlocked:
      waiting_[locks.blocked_on_].push_back(running);
      return;
    case Decision::Kind::kFailed:
      return Fail(running, decision.status);
    case Decision::Kind::kNothing:
      --unfinished_;
      return running->operation.committed({});
    case Decision::Kind::kCommit:
      break;
  }
  // Captured apart from `this`: the queue may be gone when the store answers,
  // and the executor then drops the task.
  Executor& executor = executor_;
  store_.Apply(
      std::move(decision.write),
      [this, &executor, running, acquired = std::move(locks.acquired_)](
          absl::StatusOr<Written> written) mutable {
        executor.Post([this, running, acquired = std::move(acquired),
                       written = std::move(written)]() mutable {
          Finish(running, acquired, written);
        });
      });
}

void OperationQueue::Finish(const RunningPtr& running,
                            const std::vector<RowKey>& acquired,
                            const absl::StatusOr<Written>& written) {
  Release(acquired);
  if (written.ok()) {
    --unfinished_;
    running->operation.committed(*written);
  } else {
    Fail(running, written.status());
  }
  RetryWaiters(acquired);
}

void OperationQueue::Fail(const RunningPtr& running,
                          const absl::Status& status) {
  if (!MayPass(status)) {
    log::Error("the store failed; nothing is decided until a restart",
               {{"status", status}});
    if (!std::exchange(stopped_, true)) on_fatal_(status);
    return;
  }
  log::Error("the store failed; will try again", {{"status", status}});
  const int doublings = std::min(running->failures_in_row++, 10);
  const absl::Duration pause =
      std::min(pauses_.first * (1 << doublings), pauses_.longest);
  if (!running->operation.put_off) {
    executor_.PostAfter(pause, [this, running] { Try(running); });
    return;
  }
  --unfinished_;
  running->operation.put_off(pause, [this, running] {
    ++unfinished_;
    Try(running);
  });
}

void OperationQueue::Release(const std::vector<RowKey>& acquired) {
  for (const RowKey& row : acquired) held_.erase(row);
}

// Every waiter of a row is tried: the first may turn out to need nothing.
void OperationQueue::RetryWaiters(const std::vector<RowKey>& released) {
  for (const RowKey& row : released) {
    const auto it = waiting_.find(row);
    if (it == waiting_.end()) continue;
    const std::deque<RunningPtr> waiters = std::move(it->second);
    waiting_.erase(it);
    for (const RunningPtr& running : waiters) Try(running);
  }
}

}  // namespace enrich
