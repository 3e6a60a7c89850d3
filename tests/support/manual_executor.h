#ifndef ENRICH_TESTS_SUPPORT_MANUAL_EXECUTOR_H_
#define ENRICH_TESTS_SUPPORT_MANUAL_EXECUTOR_H_

#include <cstdint>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "support/fake_clock.h"

namespace enrich {

// An executor that runs tasks only when the test says so, in virtual time: a
// delayed task is run by AdvanceBy, which moves the clock to its due time
// first. Posting is thread-safe; running is for the test's thread.
class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(FakeClock& clock) : clock_(clock) {}

  void Post(Task task) override {
    PostAfter(absl::ZeroDuration(), std::move(task));
  }
  void PostAfter(absl::Duration delay, Task task) override {
    MutexLock lock(&mu_);
    if (shut_down_) return;
    tasks_.emplace(std::pair(clock_.Steady() + delay, next_++),
                   std::move(task));
  }

  void Shutdown() override {
    std::map<std::pair<absl::Time, uint64_t>, Task> dropped;
    MutexLock lock(&mu_);
    shut_down_ = true;
    dropped.swap(tasks_);
  }

  // Runs what is due, and what that posts, until nothing is. Returns how many
  // tasks ran.
  int RunDue() {
    int ran = 0;
    while (true) {
      Task task;
      {
        MutexLock lock(&mu_);
        const auto first = tasks_.begin();
        if (first == tasks_.end() || first->first.first > clock_.Steady()) {
          return ran;
        }
        task = std::move(first->second);
        tasks_.erase(first);
      }
      task();
      ++ran;
    }
  }

  // Moves the clock forward, stopping at every task on the way to run it.
  void AdvanceBy(absl::Duration by) {
    const absl::Time end = clock_.Steady() + by;
    RunDue();
    while (true) {
      absl::Time next;
      {
        MutexLock lock(&mu_);
        if (tasks_.empty() || tasks_.begin()->first.first > end) break;
        next = tasks_.begin()->first.first;
      }
      if (next > clock_.Steady()) clock_.Advance(next - clock_.Steady());
      RunDue();
    }
    clock_.Advance(end - clock_.Steady());
  }

 private:
  FakeClock& clock_;
  Mutex mu_;
  bool shut_down_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::pair<absl::Time, uint64_t>, Task> tasks_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_MANUAL_EXECUTOR_H_
