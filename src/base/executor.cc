#include "base/executor.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"

namespace enrich {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// CondVar waits by the wall clock. Looking again this often bounds how late a
// timer can be when that clock is set back.
constexpr absl::Duration kLongestWait = absl::Seconds(1);

// Keeps the sum with the present within the clock's range.
constexpr absl::Duration kLongestDelay = absl::Hours(24 * 3650);

void SetThreadName(absl::string_view name) {
  // The kernel takes 15 characters.
  pthread_setname_np(pthread_self(), std::string(name.substr(0, 15)).c_str());
}

class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(absl::string_view name)
      : thread_([this, name = std::string(name)] {
          SetThreadName(name);
          Run();
        }) {}

  ~ThreadExecutor() override { Shutdown(); }

  void Shutdown() override {
    {
      MutexLock lock(&mu_);
      stopping_ = true;
    }
    work_.SignalAll();
    if (thread_.joinable()) thread_.join();
    DropQueued();
  }

  void Post(Task task) override {
    {
      MutexLock lock(&mu_);
      if (stopping_) return;
      ready_.push_back(std::move(task));
    }
    work_.Signal();
  }

  void PostAfter(absl::Duration delay, Task task) override {
    if (delay <= absl::ZeroDuration()) return Post(std::move(task));
    const SteadyTime due =
        std::chrono::steady_clock::now() +
        absl::ToChronoNanoseconds(std::min(delay, kLongestDelay));
    {
      MutexLock lock(&mu_);
      if (stopping_) return;
      timers_.emplace(std::pair(due, next_timer_++), std::move(task));
    }
    work_.Signal();
  }

 private:
  using Timers = std::map<std::pair<SteadyTime, uint64_t>, Task>;

  void Run() {
    Task task;
    while (Next(task)) {
      task();
      // Destroyed before the lock is taken again: its captures may post.
      task = nullptr;
    }
  }

  // Waits for a task to run. False when stopping.
  bool Next(Task& task) {
    MutexLock lock(&mu_);
    while (!stopping_) {
      QueueDueTimers();
      if (!ready_.empty()) {
        task = std::move(ready_.front());
        ready_.pop_front();
        return true;
      }
      WaitForWork();
    }
    return false;
  }

  void QueueDueTimers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (timers_.empty()) return;
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
      ready_.push_back(std::move(timers_.begin()->second));
      timers_.erase(timers_.begin());
    }
  }

  void WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (timers_.empty()) {
      work_.Wait(&mu_);
      return;
    }
    const absl::Duration left = absl::FromChrono(
        timers_.begin()->first.first - std::chrono::steady_clock::now());
    // Rounded up: waking a microsecond early would spin.
    work_.WaitFor(&mu_, std::clamp(left + absl::Microseconds(1),
                                   absl::ZeroDuration(), kLongestWait));
  }

  void DropQueued() {
    std::deque<Task> ready;
    Timers timers;
    MutexLock lock(&mu_);
    ready.swap(ready_);
    timers.swap(timers_);
    // `lock` goes first: the tasks are destroyed outside of it.
  }

  Mutex mu_;
  CondVar work_;
  std::deque<Task> ready_ ABSL_GUARDED_BY(mu_);
  Timers timers_ ABSL_GUARDED_BY(mu_);
  uint64_t next_timer_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  // Last: it uses the rest.
  std::thread thread_;
};

class FixedThreadPool final : public ThreadPool {
 public:
  FixedThreadPool(absl::string_view name, int threads) {
    threads_.reserve(threads);
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, name = absl::StrCat(name, "-", i)] {
        SetThreadName(name);
        Run();
      });
    }
  }

  ~FixedThreadPool() override {
    {
      MutexLock lock(&mu_);
      stopping_ = true;
    }
    work_.SignalAll();
    for (std::thread& thread : threads_) thread.join();
    DropQueued();
  }

  void Post(Task task) override {
    {
      MutexLock lock(&mu_);
      if (stopping_) return;
      ready_.push_back(std::move(task));
    }
    work_.Signal();
  }

 private:
  void Run() {
    Task task;
    while (Next(task)) {
      task();
      task = nullptr;
    }
  }

  bool Next(Task& task) {
    MutexLock lock(&mu_);
    while (!stopping_ && ready_.empty()) work_.Wait(&mu_);
    if (stopping_) return false;
    task = std::move(ready_.front());
    ready_.pop_front();
    return true;
  }

  void DropQueued() {
    std::deque<Task> ready;
    MutexLock lock(&mu_);
    ready.swap(ready_);
  }

  Mutex mu_;
  CondVar work_;
  std::deque<Task> ready_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Executor> NewThreadExecutor(absl::string_view thread_name) {
  return std::make_unique<ThreadExecutor>(thread_name);
}

std::unique_ptr<ThreadPool> NewThreadPool(absl::string_view name, int threads) {
  return std::make_unique<FixedThreadPool>(name, threads);
}

}  // namespace enrich
