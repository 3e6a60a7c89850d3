#include "cli/retry.h"

#include <algorithm>
#include <utility>

namespace enrich::cli {

absl::Duration Backoff::Next(Random& random) {
  const absl::Duration nominal = next_;
  next_ = std::min(2 * next_, max_);
  return nominal * (0.5 + 0.5 * random.Uniform());
}

void Patience::SignOfLife() {
  MutexLock lock(&mu_);
  since_ = clock_.Now();
  answered_ = true;
}

void Patience::Answered() {
  MutexLock lock(&mu_);
  answered_ = true;
}

bool Patience::Exhausted() const {
  MutexLock lock(&mu_);
  const absl::Duration limit =
      answered_ ? policy_.max_wait : policy_.max_first_wait;
  return clock_.Now() - since_ >= limit;
}

bool WaitUnlessStopped(absl::Duration duration, std::stop_token stop) {
  Mutex mu;
  CondVar changed;
  const std::stop_callback wake(stop, [&] {
    // Under the lock: the waiter is either before its check or in the wait.
    MutexLock lock(&mu);
    changed.SignalAll();
  });
  const absl::Time end = absl::Now() + duration;
  MutexLock lock(&mu);
  while (!stop.stop_requested()) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return true;
    changed.WaitFor(&mu, left);
  }
  return false;
}

}  // namespace enrich::cli
