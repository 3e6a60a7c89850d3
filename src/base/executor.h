#ifndef ENRICH_BASE_EXECUTOR_H_
#define ENRICH_BASE_EXECUTOR_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace enrich {

using Task = absl::AnyInvocable<void()>;

// Runs tasks one after the other, in the order they were posted. What runs on
// one executor needs no lock. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  virtual void Post(Task task) = 0;

  // Runs `task` once `delay` has passed, whatever the wall clock does in the
  // meantime. There is no cancelling: a task checks whether it still applies.
  virtual void PostAfter(absl::Duration delay, Task task) = 0;

  // Waits for the running task and drops all others, those yet to be posted
  // included. What tasks refer to may go afterwards. Idempotent; not to be
  // called from a task.
  virtual void Shutdown() = 0;
};

// An executor with a thread of its own. The destructor shuts it down.
std::unique_ptr<Executor> NewThreadExecutor(absl::string_view thread_name);

// Runs tasks on `threads` threads in no particular order; for blocking work.
// Thread-safe. The destructor waits for running tasks; queued ones are
// destroyed unrun.
class ThreadPool {
 public:
  virtual ~ThreadPool() = default;
  virtual void Post(Task task) = 0;
};
std::unique_ptr<ThreadPool> NewThreadPool(absl::string_view name, int threads);

}  // namespace enrich

#endif  // ENRICH_BASE_EXECUTOR_H_
